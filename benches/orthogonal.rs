//! Orthogonal matrices on every adapter, single ones and batches of small ones. Prints CSV; `seconds` is the median. Words behind `--` choose among
//! the adapters' names. Beside other libraries: `orthogonal` in benches/peers, `cuda_models.py` in benches/peers/python.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod common;

use std::time::Duration;
use wgpu_init::{Fill, Initializer, Seed, Shape};

/// How many matrices, and their rows: squares, then as of attention heads, of gates and of experts.
const CASES: [(u64, u64); 8] = [(1, 256), (1, 512), (1, 1024), (1, 2048), (1, 4096), (256, 64), (64, 128), (16, 256)];
const REPETITIONS: usize = 5;
/// On a device that takes so long, larger ones are left out.
const PATIENCE: Duration = Duration::from_secs(2);

fn main() -> anyhow::Result<()> {
    println!("device,matrices,n,clock,seconds,best_seconds");
    let wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let wanted: Vec<_> = wanted.map(|word| word.to_lowercase()).collect();
    for gpu in common::gpus() {
        if !wanted.iter().all(|word| gpu.label.to_lowercase().contains(word)) {
            continue;
        }
        let mut longest = Duration::ZERO;
        for (matrices, n) in CASES {
            if matrices == 1 && longest > PATIENCE || common::is_test() && n > 64 {
                continue;
            }
            let fills = (0..matrices).map(|number| {
                let fill = Fill::new(Shape::new([n, n])?, Initializer::orthogonal(1.0))?;
                Ok(fill.named(Seed::new(1), &format!("w.{number}")).at(number * n * n * 4))
            });
            let fills = fills.collect::<wgpu_init::Result<Vec<_>>>()?;
            let target = gpu.clock.storage(matrices * n * n * 4);
            let once = || gpu.clock.work(&mut |encoder| gpu.record(encoder, &target, &fills));
            // The first one compiles.
            longest = longest.max(once()?);
            let mut times = (0..if common::is_test() { 1 } else { REPETITIONS })
                .map(|_| once())
                .collect::<anyhow::Result<Vec<_>>>()?;
            times.sort();
            let (median, best) = (times[times.len() / 2].as_secs_f64(), times[0].as_secs_f64());
            let device = gpu.label.replace(',', ";");
            println!("{device},{matrices},{n},{},{median:.9},{best:.9}", gpu.clock.name());
        }
    }
    Ok(())
}
