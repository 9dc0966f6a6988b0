//! How a stretch of a tensor is seen as rows and columns.

use super::sample::{BLOCK, DEPTH};

/// Columns that are kept apart; a matrix with more has its columns not looked at.
pub(super) const MOST_COLUMNS: u64 = 1 << 16;
/// Stretches of rows whose mean and variance are kept apart.
pub(super) const MOST_GROUPS: u64 = 256;
/// Rows that are told apart by their beginning; of more, several count as one.
const MOST_ROWS: u64 = 1 << 22;

/// Elements that are enough to compare distributions by: at least so many are counted by bins.
const ENOUGH: u64 = 1 << 21;
/// Of a stretch of many more, one block of so many is counted.
const LEAST_SHARE: u64 = 8;

/// How a stretch is seen as rows and columns: a row is what the trailing axes hold that make at most [`MOST_COLUMNS`] elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Elements of the stretch.
    pub(super) elements: u64,
    /// Elements of a row; of a stretch without rows all of them, or pieces of it.
    pub(super) columns: u64,
    /// Whether columns mean anything.
    pub(super) is_matrix: bool,
}

impl Grid {
    /// Of a part of a tensor with these sizes.
    pub(super) fn new(dims: &[u64], elements: u64) -> Self {
        let mut columns = 1u64;
        for size in dims.iter().skip(1).rev() {
            match columns.checked_mul(*size) {
                Some(more) if more <= MOST_COLUMNS => columns = more,
                _ => break,
            }
        }
        if columns >= 2 && elements.is_multiple_of(columns) && elements / columns >= 2 {
            return Self { elements, columns, is_matrix: true };
        }
        Self { elements, columns: elements.clamp(1, BLOCK as u64), is_matrix: false }
    }

    pub(super) const fn rows(&self) -> u64 {
        self.elements.div_ceil(self.columns)
    }

    /// One of so many elements is counted by bins, which takes longer than all else that is done with an element.
    pub(super) fn share(&self) -> u64 {
        (self.elements / ENOUGH).clamp(1, LEAST_SHARE)
    }

    pub(super) fn groups(&self) -> u64 {
        self.rows().clamp(1, MOST_GROUPS)
    }

    /// Rows that are known again together.
    pub(super) fn unit(&self) -> u64 {
        // A few elements may well be alike.
        16u64.div_ceil(self.columns).max(self.rows().div_ceil(MOST_ROWS)).max(1)
    }

    /// Rows after which a piece of work may end: rows that are known again together must not be cut, and the first ones neither.
    pub(super) fn step(&self) -> u64 {
        self.unit() / gcd(self.unit(), DEPTH) * DEPTH
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
