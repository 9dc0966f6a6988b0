//! Orthogonal matrices on the CPU and on every adapter, single ones and batches of small ones. Prints a record (CSV).
//!
//! `cargo bench --bench orthogonal -- [ADAPTER|cpu]`. Beside other libraries: `orthogonal` in benches/peers, `peers.py` there.

mod common;

use common::record::{Lines, Record};
use common::{Device, is_test, turns::in_turn};
use std::time::Duration;
use wgpu_init::{Fill, Initializer, Seed, Shape};

/// How many matrices, and their rows: squares, then as of attention heads, of gates and of experts.
const CASES: [(u64, u64); 8] = [(256, 64), (64, 128), (16, 256), (1, 256), (1, 512), (1, 1024), (1, 2048), (1, 4096)];
const REPETITIONS: usize = 5;
/// On a device that takes so long, larger ones are left out.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    let mut lines = Lines::new(std::io::stdout());
    let memory = if is_test() { 64 << 10 } else { 64 << 20 };
    for (begin, mut device) in Device::chosen(memory, memory)? {
        for (matrices, n) in if is_test() { vec![(2, 16)] } else { CASES.to_vec() } {
            let size = n * n * 4;
            let fills = (0..matrices).map(|number| {
                let fill = Fill::new(Shape::new([n, n])?, Initializer::orthogonal(1.0))?;
                Ok(fill.named(Seed::new(1), &format!("w.{number}")).at(number * size))
            });
            let fills = fills.collect::<wgpu_init::Result<Vec<_>>>()?;
            let repetitions = if is_test() { 1 } else { REPETITIONS };
            let times = in_turn(repetitions, &mut [()], |()| device.fill(&fills))?;
            lines.put(
                Record {
                    work: "orthogonal".to_owned(),
                    timing: "warm".to_owned(),
                    law: Some("orthogonal".to_owned()),
                    dtype: Some("f32".to_owned()),
                    bytes: Some(matrices * size),
                    tensors: Some(matrices),
                    detail: format!("{n} rows"),
                    ..begin.clone()
                }
                .timed(&times[0]),
            )?;
            if matrices == 1 && times[0].iter().any(|time| *time > PATIENCE) {
                break;
            }
        }
    }
    Ok(())
}
