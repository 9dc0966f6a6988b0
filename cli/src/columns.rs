//! Texts side by side: as many columns of a terminal as they are to have, whatever characters they are of.

use crate::terminal::Plain;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A cell: its text, the columns it has, and whether it stands at their right end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Left(&'a str, usize),
    Right(&'a str, usize),
}

/// Cells beside each other, two columns apart. One that is too long moves the others.
pub(crate) fn line(cells: &[Cell<'_>]) -> String {
    let pad = |cell: &Cell<'_>| match *cell {
        Cell::Left(text, columns) => format!("{text}{}", spaces(text, columns)),
        Cell::Right(text, columns) => format!("{}{text}", spaces(text, columns)),
    };
    let padded: Vec<_> = cells.iter().map(pad).collect();
    padded.join("  ").trim_end().to_owned()
}

fn spaces(text: &str, columns: usize) -> String {
    " ".repeat(columns.saturating_sub(text.width()))
}

/// Columns that the longest of some texts needs.
pub(crate) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// A name, as [`Plain`], in at most so many columns: `…` stands for its middle, since names of one model differ by their ends.
pub(crate) fn name(text: &str, most: usize) -> String {
    // Escapes are longer than what they stand for: so many characters are enough.
    let head: String = text.chars().take(most.saturating_add(1)).collect();
    let plain = Plain(&head).to_string();
    if head.len() == text.len() && plain.width() <= most {
        return plain;
    }
    let mut tail: Vec<char> = text.chars().rev().take(most).collect();
    tail.reverse();
    let tail = Plain(tail.into_iter().collect::<String>()).to_string();
    // Both the number of a layer, in front, and what it is of it, behind.
    let front = most.saturating_sub(1) * 2 / 5;
    let kept_front = within(plain.chars(), front);
    let kept_back = within(tail.chars().rev(), most.saturating_sub(1 + front));
    kept_front.into_iter().chain(['…']).chain(kept_back.into_iter().rev()).collect()
}

/// The first characters that have room in so many columns.
fn within(text: impl Iterator<Item = char>, columns: usize) -> Vec<char> {
    let mut left = columns;
    let fits = |character: &char| {
        let rest = left.checked_sub(character.width().unwrap_or(0));
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    text.take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_wide_as_they_look() {
        assert_eq!(line(&[Cell::Left("a", 3), Cell::Right("7", 3), Cell::Left("b", 9)]), "a      7  b");
        assert_eq!(line(&[Cell::Left("重み", 5), Cell::Left("x", 1)]), "重み   x");
        assert_eq!(widest(["ab", "重み", ""]), 4);
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        let long = "model.layers.11.self_attn.q_proj.weight";
        assert_eq!(name(long, 39), long);
        let short = name(long, 30);
        assert_eq!((short.as_str(), short.width()), ("model.layer…attn.q_proj.weight", 30));
        assert!(name(&"重".repeat(99), 10).width() <= 10);
        assert_eq!(name(&"\n".repeat(70_000), 9), r"\n\…n\n\n");
        assert_eq!(name("ab", 1), "…");
    }
}
