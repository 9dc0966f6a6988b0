//! How large rules may be, and how much work they may make.
//!
//! Rules files come from elsewhere. Without bounds a small file can ask for hours, or for more stack or memory than there is.

use core::cell::Cell;

/// Bytes of a file.
pub(super) const MOST_BYTES: usize = 1 << 20;
/// Rules of a file.
pub(super) const MOST_RULES: usize = 4096;
/// Variables of a file.
pub(super) const MOST_VARIABLES: usize = 16_384;
/// Globs and regexes of a file; a large regex is as many as it takes longer to compile.
pub(super) const MOST_PATTERNS: usize = 16_384;
/// Globs of one list, and parts of one rule.
pub(super) const MOST_LISTED: usize = 1024;
/// Bytes of one pattern, expression, initializer or template.
pub(super) const MOST_TEXT: usize = 4096;
/// Bytes of a name that a template makes.
pub(super) const MOST_EXPANDED: usize = 1 << 16;
/// About a nanosecond each: 45,000 parameters and a hundred rules need half of them.
const MOST_STEPS: u64 = 2_000_000_000;

/// Whether a text of a rule is short enough.
pub(super) fn short(what: &str, text: &str) -> Result<(), String> {
    few(what, "bytes", text.len(), MOST_TEXT)
}

/// Whether there are few enough of something.
pub(super) fn few(what: &str, unit: &str, count: usize, most: usize) -> Result<(), String> {
    if count <= most { Ok(()) } else { Err(format!("{what} has {count} {unit}, at most {most} are read")) }
}

/// What is left of the work that one assignment may make.
#[derive(Debug)]
pub(super) struct Work(Cell<u64>);

impl Work {
    pub(super) const fn new() -> Self {
        Self(Cell::new(MOST_STEPS))
    }

    /// Takes the steps of something that is about to be done.
    pub(super) fn spend(&self, steps: usize) -> Result<(), String> {
        let left = self.0.get().checked_sub(steps as u64).filter(|left| *left > 0).ok_or_else(|| {
            self.0.set(0);
            format!(
                "matching these parameters takes more than {MOST_STEPS} steps: write fewer, shorter or simpler rules and \
                 variables, or assign the model in several lists"
            )
        })?;
        self.0.set(left);
        Ok(())
    }
}
