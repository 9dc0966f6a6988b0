//! `devices`: what could compute here.

use crate::args::DevicesArguments;
use crate::columns::{Cell, line, name, widest};
use crate::device::{self, Gpu};
use crate::figure::{count, size};
use crate::style::{self, BAD, GOOD, HEADING};
use crate::terminal::{self, Plain};
use anyhow::Result;
use std::io::{self, Write};
use wgpu_init::{DType, requirements, wgpu};

pub(crate) fn run(arguments: &DevicesArguments) -> Result<()> {
    let mut out = terminal::stdout();
    let adapters = device::adapters();
    if adapters.is_empty() {
        writeln!(out, "no adapter was found; {}", device::MISSING)?;
    }
    if arguments.verbose {
        verbose(&mut out, &adapters)?
    } else {
        short(&mut out, &adapters)?
    }
    out.flush()?;
    Ok(())
}

/// A line for each device.
fn short(out: &mut impl Write, adapters: &[wgpu::Adapter]) -> Result<()> {
    const HEAD: [&str; 5] = ["device", "name", "backend", "kind", "self-test"];
    let rows: Vec<_> = adapters.iter().enumerate().map(|(index, adapter)| cells(index, adapter)).collect();
    let cpu = ["cpu", "CPU executor", "-", "CPU"].map(str::to_owned);
    let of_column = |at: usize| widest(rows.iter().chain([&cpu]).map(|row| row[at].as_str()).chain([HEAD[at]]));
    let widths = [0, 1, 2, 3].map(of_column);
    let front = |cells: [&str; 4]| line(&[0, 1, 2, 3].map(|at| Cell::Left(cells[at], widths[at])));
    // The last column comes later than the others.
    let columns = widths.iter().sum::<usize>() + 2 * widths.len();
    let gap = |front: &str| " ".repeat(columns - widest([front]));
    let [of_index, of_name, of_backend, of_kind, of_test] = HEAD;
    let head = front([of_index, of_name, of_backend, of_kind]);
    writeln!(out, "{}", style::out(HEADING, format_args!("{head}{}{of_test}", gap(&head))))?;
    for (row, adapter) in rows.iter().zip(adapters) {
        let row = front(row.each_ref().map(String::as_str));
        write!(out, "{row}{}", gap(&row))?;
        // Before a self-test of seconds.
        out.flush()?;
        match Gpu::open(adapter, DType::ALL) {
            Ok(_) => writeln!(out, "{}", style::out(GOOD, "passed"))?,
            Err(error) => writeln!(out, "{}", failed(&error))?,
        }
    }
    writeln!(out, "{}", front(cpu.each_ref().map(String::as_str)))?;
    writeln!(out, "\n--device takes the first column or a part of a name; -v shows drivers, features and limits")?;
    Ok(())
}

fn cells(index: usize, adapter: &wgpu::Adapter) -> [String; 4] {
    let info = adapter.get_info();
    [index.to_string(), name(&info.name, 48), format!("{:?}", info.backend), kind(info.device_type).to_owned()]
}

const fn kind(of: wgpu::DeviceType) -> &'static str {
    match of {
        wgpu::DeviceType::DiscreteGpu => "discrete GPU",
        wgpu::DeviceType::IntegratedGpu => "integrated GPU",
        wgpu::DeviceType::VirtualGpu => "virtual GPU",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    }
}

fn failed(error: &anyhow::Error) -> String {
    format!("{}: {}", style::out(BAD, "FAILED"), Plain(format_args!("{error:#}")))
}

/// A block of lines for each device.
fn verbose(out: &mut impl Write, adapters: &[wgpu::Adapter]) -> Result<()> {
    for (index, adapter) in adapters.iter().enumerate() {
        let info = adapter.get_info();
        writeln!(out, "{}", style::out(HEADING, format_args!("{index}: {}", device::describe(&info))))?;
        let (vendor, id) = (info.vendor, info.device);
        writeln!(out, "   kind        {}, vendor {vendor:#06x}, device {id:#06x}", kind(info.device_type))?;
        writeln!(out, "   features    {}", features(adapter))?;
        limits(out, &adapter.limits())?;
        // Before a self-test of seconds.
        out.flush()?;
        match Gpu::open_tested(adapter) {
            Ok(gpu) => {
                writeln!(out, "   path        {}", device::describe_path(&gpu.executor))?;
                writeln!(out, "   self-test   {}", style::out(GOOD, "passed"))?;
            }
            Err(error) => writeln!(out, "   self-test   {}", failed(&error))?,
        }
    }
    writeln!(out, "{}", style::out(HEADING, format_args!("cpu: {}", device::Device::Cpu.describe())))?;
    Ok(())
}

fn limits(out: &mut impl Write, limits: &wgpu::Limits) -> io::Result<()> {
    let (buffer, binding) = (size(limits.max_buffer_size), size(limits.max_storage_buffer_binding_size));
    let alignment = limits.min_storage_buffer_offset_alignment;
    writeln!(out, "   buffers     {buffer}, bound {binding} at multiples of {alignment} bytes")?;
    let groups = count(limits.max_compute_workgroups_per_dimension.into());
    let memory = size(limits.max_compute_workgroup_storage_size.into());
    writeln!(out, "   workgroups  {groups} per dimension, {memory} of memory each")
}

/// Which of the features that are made use of the adapter has.
fn features(adapter: &wgpu::Adapter) -> String {
    let used = requirements(adapter).features | adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
    let names: Vec<_> = used.iter_names().map(|(name, _)| name).collect();
    if names.is_empty() { "none of those used".to_owned() } else { names.join(", ") }
}
