//! `export`: a dispatch as plain files, for hosts that are not wgpu.

use crate::args::{ExportArguments, TableChoice};
use crate::output::Output;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use wgpu_init::VALUES_VERSION;
use wgpu_init::plan::{self, plan};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{Kernel, Products, Table};

/// The kernels store 16 bytes at a time.
const GROUP: u64 = 16;

pub(crate) fn run(arguments: &ExportArguments) -> Result<()> {
    let draw = &arguments.draw;
    let Range { start, end } = draw.elements()?;
    if start == end {
        bail!("--count is 0: there is nothing to dispatch");
    }
    // Whole groups: one dispatch without edges. The host uses the first `length` bytes.
    let size = draw.dtype.size();
    let length = (end - start).checked_mul(size).context("the elements take more than 2^64 bytes")?;
    let padded = length.checked_next_multiple_of(GROUP).context("the elements take more than 2^64 bytes")?;
    let last = start.checked_add(padded / size).context("the last group ends past element 2^64 - 1: lower --offset")?;
    let spec = draw.spec(start..last)?;
    let device = plan::Device { max_binding_size: 1 << 31, max_buffer_size: 1 << 32, ..Default::default() };
    let plan = plan(&[padded], &[(0, &spec)], &device)?;
    if plan.dispatches.iter().any(|dispatch| dispatch.kernel.uses_workspace()) {
        bail!(
            "an orthogonal matrix takes many dispatches over a workspace: draw it with sample, or plan it with the library"
        );
    }
    let [dispatch] = plan.dispatches.as_slice() else {
        bail!("{padded} bytes are more than one dispatch writes (2^31): export slices with --offset and --count");
    };
    let table = match arguments.table {
        TableChoice::Workgroup => Table::Workgroup,
        TableChoice::Storage => Table::Storage,
        TableChoice::Uniform => Table::Uniform,
    };
    let records = bytes_of(&plan.records, &dispatch.records)?;

    let folder = arguments.output.as_path();
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let kernel = dispatch.kernel;
    let mut files: Vec<(&str, Vec<u8>)> =
        vec![("kernel.wgsl", kernel.source(Products::Portable, table).into_bytes()), ("jobs.bin", records.to_vec())];
    let buffer = |binding: u32, kind: &str, file: Option<&str>, size: u64| json!({ "group": 0, "binding": binding, "type": kind, "file": file, "size": size });
    let mut bindings = vec![
        buffer(0, "read-only-storage", Some("jobs.bin"), records.len() as u64),
        buffer(1, "storage", None, padded),
    ];
    if kernel.uses_table() {
        files.push(("quantile_table.bin", TABLE_BYTES.to_vec()));
        let kind = if table == Table::Uniform { "uniform" } else { "read-only-storage" };
        bindings.push(buffer(2, kind, Some("quantile_table.bin"), TABLE_BYTES.len() as u64));
    }
    if let Some(list) = &dispatch.list {
        let list = bytes_of(&plan.records, list)?;
        files.push(("values.bin", list.to_vec()));
        bindings.push(buffer(2, "read-only-storage", Some("values.bin"), list.len() as u64));
    }
    let description: Value = json!({
        "generator": concat!("wgpu-init ", env!("CARGO_PKG_VERSION")),
        "values_version": VALUES_VERSION,
        "shader": "kernel.wgsl",
        "entry_point": Kernel::ENTRY_POINT,
        "constants": { "workgroup_size": dispatch.workgroup_size },
        "bindings": bindings,
        "grid": dispatch.grid,
        "output": {
            "group": 0,
            "binding": 1,
            "offset": 0,
            "length": length,
            "elements": end - start,
            "dtype": draw.dtype.name(),
        },
        "draws": {
            "init": draw.init.to_string(),
            "seed": draw.seed.get().to_string(),
            "stream": draw.stream.get().get().to_string(),
            "offset": start.to_string(),
        },
    });
    files.push(("dispatch.json", serde_json::to_vec_pretty(&description)?));
    for (name, bytes) in files {
        write(&folder.join(name), &bytes)?;
    }
    println!("{}", folder.join("dispatch.json").display());
    Ok(())
}

fn bytes_of<'a>(bytes: &'a [u8], range: &Range<u64>) -> Result<&'a [u8]> {
    Ok(&bytes[usize::try_from(range.start)?..usize::try_from(range.end)?])
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut output = Output::create(path)?;
    output.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))?;
    output.finish()
}
