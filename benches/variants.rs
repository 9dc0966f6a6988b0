//! The equivalent ways to fill a tensor on an adapter: where the table is read, how products are formed, how work is spread. Prints a
//! record (CSV).
//!
//! `cargo bench --bench variants -- [ADAPTER [TUNING]]`: a part of an adapter's name, and of a tuning's text, to measure these alone.

mod common;

use common::law::Law;
use common::record::{Lines, Record};
use common::{Device, is_test, path, turns::in_turn, word};
use wgpu_init::gpu::GpuOptions;
use wgpu_init::plan::Tiling;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{DType, GpuExecutor, wgpu};

/// On a device that is a CPU, and on one of hardware: there far more than its cache holds.
const BYTES: [u64; 2] = [64 << 20, 1 << 30];
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

fn main() -> anyhow::Result<()> {
    let mut lines = Lines::new(std::io::stdout());
    let [bytes, on_hardware] = if is_test() { [64 << 10; 2] } else { BYTES };
    for (begin, device) in Device::chosen(bytes, on_hardware)? {
        let Device::Gpu(gpu) = device else { continue };
        let mut variants = variants(&gpu.device);
        variants.retain(|executor| executor.tuning().to_string().contains(&word(1)));
        for (law, dtype) in LAWS {
            let fill = law.tensor(dtype, gpu.target.size())?;
            let times = in_turn(if is_test() { 1 } else { 6 }, &mut variants, |executor| {
                gpu.clock.work(&mut |encoder| Ok(executor.record(encoder, [(&gpu.target, &fill)])?))
            })?;
            for (executor, times) in variants.iter().zip(times) {
                lines.put(
                    Record {
                        path: path(executor),
                        work: "variant".to_owned(),
                        timing: "warm".to_owned(),
                        law: Some(law.name().to_owned()),
                        dtype: Some(dtype.to_string()),
                        bytes: Some(gpu.target.size()),
                        tensors: Some(1),
                        ..begin.clone()
                    }
                    .timed(&times),
                )?;
            }
        }
    }
    Ok(())
}

/// Every way that the device knows.
fn variants(device: &wgpu::Device) -> Vec<GpuExecutor> {
    let mut variants = Vec::new();
    for products in [Products::Native, Products::Portable] {
        for table in [Table::Uniform, Table::Workgroup] {
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
