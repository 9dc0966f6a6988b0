//! A thousand parameters into a module, three ways: this crate on the device, the CPU executor and an upload for each, and Burn's own
//! initialisation.
//!
//! `cargo run --release --example measure [ROUNDS]`
#![expect(clippy::print_stdout, reason = "it shows what it measures")]

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use std::time::{Duration, Instant};
use wgpu_init::Seed;
use wgpu_init_burn::Init;
use wgpu_init_models::Recipe;

/// 500 weights and 500 biases.
#[derive(Module, Debug)]
struct Stack {
    layers: Vec<Linear>,
}

impl Stack {
    fn new(width: usize, device: &Device) -> Self {
        Self { layers: (0..500).map(|_| LinearConfig::new(width, width + 2).init(device)).collect() }
    }
}

/// Asks for each value, which makes Burn draw it.
struct Draw;

impl ModuleVisitor for Draw {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        drop(param.val());
    }
}

/// The time until the device has finished: median of the rounds, and the fastest.
fn time(
    rounds: usize,
    device: &Device,
    mut work: impl FnMut() -> anyhow::Result<Stack>,
) -> anyhow::Result<[Duration; 2]> {
    drop(work()?); // compiles and takes memory
    let mut times = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        device.sync().map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let start = Instant::now();
        let filled = work()?;
        device.sync().map_err(|error| anyhow::anyhow!("{error:?}"))?;
        times.push(start.elapsed());
        drop(filled);
    }
    times.sort_unstable();
    Ok([times[rounds / 2], times[0]])
}

fn main() -> anyhow::Result<()> {
    let rounds = std::env::args().nth(1).map_or(Ok(15), |text| text.parse())?;
    let (device, setup) = Device::wgpu_options().init_with_setup()?;
    println!("{}", setup.adapter.get_info().name);
    let (on_device, by_host, seed) = (Init::new(&setup)?, Init::cpu(), Seed::new(42));
    println!(
        "width | this crate, on the device | CPU executor and from_data | Burn's own (medians, the fastest in brackets)"
    );
    for width in [64, 512] {
        let ours =
            time(rounds, &device, || Ok(on_device.fill(Stack::new(width, &device), Recipe::TorchDefault, seed)?))?;
        let host =
            time(rounds, &device, || Ok(by_host.fill(Stack::new(width, &device), Recipe::TorchDefault, seed)?))?;
        let burns = time(rounds, &device, || {
            let stack = Stack::new(width, &device);
            stack.visit(&mut Draw);
            Ok(stack)
        })?;
        let cell = |[median, least]: [Duration; 2]| {
            format!("{:.1} ms ({:.1})", 1e3 * median.as_secs_f64(), 1e3 * least.as_secs_f64())
        };
        println!("{width} | {} | {} | {}", cell(ours), cell(host), cell(burns));
    }
    Ok(())
}
