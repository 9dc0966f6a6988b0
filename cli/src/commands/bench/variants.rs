//! The equivalent ways to fill a tensor on an adapter: where the table is read, how products are formed, how work is spread.

use super::clock::Clock;
use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use crate::device::describe_path;
use anyhow::Result;
use wgpu_init::gpu::GpuOptions;
use wgpu_init::plan::Tiling;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{DType, GpuExecutor, wgpu};

/// On a device that is a CPU, and on one of hardware: there far more than its cache holds.
pub(super) const BYTES: [u64; 2] = [64 << 20, 1 << 30];

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

/// Every way that the device knows, in turn.
pub(super) fn rows(rows: &mut Rows<'_>, device: &wgpu::Device, clock: &Clock, bytes: u64) -> Result<()> {
    let target = clock.storage(bytes);
    let executors = variants(device);
    for (law, dtype) in LAWS {
        let fill = law.tensor(dtype, bytes)?;
        let works = executors.iter().map(|executor| {
            let task = Task::new(Work::Variant, Timing::Warm, law, dtype, bytes);
            (task.detail(describe_path(executor)), executor)
        });
        rows.in_turn(works.collect(), |executor| {
            clock.work(&mut |encoder| Ok(executor.record(encoder, [(&target, &fill)])?))
        })?;
    }
    Ok(())
}

fn variants(device: &wgpu::Device) -> Vec<GpuExecutor> {
    let mut variants = Vec::new();
    for products in [Products::Native, Products::Portable] {
        for table in [Table::Uniform, Table::Workgroup] {
            for (workgroup_size, most_groups, enough_workgroups) in TILINGS {
                let mut options = GpuOptions::default();
                options.products = Some(products);
                options.table = Some(table);
                options.tiling = Some(Tiling { workgroup_size, most_groups, enough_workgroups });
                // A way that the device does not know is none.
                variants.extend(GpuExecutor::with_options(device, options));
            }
        }
    }
    variants
}
