//! Ones at fixed places: identity matrices and convolutions that pass their input through. Twin of `shaders/fill_delta.wgsl`.

/// Where the ones of a tensor are. Seen as rows of `inner` elements, row r has one at (r mod `period`)·`stride` + `centre` if
/// r mod `period` is below `limit`, else none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    /// Elements of a row, above 0.
    pub(crate) inner: u32,
    /// Rows after which the pattern starts again, above 0.
    pub(crate) period: u32,
    /// Rows of a period that have a one.
    pub(crate) limit: u32,
    /// Distance from one row's one to the next row's.
    pub(crate) stride: u32,
    /// Place of the first row's.
    pub(crate) centre: u32,
}

impl Delta {
    /// Whether the element at this place is a one.
    #[inline]
    pub(crate) fn is_one(&self, index: u64) -> bool {
        let inner = u64::from(self.inner);
        let row = (index / inner) % u64::from(self.period);
        row < u64::from(self.limit) && index % inner == row * u64::from(self.stride) + u64::from(self.centre)
    }
}
