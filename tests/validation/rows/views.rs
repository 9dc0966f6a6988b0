//! Boxes that a tensor does not have, and memory that cannot hold one.

use super::Row;
use wgpu_init::{CpuExecutor, Fill, Initializer, Result, Shape, View};

fn view(dims: &[u64]) -> Result<View> {
    Ok(View::new(&Shape::new(dims)?))
}

/// Fills the view of a tensor of so many elements.
fn fill(elements: u64, view: View) -> Result<()> {
    let fill = Fill::new(Shape::new([elements])?, Initializer::zeros())?;
    CpuExecutor::new().run([(&mut [0u8; 4096], fill.view(view))])
}

pub(super) fn views() -> Vec<Row> {
    type Case = (&'static str, &'static str, &'static str, fn() -> Result<()>);
    let cases: [Case; 21] = [
        ("an axis that there is not", "NoSuchAxis", "axis 2 of a tensor of rank 2: axes are 0 to 1", || {
            view(&[4, 8])?.part(2, 0..1).map(drop)
        }),
        ("an axis of a scalar", "NoSuchAxis", "a scalar has no axes", || view(&[])?.shard(0, 0, 1).map(drop)),
        (
            "a part past the end",
            "PartOutOfBounds",
            "positions 3..9 of axis 1: they must be in order and inside 0..8",
            || view(&[4, 8])?.part(1, 3..9).map(drop),
        ),
        ("a part of a part", "PartOutOfBounds", "inside 0..4", || {
            view(&[4, 8])?.part(1, 4..8)?.part(1, 0..5).map(drop)
        }),
        ("a part backwards", "PartOutOfBounds", "positions 3..2", || {
            #[expect(clippy::reversed_empty_ranges, reason = "what is refused")]
            view(&[4, 8])?.part(0, 3..2).map(drop)
        }),
        ("one shard too many", "NoSuchShard", "shard 4 of 4", || view(&[4])?.shard(0, 4, 4).map(drop)),
        ("no shards", "NoSuchShard", "one shard at least", || view(&[4])?.shard_balanced(0, 0, 0).map(drop)),
        ("a stretch of padded rows", "NotPacked", "only packed views are cut into stretches", || {
            view(&[4, 8])?.pitch(9).window(0..3).map(drop)
        }),
        ("an axis twice", "NotAPermutation", "the order [0, 0] of a tensor of rank 2", || {
            view(&[4, 8])?.permuted([0, 0]).map(drop)
        }),
        ("an axis left out", "NotAPermutation", "each axis from 0 on", || view(&[4, 8])?.permuted([1]).map(drop)),
        ("rows inside each other", "PitchTooSmall", "a pitch of 7 elements: rows have 8", || {
            fill(32, view(&[4, 8])?.pitch(7))
        }),
        ("a stride too few", "StridesNeedRank", "1 strides for a tensor of rank 2", || {
            view(&[4, 8])?.strides([1]).map(drop)
        }),
        ("a broadcast axis", "UnsuitableStrides", "the strides [0, 1] for a box of [4, 8]", || {
            fill(32, view(&[4, 8])?.strides([0, 1])?)
        }),
        ("a reversed axis", "UnsuitableStrides", "[8, -1]", || fill(32, view(&[4, 8])?.strides([8, -1])?)),
        ("overlapping rows", "UnsuitableStrides", "above zero", || fill(32, view(&[4, 8])?.strides([7, 1])?)),
        ("rows between each other's elements", "UnsuitableStrides", "spans", || {
            fill(6, view(&[3, 2])?.strides([2, 3])?)
        }),
        ("another tensor's view", "OtherTensor", "of a tensor of 32 elements, the fill of one of 31", || {
            fill(31, view(&[4, 8])?)
        }),
        ("an end past 2^64", "OffsetOverflow", "end past 2^64", || fill(32, view(&[4, 8])?.strides([i64::MAX, 1])?)),
        (
            "a view past its target",
            "TargetTooSmall",
            "bytes 0..8096 are to be written, the target has 4096 bytes",
            || fill(32, view(&[4, 8])?.pitch(672)).and_then(|()| fill(32, view(&[4, 8])?.pitch(677))),
        ),
        ("a view over another", "Overlap", "fills 0 and 1 both write bytes 12..13", || {
            let fill = Fill::new(Shape::new([4, 8])?, Initializer::zeros())?;
            let columns = |columns| Ok(fill.clone().view(view(&[4, 8])?.part(1, columns)?.strides([8, 1])?));
            CpuExecutor::new().run_in(&mut [0u8; 128], [columns(0..4)?, columns(4..8)?.at(12)])
        }),
        ("a stretch inside a view", "Overlap", "fills 0 and 1 both write", || {
            let fill = Fill::new(Shape::new([4, 8])?, Initializer::zeros())?;
            let column = fill.clone().view(view(&[4, 8])?.part(1, 0..1)?.strides([8, 1])?);
            CpuExecutor::new().run_in(&mut [0u8; 128], [column, fill.elements(0..9).at(60)])
        }),
    ];
    cases.into_iter().map(|(name, variant, says, bad)| Row::call(name, variant, says, bad)).collect()
}
