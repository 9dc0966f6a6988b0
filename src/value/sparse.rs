//! A fixed number of zeros in every line of a matrix, at places of a permutation that is drawn for each line: whether an element is
//! zero can be told without looking at any other. Twin of `shaders/sparse.wgsl`.
//!
//! The permutation of 0..n is an alternating Feistel network of 24 rounds on the fewest bits that hold n − 1 (two at least), walked
//! until it comes back below n. Its round function mixes 32 bits (C. Wellons' `lowbias32`); its keys are the four words of a Philox
//! block of the line.

use super::word::{Purpose, block_words};

/// Rounds of the network. With eight, the sets of places of five rows are not equally likely (a test below sees it); many
/// are needed because halves of a bit or two mix slowly.
const ROUNDS: u32 = 24;
/// Makes the keys of rounds that share a word differ.
const WEYL: u32 = 0x9E37_79B9;

/// Which elements of a matrix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sparse {
    /// Length of the last axis, above 0.
    pub(crate) columns: u32,
    /// Elements of a line: rows if lines are columns, else columns. Below 2^31.
    pub(crate) length: u32,
    /// Zeros in each line.
    pub(crate) zeros: u32,
    /// Whether a line is a row and not a column.
    pub(crate) by_rows: bool,
}

impl Sparse {
    /// Whether an element is zero, by its place from the start of the matrix, which is element `origin` of its tensor.
    pub(crate) fn is_zero(&self, seed: u64, stream: u64, origin: u64, index: u64) -> bool {
        let columns = u64::from(self.columns);
        let (row, column) = (index / columns, index % columns);
        let (line, position) = if self.by_rows { (row, column) } else { (column, row) };
        let keys = block_words(seed, stream, Purpose::Auxiliary, (origin + line) & (u64::MAX >> 2));
        #[expect(clippy::cast_possible_truncation, reason = "positions are below the length")]
        let position = position as u32;
        permuted(position, self.length, keys) < self.zeros
    }
}

/// Where `position` is sent by the permutation of 0..`length` with these keys.
pub(crate) fn permuted(position: u32, length: u32, keys: [u32; 4]) -> u32 {
    let bits = (32 - length.saturating_sub(1).leading_zeros()).max(2);
    let low_bits = bits / 2;
    let (low_mask, high_mask) = ((1 << low_bits) - 1, (1 << (bits - low_bits)) - 1);
    // Walks from inside 0..length come back there; from outside they need not, so that nothing may begin there.
    let mut at = position % length;
    loop {
        let (mut low, mut high) = (at & low_mask, at >> low_bits);
        for round in 0..ROUNDS {
            let key = keys[(round & 3) as usize].wrapping_add(round.wrapping_mul(WEYL));
            if round % 2 == 0 {
                high ^= mix(low ^ key) & high_mask;
            } else {
                low ^= mix(high ^ key) & low_mask;
            }
        }
        at = high << low_bits | low;
        if at < length {
            return at;
        }
    }
}

const fn mix(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x21F0_AAAD);
    x ^= x >> 15;
    x = x.wrapping_mul(0x735A_2D97);
    x ^ (x >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::word::value_word;
    use statrs::distribution::{ChiSquared, ContinuousCDF};
    use std::collections::HashMap;

    /// Each set of places is as likely as any other, for all lines of some small lengths.
    #[test]
    fn zeros_are_at_uniform_places() {
        let keys = |line: u64| {
            let word = |n| value_word(99, 5, 4 * line + n);
            [word(0), word(1), word(2), word(3)]
        };
        for (length, zeros) in [(2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 2), (9, 4), (16, 2)] {
            let draws = 40_000;
            let mut counts: HashMap<u32, f64> = HashMap::new();
            for line in 0..draws {
                let set = (0..length).filter(|at| permuted(*at, length, keys(line)) < zeros).map(|at| 1 << at).sum();
                *counts.entry(set).or_default() += 1.0;
            }
            let sets = (0..zeros).fold(1.0, |sets, i| sets * f64::from(length - i) / f64::from(i + 1));
            let expected = draws as f64 / sets;
            let seen: f64 = counts.values().map(|count| (count - expected).powi(2) / expected).sum();
            let chi = seen + (sets - counts.len() as f64) * expected;
            let p = 1.0 - ChiSquared::new(sets - 1.0).expect("a law").cdf(chi);
            assert!(p > 1e-6, "{zeros} of {length}: chi² {chi} of {sets} sets, p {p}");
        }
    }

    #[test]
    fn every_permutation_is_one() {
        for length in (1..70).chain([127, 128, 129, 1000, 4096]) {
            let mut seen = vec![false; length as usize];
            for position in 0..length {
                let to = permuted(position, length, [1, 2, 3, length]) as usize;
                assert!(!seen[to], "{length}: {position} and another go to {to}");
                seen[to] = true;
            }
        }
    }
}
