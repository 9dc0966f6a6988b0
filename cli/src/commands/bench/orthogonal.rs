//! Orthogonal matrices, single ones and batches of small ones.

use super::measure::Rows;
use super::row::{Task, Timing, Work};
use anyhow::Result;
use std::time::Duration;
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

/// How many matrices, and their rows: squares, then as of attention heads, of gates and of experts.
const CASES: [(u64, u64); 8] = [(256, 64), (64, 128), (16, 256), (1, 256), (1, 512), (1, 1024), (1, 2048), (1, 4096)];
/// On a device that takes so long, larger ones are left out.
const PATIENCE: Duration = Duration::from_secs(2);

/// Of all cases.
pub(super) const BYTES: u64 = 64 << 20;

/// Those that fit into so many bytes.
pub(super) fn rows(rows: &mut Rows<'_>, bytes: u64, mut fill: impl FnMut(&[Fill]) -> Result<Duration>) -> Result<()> {
    let mut slowest = Duration::ZERO;
    for (matrices, n) in CASES.into_iter().filter(|(matrices, n)| matrices * n * n * 4 <= bytes) {
        if matrices == 1 && slowest > PATIENCE {
            break;
        }
        let size = n * n * 4;
        let fills = (0..matrices).map(|number| {
            let fill = Fill::new(Shape::new([n, n])?, Initializer::orthogonal(1.0))?;
            Ok(fill.named(Seed::new(1), &format!("w.{number}")).at(number * size))
        });
        let fills = fills.collect::<wgpu_init::Result<Vec<_>>>()?;
        let task = Task {
            work: Work::Orthogonal,
            timing: Timing::Warm,
            law: Some("orthogonal"),
            dtype: Some(DType::F32),
            bytes: matrices * size,
            tensors: fills.len(),
            detail: format!("{n} rows"),
        };
        slowest = Duration::ZERO;
        rows.measure(task, || {
            let time = fill(&fills)?;
            slowest = slowest.max(time);
            Ok(time)
        })?;
    }
    Ok(())
}
