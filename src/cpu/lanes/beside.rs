//! Work for the parts of a core that the rounds of Philox leave idle.

use core::ops::Range;

/// What is done beside the rounds: loads, say, where they multiply vectors. A core looks only some hundred instructions ahead, so that
/// the two have to stand next to each other.
pub(super) trait Beside {
    /// For these numbers of a batch.
    fn part(&mut self, part: Range<usize>);
}

/// Nothing.
pub(super) struct Alone;

impl Beside for Alone {
    #[inline(always)]
    fn part(&mut self, _: Range<usize>) {}
}
