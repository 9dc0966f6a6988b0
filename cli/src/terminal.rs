//! Standard output and standard error: nothing panics there, and nothing of a file's reaches a terminal as a control sequence.

use crate::style;
use std::fmt::{self, Display, Write as _};
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether who read our standard output has stopped, as `head` does: no error.
static READER_IS_GONE: AtomicBool = AtomicBool::new(false);

pub(crate) fn reader_is_gone() -> bool {
    READER_IS_GONE.load(Ordering::SeqCst)
}

/// Standard output.
#[derive(Debug)]
pub(crate) struct Stdout {
    out: io::Stdout,
    /// Whether its reader may leave when it has read enough.
    is_text: bool,
}

impl Stdout {
    /// For a file: a reader that leaves has got half of it.
    pub(crate) fn for_a_file() -> Self {
        Self { out: io::stdout(), is_text: false }
    }

    fn noted<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            if self.is_text && error.kind() == io::ErrorKind::BrokenPipe {
                READER_IS_GONE.store(true, Ordering::SeqCst);
            }
            io::Error::new(error.kind(), format!("cannot write to the standard output: {error}"))
        })
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.out.write(bytes);
        self.noted(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.out.flush();
        self.noted(result)
    }
}

/// Standard output with a buffer; who writes to it flushes it, or an error at the end is lost.
pub(crate) fn stdout() -> BufWriter<Stdout> {
    BufWriter::new(Stdout { out: io::stdout(), is_text: true })
}

/// One text on standard output.
pub(crate) fn print(text: impl Display) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "{text}")?;
    out.flush()
}

/// A line on standard error, after `error`, `warning` or `note`. Nobody may be left to read it.
pub(crate) fn say(kind: &str, text: impl Display) {
    let style = match kind {
        "error" => style::BAD,
        "warning" => style::WARNING,
        _ => style::NOTE,
    };
    let _ = writeln!(io::stderr(), "{} {}", style::err(style, format_args!("{kind}:")), Message(text));
}

/// Text that anybody may have written (a name, metadata, a path), for a terminal: what is no visible character is escaped as in Rust.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain<T>(pub(crate) T);

impl<T: Display> Display for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaper { out: f, lines: false, left: usize::MAX }, "{}", self.0)
    }
}

/// Our own message, with text of others in it: as [`Plain`], but it may have several lines. The later ones are indented, so that none
/// looks like another message.
struct Message<T>(T);

impl<T: Display> Display for Message<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut escaper = Escaper { out: f, lines: true, left: MOST };
        let written = write!(escaper, "{}", self.0);
        // What is over ends the writing by an error of its own.
        if escaper.left == 0 { f.write_char('…') } else { written }
    }
}

struct Escaper<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    lines: bool,
    /// Characters that may come.
    left: usize,
}

/// Characters of a message: what it quotes may be as long as a file.
const MOST: usize = 8192;

impl fmt::Write for Escaper<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.left = self.left.checked_sub(1).filter(|left| *left > 0).ok_or_else(|| {
                self.left = 0;
                fmt::Error
            })?;
            if character == '\n' && self.lines {
                self.out.write_str("\n  | ")?;
            } else if is_visible(character) {
                self.out.write_char(character)?;
            } else {
                write!(self.out, "{}", character.escape_default())?;
            }
        }
        Ok(())
    }
}

/// Neither a control character nor one that turns, hides or joins what stands beside it.
fn is_visible(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The beginning of a text, as [`Plain`], in at most `most` characters; `…` stands for the rest.
pub(crate) fn short(text: &str, most: usize) -> String {
    // Escapes are longer than what they stand for: so much is enough.
    let head: String = text.chars().take(most.saturating_add(1)).collect();
    let plain = Plain(&head).to_string();
    if head.len() == text.len() && plain.chars().count() <= most {
        return plain;
    }
    plain.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_visible_is_escaped() {
        let hostile = "a\u{1b}[2Jb\r\nerror: c\u{202e}\u{7f}\u{85}é日";
        assert_eq!(Plain(hostile).to_string(), r"a\u{1b}[2Jb\r\nerror: c\u{202e}\u{7f}\u{85}é日");
        assert_eq!(Message("a".repeat(9000)).to_string(), "a".repeat(MOST - 1) + "…");
        assert_eq!(Message(hostile).to_string(), "a\\u{1b}[2Jb\\r\n  | error: c\\u{202e}\\u{7f}\\u{85}é日");
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(short("wte.weight", 10), "wte.weight");
        assert_eq!(short("wte.weights", 10), "wte.weigh…");
        assert_eq!(short(&"\n".repeat(70_000), 7), r"\n\n\n…");
    }
}
