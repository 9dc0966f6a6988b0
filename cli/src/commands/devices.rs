//! `devices`: what could compute here.

use crate::device::{self, Gpu};
use crate::terminal::{self, Plain};
use anyhow::Result;
use std::io::Write;
use wgpu_init::{requirements, wgpu};

pub(crate) fn run() -> Result<()> {
    let mut out = terminal::stdout();
    let adapters = device::adapters();
    if adapters.is_empty() {
        writeln!(out, "no adapter was found; a GPU driver, or mesa-vulkan-drivers for a software one, gives some")?;
    }
    for (index, adapter) in adapters.iter().enumerate() {
        let info = adapter.get_info();
        let limits = adapter.limits();
        writeln!(out, "{index}: {}", device::describe(&info))?;
        writeln!(
            out,
            "   type        {:?}, vendor {:#06x}, device {:#06x}",
            info.device_type, info.vendor, info.device
        )?;
        writeln!(out, "   features    {}", features(adapter))?;
        writeln!(
            out,
            "   limits      buffer {}, binding {}, offset alignment {}, {} workgroups per dimension, {} bytes per workgroup",
            limits.max_buffer_size,
            limits.max_storage_buffer_binding_size,
            limits.min_storage_buffer_offset_alignment,
            limits.max_compute_workgroups_per_dimension,
            limits.max_compute_workgroup_storage_size
        )?;
        // Before a self-test of seconds.
        out.flush()?;
        match Gpu::open(adapter) {
            Ok(gpu) => {
                writeln!(out, "   path        {}", device::describe_path(&gpu.executor))?;
                writeln!(out, "   self-test   passed")?;
            }
            Err(error) => writeln!(out, "   self-test   FAILED: {}", Plain(format_args!("{error:#}")))?,
        }
    }
    writeln!(out, "cpu: {}", device::Device::Cpu.describe())?;
    out.flush()?;
    Ok(())
}

/// Which of the features that are made use of the adapter has.
fn features(adapter: &wgpu::Adapter) -> String {
    let used = requirements(adapter).features | adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
    let names: Vec<_> = used.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "none of those used".to_owned() } else { names.join(", ") }
}
