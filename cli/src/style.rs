//! Colours, where a terminal wants them: not in pipes and files, and not where `NO_COLOR`, `CLICOLOR=0` or `TERM=dumb` ask for none.

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display};
use std::io;
use std::sync::LazyLock;

pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const NOTE: Style = AnsiColor::Cyan.on_default().bold();
/// What stands beside what matters.
pub(crate) const ASIDE: Style = Style::new().dimmed();
pub(crate) const BARS: Style = AnsiColor::Cyan.on_default();

static STDOUT: LazyLock<bool> = LazyLock::new(|| wants(io::stdout()));
static STDERR: LazyLock<bool> = LazyLock::new(|| wants(io::stderr()));

fn wants(stream: impl RawStream) -> bool {
    // Also asks a Windows console to read escape sequences, and says no where it does not.
    AutoStream::auto(stream).current_choice() == ColorChoice::AlwaysAnsi
}

/// A text in a style.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Styled<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Both are empty for the plain style.
        write!(f, "{}{}{}", self.style.render(), self.text, self.style.render_reset())
    }
}

/// For the standard output.
pub(crate) fn out<T: Display>(style: Style, text: T) -> Styled<T> {
    Styled { style: if *STDOUT { style } else { Style::new() }, text }
}

/// For standard error.
pub(crate) fn err<T: Display>(style: Style, text: T) -> Styled<T> {
    Styled { style: if *STDERR { style } else { Style::new() }, text }
}
