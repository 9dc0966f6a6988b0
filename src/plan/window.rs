//! Windows: stretches of a buffer that one binding can hold. Integers only.

use core::ops::Range;

/// A group of 16 bytes is the unit of the fills' interiors.
pub(super) const GROUP: u64 = 16;

/// Stretches of a buffer, each with what is to be done there.
pub(super) type Pieces<T> = Vec<(Range<u64>, T)>;
/// A stretch of a buffer, and the pieces of work inside it.
pub(super) type Window<T> = (Range<u64>, Pieces<T>);

/// Cuts sorted, disjoint byte ranges into pieces and packs the pieces greedily into windows.
///
/// A window starts at a multiple of `alignment` (itself a multiple of 16), spans at most `most` bytes (a multiple of 16) and
/// ends with its last piece; cuts fall on multiples of 16 bytes.
pub(super) fn pack<T>(pieces: impl IntoIterator<Item = (Range<u64>, T)>, alignment: u64, most: u64) -> Vec<Window<T>>
where
    T: Clone,
{
    let mut windows: Vec<Window<T>> = Vec::new();
    for (mut range, payload) in pieces {
        while !range.is_empty() {
            let open = windows.last_mut().filter(|(window, _)| range.start < window.start + most);
            let (window, contents) = match open {
                Some(open) => open,
                None => {
                    let start = range.start / alignment * alignment;
                    windows.push((start..start, Vec::new()));
                    continue;
                }
            };
            let cut = range.end.min(window.start + most);
            window.end = cut;
            contents.push((range.start..cut, payload.clone()));
            range.start = cut;
        }
    }
    windows
}

/// Splits a fill's bytes into head, interior and tail: the interior is whole aligned groups, head and tail are shorter
/// than a group; without an interior everything (shorter than two groups) is head.
pub(super) fn split(bytes: &Range<u64>) -> (Range<u64>, Range<u64>, Range<u64>) {
    let first = bytes.start.next_multiple_of(GROUP);
    let last = bytes.end / GROUP * GROUP;
    if first < last { (bytes.start..first, first..last, last..bytes.end) } else { (bytes.clone(), 0..0, 0..0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_keeps_every_byte_once() {
        for start in 0..40 {
            for end in start..80 {
                let (head, interior, tail) = split(&(start..end));
                let mut bytes: Vec<u64> = head.clone().chain(interior.clone()).chain(tail.clone()).collect();
                bytes.sort_unstable();
                assert_eq!(bytes, (start..end).collect::<Vec<_>>(), "{start}..{end}");
                assert!(interior.start % 16 == 0 && interior.end % 16 == 0, "{start}..{end}: {interior:?}");
                assert!(head.end - head.start < 32 && tail.end - tail.start < 16, "{start}..{end}: {head:?} {tail:?}");
            }
        }
    }

    #[test]
    fn windows_hold_every_piece_once_and_respect_the_limit() {
        let pieces = [(16..48, 'a'), (64..65_536, 'b'), (65_536..65_552, 'c'), (1 << 33..(1 << 33) + 4096, 'd')];
        for most in [256, 272, 512, 4096, 1 << 20, 1 << 40] {
            let windows = pack(pieces.clone(), 256, most);
            let mut seen = Vec::new();
            for (window, contents) in &windows {
                assert!(window.start % 256 == 0 && window.end - window.start <= most, "{most}: {window:?}");
                for (piece, payload) in contents {
                    assert!(window.start <= piece.start && piece.end <= window.end, "{most}: {piece:?} of {window:?}");
                    assert!(piece.start % 16 == 0 && piece.end % 16 == 0, "{most}: {piece:?}");
                    seen.push((piece.clone(), *payload));
                }
            }
            for (whole, payload) in &pieces {
                let mut at = whole.start;
                for (piece, _) in seen.iter().filter(|(_, p)| p == payload) {
                    assert_eq!(piece.start, at, "{most}: {payload}");
                    at = piece.end;
                }
                assert_eq!(at, whole.end, "{most}: {payload}");
            }
        }
    }
}
