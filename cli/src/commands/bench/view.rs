//! Views beside a stretch of as many elements: shards of rows and of columns, a pitch, transposed and permuted tensors; and what
//! recording costs: of stretches, of views, and of stretches in a buffer each.

use super::clock::Clock;
use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use anyhow::Result;
use std::time::Duration;
use wgpu_init::{DType, Fill, GpuExecutor, Result as Filled, Seed, Shape, View, wgpu};

/// Of a stretch of f32. With gaps between the rows a view takes up to twice as many.
pub(super) const BYTES: u64 = 64 << 20;
/// Tensors of one recording, and of one in which each has a buffer of its own.
const RECORDED: [usize; 2] = [4096, 1000];

fn fill(dims: &[u64], dtype: DType, view: impl FnOnce(View) -> Filled<View>) -> Filled<Fill> {
    let shape = Shape::new(dims)?;
    let fill = Fill::new(shape.clone(), Law::Normal.initializer())?.named(Seed::new(42), "weight").dtype(dtype);
    Ok(fill.view(view(View::new(&shape))?))
}

/// The first is what the others are compared with.
fn cases(elements: u64, dtype: DType) -> Filled<Vec<(&'static str, Fill)>> {
    let rows = elements / 256;
    let side = elements.isqrt();
    let square = [side, side];
    let kernel = [side / 8, side / 8, 8, 8];
    Ok(vec![
        ("a stretch", fill(&square, dtype, Ok)?),
        ("a shard of rows", fill(&[4 * side, side], dtype, |view| view.shard(0, 1, 4))?),
        ("a shard of columns, 256 of 8192", fill(&[rows, 8192], dtype, |view| view.shard(1, 3, 32))?),
        ("the same, in rows of 256 + 16", fill(&[rows, 8192], dtype, |view| Ok(view.shard(1, 3, 32)?.pitch(272)))?),
        ("256 of 8191 columns, from an odd one on", fill(&[rows, 8191], dtype, |view| view.part(1, 301..557))?),
        ("1023 of 4096 columns", fill(&[elements / 1023, 4096], dtype, |view| view.part(1, 1024..2047))?),
        ("a matrix in rows of one more, + 16", fill(&square, dtype, |view| Ok(view.pitch(side + 16)))?),
        ("a matrix in rows of one more, + 1", fill(&square, dtype, |view| Ok(view.pitch(side + 1)))?),
        ("a transposed matrix", fill(&square, dtype, |view| view.permuted([1, 0]))?),
        ("[out, in, 8, 8] as [8, 8, in, out]", fill(&kernel, dtype, |view| view.permuted([2, 3, 1, 0]))?),
        ("[out, in, 8, 8] as [out, 8, 8, in]", fill(&kernel, dtype, |view| view.permuted([0, 2, 3, 1]))?),
    ])
}

/// In turn, in a dtype of 32 bits and in one of 16: as many elements as f32 has in these bytes.
pub(super) fn rows(rows: &mut Rows<'_>, bytes: u64, mut fill: impl FnMut(&[Fill]) -> Result<Duration>) -> Result<()> {
    for dtype in [DType::F32, DType::Bf16] {
        let elements = bytes / DType::F32.size();
        let task = |(name, fill): (&str, Fill)| {
            let task = Task::new(Work::View, Timing::Warm, Law::Normal, dtype, elements * dtype.size());
            (task.detail(name), [fill])
        };
        rows.in_turn(cases(elements, dtype)?.into_iter().map(task).collect(), |one| fill(one))?;
    }
    Ok(())
}

/// The host's times to record many stretches, views, and stretches in a buffer each, as engines without an arena keep them.
pub(super) fn recordings(rows: &mut Rows<'_>, executor: &GpuExecutor, clock: &Clock) -> Result<()> {
    let [all, apart] = RECORDED;
    let dims = [64, 128];
    let size = 4 * 64 * 128;
    let arena = clock.storage(all as u64 * size);
    let own: Vec<_> = (0..apart).map(|_| clock.storage(size)).collect();
    let placed = |fill: &Fill| (0..all as u64).map(|number| (&arena, fill.clone().at(number * size))).collect();
    let stretch = fill(&dims, DType::F32, Ok)?;
    let view = fill(&[64, 256], DType::F32, |view| view.shard(1, 1, 2))?;
    let works: [(&str, Vec<(&wgpu::Buffer, Fill)>); 3] = [
        ("stretches", placed(&stretch)),
        ("views", placed(&view)),
        ("stretches in a buffer each", own.iter().map(|buffer| (buffer, stretch.clone())).collect()),
    ];
    let task = |(name, fills): (&str, Vec<_>)| {
        let task = Task::new(Work::Record, Timing::Recording, Law::Normal, DType::F32, fills.len() as u64 * size);
        (task.tensors(fills.len()).detail(name), fills)
    };
    rows.in_turn(works.into_iter().map(task).collect(), |fills| {
        let fills = fills.iter().map(|(buffer, fill)| (*buffer, fill));
        clock.recording(&mut |encoder| Ok(executor.record(encoder, fills.clone())?))
    })
}
