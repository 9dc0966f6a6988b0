//! Which of several processes one is, and which files are its own.

use crate::checkpoint::{Error, Result};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Which of how many processes that write one folder together. They need not know anything else of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rank {
    rank: u64,
    ranks: u64,
}

impl Rank {
    /// The only process.
    pub const ALONE: Self = Self { rank: 0, ranks: 1 };

    /// Process `rank`, counted from 0, of `ranks`.
    ///
    /// # Errors
    /// [`Error::NoSuchRank`].
    pub const fn new(rank: u64, ranks: u64) -> Result<Self> {
        if rank < ranks { Ok(Self { rank, ranks }) } else { Err(Error::NoSuchRank { rank, ranks }) }
    }

    /// Counted from 0.
    #[must_use]
    pub const fn rank(self) -> u64 {
        self.rank
    }

    /// How many there are.
    #[must_use]
    pub const fn ranks(self) -> u64 {
        self.ranks
    }

    /// Its own of so many pieces of work of these sizes, by position: none of the ranks has more than the mean and one of them.
    #[must_use]
    pub fn shares(self, sizes: &[u64]) -> Vec<usize> {
        let of = balanced(sizes, self.ranks).into_iter().enumerate();
        of.filter(|(_, rank)| *rank == self.rank).map(|(at, _)| at).collect()
    }
}

/// The rank of each of some files: the largest file first, each to the rank that has least so far, and to the first of several such. No
/// rank has more than the mean and one file.
pub(super) fn balanced(sizes: &[u64], ranks: u64) -> Vec<u64> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    // Stable: equal files in their order.
    order.sort_by_key(|file| Reverse(sizes[*file]));
    // Ranks behind the number of files have none.
    let mut loads: BinaryHeap<_> = (0..ranks.min(sizes.len() as u64)).map(|rank| Reverse((0u64, rank))).collect();
    let mut of = vec![0; sizes.len()];
    for file in order {
        let Some(mut least) = loads.peek_mut() else { break };
        let Reverse((load, rank)) = *least;
        of[file] = rank;
        *least = Reverse((load.saturating_add(sizes[file]), rank));
    }
    of
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::{Rank, balanced};
    use crate::checkpoint::Error;

    #[test]
    fn a_rank_is_one_of_them() {
        let rank = Rank::new(2, 3).unwrap();
        assert_eq!((rank.rank(), rank.ranks()), (2, 3));
        for (rank, ranks) in [(3, 3), (0, 0)] {
            let error = Rank::new(rank, ranks).unwrap_err();
            assert!(matches!(error, Error::NoSuchRank { .. }), "{error}");
        }
    }

    #[test]
    fn no_rank_has_more_than_the_mean_and_one_file() {
        assert_eq!(balanced(&[5, 5, 5, 1], 3), [0, 1, 2, 0]);
        assert_eq!(balanced(&[1, 9, 4, 4], 2), [1, 0, 1, 1]);
        assert_eq!(balanced(&[7, 0], 4), [0, 1]);
        assert_eq!(balanced(&[], 4), [0; 0]);
        let sizes: Vec<u64> = (0..1000).map(|file| 1 + file * 7919 % 1013).collect();
        let total: u64 = sizes.iter().sum();
        for ranks in [1, 2, 7, 64, 999, 1000, 5000] {
            let of = balanced(&sizes, ranks);
            let mut loads = vec![0; usize::try_from(ranks).unwrap()];
            of.iter().zip(&sizes).for_each(|(rank, size)| loads[usize::try_from(*rank).unwrap()] += size);
            let most = loads.iter().max().unwrap();
            assert!(*most <= total / ranks + 1013, "{ranks} ranks: {most}");
            assert_eq!(loads.iter().sum::<u64>(), total);
        }
    }
}
