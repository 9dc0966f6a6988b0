//! `export`: a fill as plain files, for hosts that are not wgpu: shaders, tables, and a list of dispatches.

mod earlier;

use super::sample::Draw;
use crate::args::{ExportArguments, TableChoice};
use crate::interrupt;
use crate::keys::Count;
use crate::output::Output;
use crate::terminal::{self, Plain};
use anyhow::{Context, Result, bail};
use earlier::Files;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use wgpu_init::VALUES_VERSION;
use wgpu_init::plan::{self, Bound, Dispatch, Region, plan};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{Access, Kernel, Products, Resource, Table};

pub(crate) fn run(arguments: &ExportArguments) -> Result<()> {
    let draw = arguments.draw.draw(arguments.count.map(Count::Exactly))?;
    let Range { start, end } = draw.elements;
    let dtype = arguments.draw.dtype;
    if start == end {
        bail!("no element is asked for: there is nothing to dispatch");
    }
    let length = (end - start).checked_mul(dtype.size()).context("the elements take more than 2^64 bytes")?;
    // Shaders bind whole words.
    let size = length.checked_next_multiple_of(4).context("the elements take more than 2^64 bytes")?;
    let mut device = plan::Device::default();
    device.table = match arguments.table {
        TableChoice::Workgroup => Table::Workgroup,
        TableChoice::Uniform => Table::Uniform,
    };
    let fills = draw
        .fills((arguments.seed, arguments.stream.get()), start..end)?
        .into_iter()
        .map(|fill| (Region { buffer: 0, bytes: 0..size }, fill));
    let plan = plan(&[size], fills, &device)?;

    let mut files = Files::new();
    for Dispatch { kernel, .. } in &plan.dispatches {
        files.insert(shader_file(*kernel), kernel.source(Products::Portable, device.table).into_bytes());
    }
    let mut buffers = Map::new();
    if plan.dispatches.iter().any(|dispatch| dispatch.kernel.uses_table()) {
        files.insert("quantile_table.bin".into(), TABLE_BYTES.to_vec());
        buffers.insert("table".into(), json!({ "file": "quantile_table.bin", "size": TABLE_BYTES.len() }));
    }
    buffers.insert("records".into(), json!({ "file": "records.bin", "size": plan.records.len() }));
    files.insert("records.bin".into(), plan.records);
    for (at, size) in plan.workspace.iter().enumerate().filter(|(_, size)| **size > 0) {
        buffers.insert(format!("workspace{at}"), json!({ "size": size }));
    }
    buffers.insert("output".into(), json!({ "size": size }));
    let description = BTreeMap::from([
        ("generator".to_owned(), concat!("wgpu-init ", env!("CARGO_PKG_VERSION")).into()),
        ("values_version".to_owned(), VALUES_VERSION.into()),
        ("buffers".to_owned(), Value::Object(buffers)),
        ("dispatches".to_owned(), plan.dispatches.iter().map(dispatch).collect()),
        (
            "output".to_owned(),
            json!({ "buffer": "output", "length": length, "elements": end - start, "dtype": dtype.name() }),
        ),
        ("draws".to_owned(), draws(arguments, &draw)),
    ]);
    let description = earlier::sealed(description, &files)?;
    files.insert(DESCRIPTION.into(), description);

    let folder = arguments.output.as_path();
    if !arguments.overwrite {
        earlier::check(folder, &files)?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // All of them are there before one gets its name; the description, which names the others, is the last.
    let mut outputs = Vec::with_capacity(files.len());
    for (name, bytes) in &files {
        let path = folder.join(name);
        let mut output = Output::create(&path)?;
        output.write_all(bytes).with_context(|| format!("cannot write {}", path.display()))?;
        outputs.push((name == DESCRIPTION, output));
    }
    outputs.sort_by_key(|(is_description, _)| *is_description);
    for (_, output) in outputs {
        interrupt::check()?;
        output.finish()?;
    }
    Ok(terminal::print(format_args!("{}\n", Plain(folder.join(DESCRIPTION).display())))?)
}

const DESCRIPTION: &str = "dispatch.json";

fn shader_file(kernel: Kernel) -> String {
    format!("{}.wgsl", kernel.name())
}

fn draws(arguments: &ExportArguments, draw: &Draw) -> Value {
    let mut draws = json!({
        "init": arguments.draw.init.to_string(),
        "seed": arguments.seed.get().to_string(),
        "stream": arguments.stream.get().get().to_string(),
        "offset": draw.elements.start.to_string(),
    });
    if let Some(part) = &draw.part {
        let (shape, slices, order) = part.texts();
        draws["shape"] = shape.into();
        draws["part"] = slices.into();
        draws["permute"] = order.into();
    }
    draws
}

fn dispatch(dispatch: &Dispatch) -> Value {
    let constants: Map<String, Value> =
        dispatch.constants().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({
        "shader": shader_file(dispatch.kernel),
        "entry_point": Kernel::ENTRY_POINT,
        "constants": constants,
        "bindings": (0..).zip(&dispatch.bindings).map(binding).collect::<Vec<_>>(),
        "grid": dispatch.grid,
    })
}

fn binding((binding, bound): (u32, &Bound)) -> Value {
    let buffer = match bound.resource {
        Resource::Records | Resource::List => "records".to_owned(),
        Resource::Table => "table".to_owned(),
        Resource::Workspace(at) => format!("workspace{at}"),
        _ => "output".to_owned(),
    };
    let kind = match bound.access {
        Access::Uniform => "uniform",
        Access::ReadOnly => "read-only-storage",
        _ => "storage",
    };
    let (offset, size) = (bound.bytes.start, bound.bytes.end - bound.bytes.start);
    json!({ "group": 0, "binding": binding, "type": kind, "buffer": buffer, "offset": offset, "size": size })
}
