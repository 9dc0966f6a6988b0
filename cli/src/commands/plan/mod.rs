//! `plan`: how every parameter would be initialised, and why, before anything is drawn.

mod classes;
mod table;

use crate::args::PlanArguments;
use crate::assign::{self, Scheme};
use crate::{model, natural, terminal};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use wgpu_init::Initializer;
use wgpu_init_models::Values;
use wgpu_init_models::checkpoint::Tensor;

pub(crate) fn run(arguments: &PlanArguments) -> Result<()> {
    let model = model::load(&arguments.model)?;
    if arguments.classes {
        return classes::run(&model, arguments);
    }
    let scheme = Scheme::choose(&arguments.scheme, &model)?;
    let is_in_file_order = model.is_in_file_order;
    let tensors = assign::tensors(model, &scheme, &arguments.scheme, arguments.dtype, None)?;
    let mut tensors = arguments.views.of(tensors)?;
    if is_in_file_order {
        tensors.sort_by(|a, b| natural::compare(a.name(), b.name()));
    }
    let mut out = terminal::stdout();
    if arguments.json {
        let rows: Vec<_> = tensors.iter().map(|tensor| Row::new(tensor, &scheme)).collect();
        json(&mut out, &rows)?;
    } else {
        table::write(&mut out, &tensors, &scheme)?;
    }
    out.flush()?;
    Ok(())
}

/// One parameter, with all digits.
#[derive(Serialize)]
struct Row {
    name: String,
    /// Of the whole, which fans are of.
    shape: Vec<u64>,
    /// Null if the parameter is skipped.
    dtype: Option<String>,
    /// In a file; null if the parameter is skipped.
    bytes: Option<u64>,
    /// The resolved distribution, as `--init` reads it, or what integers are; null if the parameter is skipped.
    init: Option<String>,
    rule: String,
    /// Where it is not the parameter's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    /// The names that a stacked tensor's experts are drawn from, `{}` for an expert's number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    experts: Vec<String>,
    /// Where it is not the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartRow>,
    /// Where a file does not hold all of it in row-major order.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<StoredRow>,
}

/// What a file holds of a parameter.
#[derive(Serialize)]
struct StoredRow {
    /// In the file.
    shape: Vec<u64>,
    /// First position and the one after the last, for each axis of the whole.
    ranges: Vec<[u64; 2]>,
    /// The axes of the whole, the outermost in the file first.
    order: Vec<usize>,
}

#[derive(Serialize)]
struct PartRow {
    elements: [u64; 2],
    init: String,
}

impl Row {
    fn new(tensor: &Tensor, scheme: &Scheme) -> Self {
        let assignment = tensor.assignment();
        let parameter = &assignment.parameter;
        let stored = tensor.shard().map(|shard| StoredRow {
            shape: tensor.shape().dims().to_vec(),
            ranges: shard.ranges().into_iter().map(|range| [range.start, range.end]).collect(),
            order: shard.order().to_vec(),
        });
        let drawn = assignment.drawn();
        let parts = drawn.iter().flat_map(|drawn| &drawn.parts).map(|part| PartRow {
            elements: [part.elements().start, part.elements().end],
            init: part.distribution().to_string(),
        });
        Self {
            name: parameter.name.clone(),
            shape: parameter.shape.dims().to_vec(),
            dtype: tensor.is_stored().then(|| tensor.dtype().to_string()),
            bytes: tensor.is_stored().then(|| size(tensor)),
            init: match &assignment.values {
                Values::Skipped => None,
                Values::Drawn(drawn) => Some(Initializer::from(drawn.distribution).to_string()),
                Values::Integers(integers) => Some(integers.to_string()),
            },
            rule: scheme.describe(assignment.rule),
            stream: drawn.map(|drawn| drawn.stream.clone()).filter(|stream| *stream != parameter.name),
            experts: drawn.and_then(|drawn| drawn.experts.as_ref()).map_or_else(Vec::new, |of| of.names.clone()),
            seed: assignment.seed.map(wgpu_init::Seed::get),
            parts: parts.collect(),
            stored,
        }
    }
}

/// Bytes in a file, at most 2^64 - 1: `init` refuses more.
fn size(tensor: &Tensor) -> u64 {
    tensor.shape().elements().saturating_mul(tensor.dtype().size())
}

/// An array with one object a line.
fn json(out: &mut impl Write, rows: &[impl Serialize]) -> Result<()> {
    writeln!(out, "[")?;
    for (index, row) in rows.iter().enumerate() {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out, "{}", if index + 1 < rows.len() { "," } else { "" })?;
    }
    writeln!(out, "]")?;
    Ok(())
}
