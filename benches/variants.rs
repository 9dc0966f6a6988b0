//! The equivalent ways to fill a tensor: where the table is read, how products are formed, how work is spread. Prints CSV; every line is
//! the least of repetitions that alternate between the variants, so that a busy machine disturbs all alike.
//!
//! `cargo bench --bench variants -- [ADAPTER [TUNING]]`: a part of an adapter's name, and of a tuning's text, to measure these alone.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]

mod common;

use common::clock::Clock;
use common::law::Law;
use std::time::Duration;
use wgpu_init::gpu::{GpuOptions, Tuning};
use wgpu_init::plan::Tiling;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{DType, Fill, GpuExecutor, wgpu};

/// On a device that is a CPU, and on one of hardware: there far more than its cache holds.
const BYTES: [u64; 2] = [64 << 20, 1 << 30];
const TABLES: [Table; 2] = [Table::Uniform, Table::Workgroup];
const LAWS: [(Law, DType); 5] = [
    (Law::Constant, DType::F32),
    (Law::Uniform, DType::F32),
    (Law::Normal, DType::F32),
    (Law::Truncated, DType::F32),
    (Law::Normal, DType::Bf16),
];
/// Workgroup size, most groups of an invocation, enough workgroups. The first two are the defaults; one group of an invocation is a
/// kernel without a loop, in effect.
const TILINGS: [(u32, u32, u32); 10] = [
    (256, 64, 1024),
    (8, 1 << 14, 256),
    (4, 1 << 14, 256),
    (32, 1 << 14, 256),
    (8, 1 << 14, 1024),
    (8, 64, 1024),
    (64, 64, 1024),
    (128, 64, 1024),
    (256, 1, 1),
    (256, 16, 1024),
];

fn main() {
    println!("device,law,dtype,bytes,products,table,workgroup_size,most_groups,enough_workgroups,seconds,gb_per_s");
    let mut wanted = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let (adapter, tuning) = (wanted.next().unwrap_or_default().to_lowercase(), wanted.next().unwrap_or_default());
    for gpu in common::gpus() {
        if !gpu.label.to_lowercase().contains(&adapter) {
            continue;
        }
        let bytes = common::sizes(&[BYTES[usize::from(!gpu.is_software)]])[0];
        let target = gpu.clock.storage(bytes);
        let mut variants = variants(&gpu.device);
        variants.retain(|executor| executor.tuning().to_string().contains(&tuning));
        for (law, dtype) in LAWS {
            let spec = law.tensor(dtype, bytes).expect("a valid tensor");
            let mut least = vec![Duration::MAX; variants.len()];
            for _ in 0..if common::is_test() { 1 } else { 6 } {
                for (executor, least) in variants.iter().zip(&mut least) {
                    *least = time(&gpu.clock, executor, &target, &spec).min(*least);
                }
            }
            for (executor, least) in variants.iter().zip(least) {
                let Tuning { products, table, tiling, .. } = executor.tuning();
                let Tiling { workgroup_size, most_groups, enough_workgroups, .. } = tiling;
                let seconds = least.as_secs_f64();
                #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
                let rate = bytes as f64 * 1e-9 / seconds;
                let (device, law) = (gpu.label.replace(',', ";"), law.name());
                print!("{device},{law},{dtype},{bytes},{products:?},{table:?},{workgroup_size},{most_groups},");
                println!("{enough_workgroups},{seconds:.6},{rate:.3}");
            }
        }
    }
}

/// Every way that the device knows.
fn variants(device: &wgpu::Device) -> Vec<GpuExecutor> {
    let mut variants = Vec::new();
    for products in [Products::Native, Products::Portable] {
        for table in TABLES {
            for (workgroup_size, most_groups, enough_workgroups) in TILINGS {
                let mut options = GpuOptions::default();
                options.products = Some(products);
                options.table = Some(table);
                options.tiling = Some(Tiling { workgroup_size, most_groups, enough_workgroups });
                variants.extend(GpuExecutor::with_options(device, options));
            }
        }
    }
    variants
}

fn time(clock: &Clock, executor: &GpuExecutor, target: &wgpu::Buffer, fill: &Fill) -> Duration {
    clock.work(&mut |encoder| Ok(executor.record(encoder, [(target, fill)])?)).expect("the work runs")
}
