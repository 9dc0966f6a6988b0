//! Names in the order in which people count: `h.2` before `h.10`.

use std::cmp::Ordering;

/// Numbers inside of names are compared as numbers, everything else as text.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let by_pieces = pieces(a).cmp(pieces(b));
    // `h.01` and `h.1` are two names.
    by_pieces.then_with(|| a.cmp(b))
}

/// A stretch of digits, of whatever length, or of anything else. Numbers come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Piece<'a> {
    /// How many digits there are without the zeros in front, and they: the longer number is the greater one.
    Number(usize, &'a str),
    Text(&'a str),
}

fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let is_number = rest.starts_with(|first: char| first.is_ascii_digit());
        let end = rest.find(|next: char| next.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        let digits = piece.trim_start_matches('0');
        let number = is_number.then_some(Piece::Number(digits.len(), digits));
        (!piece.is_empty()).then(|| number.unwrap_or(Piece::Text(piece)))
    })
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn numbers_count() {
        let sorted = [
            "",
            "h.0.w",
            "h.1.attn",
            "h.01.w",
            "h.1.w",
            "h.2.w",
            "h.10.w",
            "h.99999999999999999999998.w",
            "h.99999999999999999999999.w",
            "h.w",
            "wte",
            "重み2",
            "重み10",
        ];
        let mut shuffled = sorted;
        shuffled.reverse();
        shuffled.sort_by(|a, b| compare(a, b));
        assert_eq!(shuffled, sorted);
    }
}
