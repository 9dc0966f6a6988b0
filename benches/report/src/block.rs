//! A generated part of a file that a person writes.

use anyhow::{Result, ensure};

/// The lines around it. HTML comments: invisible on a page, and in the crate's documentation.
pub(crate) struct Block {
    pub(crate) begin: &'static str,
    pub(crate) end: &'static str,
}

impl Block {
    /// The file with another content between the two lines.
    pub(crate) fn replace(&self, file: &str, content: &str) -> Result<String> {
        let Self { begin, end } = self;
        ensure!(file.matches(begin).count() == 1, "the line {begin:?} must stand in the file once");
        ensure!(file.matches(end).count() == 1, "the line {end:?} must stand in the file once");
        let parts = file.split_once(begin).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
        let Some((before, after)) = parts else { anyhow::bail!("{end:?} must stand behind {begin:?}") };
        Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", content.trim()))
    }
}

#[cfg(test)]
mod tests {
    use super::Block;

    const BLOCK: Block = Block { begin: "<!-- a -->", end: "<!-- b -->" };

    #[test]
    fn only_what_is_between_changes() {
        let file = "x\n<!-- a -->\nold\n<!-- b -->\ny\n";
        let new = "x\n<!-- a -->\n\nnew\n\n<!-- b -->\ny\n";
        assert_eq!(BLOCK.replace(file, "new\n").ok().as_deref(), Some(new));
        assert_eq!(BLOCK.replace(new, "new").ok().as_deref(), Some(new), "once more changes nothing");
    }

    #[test]
    fn lost_or_doubled_lines_are_errors() {
        for file in ["", "<!-- a -->", "<!-- b --><!-- a -->", "<!-- a --><!-- a --><!-- b -->"] {
            assert!(BLOCK.replace(file, "new").is_err(), "{file}");
        }
    }
}
