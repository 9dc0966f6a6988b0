//! `SLICES` and `AXIS:RANK/RANKS`: what a file holds of a tensor, for any shape that this may have.

use crate::part::{Slices, parse_slices};
use anyhow::{Context, Result};
use wgpu_init::{Shape, View};

/// A part of each tensor that a pattern is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Slices(Slices),
    /// Several of them cut a tensor for a mesh of devices.
    Axes(Vec<AxisShard>),
}

impl Cut {
    /// The box of a tensor of this shape.
    pub(crate) fn view(&self, shape: &Shape) -> Result<View> {
        match self {
            Self::Slices(slices) => slices.view(shape),
            Self::Axes(axes) => axes.iter().try_fold(View::new(shape), |view, shard| {
                Ok(view.shard(shard.axis(shape)?, shard.rank, shard.ranks)?)
            }),
        }
    }
}

/// `AXIS:RANK/RANKS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AxisShard {
    /// Below zero: counted from behind the last one, as in PyTorch.
    axis: i64,
    rank: u64,
    ranks: u64,
}

impl AxisShard {
    fn axis(self, shape: &Shape) -> Result<usize> {
        let rank = shape.dims().len();
        let from_end = |back: u64| usize::try_from(back).ok().and_then(|back| rank.checked_sub(back));
        let axis = if self.axis < 0 { from_end(self.axis.unsigned_abs()) } else { usize::try_from(self.axis).ok() };
        let first =
            if rank == 0 { "a scalar has no axes".to_owned() } else { format!("the first one is axis -{rank}") };
        axis.with_context(|| format!("axis {} of a tensor of rank {rank}: {first}", self.axis))
    }
}

pub(crate) fn parse_part(text: &str) -> Result<Cut, String> {
    parse_slices(text).map(Cut::Slices)
}

pub(crate) fn parse_shard(text: &str) -> Result<Cut, String> {
    text.split(',').map(|axis| parse_axis(axis.trim())).collect::<Result<_, _>>().map(Cut::Axes)
}

fn parse_axis(text: &str) -> Result<AxisShard, String> {
    let parts = || {
        let (axis, shard) = text.split_once(':')?;
        let (rank, ranks) = shard.split_once('/')?;
        let (axis, rank, ranks) = (axis.trim().parse().ok()?, rank.trim().parse().ok()?, ranks.trim().parse().ok()?);
        Some(AxisShard { axis, rank, ranks })
    };
    parts().ok_or_else(|| {
        format!("{text:?} is no shard; write AXIS:RANK/RANKS, counted from 0, e.g. 1:0/4 for the first of four along axis 1, -1:0/4 along the last axis")
    })
}

#[cfg(test)]
mod tests {
    use super::{AxisShard, Cut, parse_part, parse_shard};
    use wgpu_init::Shape;

    #[test]
    fn shards_are_read() {
        let cut = parse_shard(" 1:0/4, 0:2/3").expect("a shard");
        let [first, second] = [(1, 0, 4), (0, 2, 3)].map(|(axis, rank, ranks)| AxisShard { axis, rank, ranks });
        assert_eq!(cut, Cut::Axes(vec![first, second]));
        let view = cut.view(&Shape::new([7, 8]).expect("a shape")).expect("a view");
        assert_eq!(view.ranges(), [6..7, 0..2]);
    }

    #[test]
    fn what_is_no_shard_says_what_to_write() {
        for text in ["", "1", "1:2", "0:1/", "--1:0/2", "0:0/2,", "a:0/2", "0:0.5/2"] {
            let error = parse_shard(text).expect_err(text);
            assert!(error.contains("write AXIS:RANK/RANKS"), "{text}: {error}");
        }
        assert!(parse_part("::2").expect_err("a step").contains("has a step"));
    }
}
