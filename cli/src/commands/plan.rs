//! `plan`: how every parameter would be initialised, and why, before anything is drawn.

use crate::args::PlanArguments;
use crate::assign::{self, Scheme, shape_text};
use crate::model;
use crate::terminal::{self, Plain, short};
use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use wgpu_init::Initializer;
use wgpu_init_models::checkpoint::Tensor;

pub(crate) fn run(arguments: &PlanArguments) -> Result<()> {
    let model = model::load(&arguments.model)?;
    let scheme = Scheme::choose(&arguments.scheme, &model)?;
    let tensors = assign::tensors(model, &scheme, &arguments.scheme, arguments.dtype)?;
    let rows: Vec<_> = tensors.iter().map(|tensor| Row::new(tensor, &scheme)).collect();
    let mut out = terminal::stdout();
    if arguments.json {
        json(&mut out, &rows)?;
    } else {
        table(&mut out, &rows)?;
        let drawn = tensors.iter().filter(|tensor| tensor.assignment().drawn.is_some());
        let parameters: u64 = drawn.clone().map(|tensor| tensor.shape().elements()).sum();
        writeln!(out, "\n{} tensors, {parameters} parameters, values {}", drawn.count(), Plain(scheme))?;
    }
    out.flush()?;
    Ok(())
}

/// One parameter. The keys are those of the JSON.
#[derive(Serialize)]
struct Row {
    name: String,
    shape: Vec<u64>,
    /// Null if the parameter is skipped.
    dtype: Option<String>,
    /// The resolved distribution, as `--init` reads it; null if the parameter is skipped.
    init: Option<String>,
    rule: String,
    /// Where it is not the parameter's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    /// Where it is not the model's.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartRow>,
    #[serde(skip)]
    shape_text: String,
    /// As the rule has it, arithmetic done.
    #[serde(skip)]
    asked: String,
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
        let drawn = assignment.drawn.as_ref();
        let asked = match drawn {
            None => "skip".to_owned(),
            Some(drawn) => match &drawn.tied_to {
                Some(name) => format!("= {name}"),
                None => drawn.initializer.to_string(),
            },
        };
        let parts = drawn.iter().flat_map(|drawn| &drawn.parts).map(|part| PartRow {
            elements: [part.elements().start, part.elements().end],
            init: part.distribution().to_string(),
        });
        Self {
            name: parameter.name.clone(),
            shape: parameter.shape.dims().to_vec(),
            dtype: drawn.map(|_| tensor.dtype().to_string()),
            init: drawn.map(|drawn| Initializer::from(drawn.distribution).to_string()),
            rule: scheme.describe(assignment.rule),
            stream: drawn.map(|drawn| drawn.stream.clone()).filter(|stream| *stream != parameter.name),
            seed: assignment.seed.map(wgpu_init::Seed::get),
            parts: parts.collect(),
            shape_text: shape_text(&parameter.shape),
            asked,
        }
    }

    fn cells(&self) -> [&str; 6] {
        let [dtype, distribution] = [&self.dtype, &self.init].map(|cell| cell.as_deref().unwrap_or(""));
        [&self.name, dtype, &self.shape_text, &self.asked, distribution, &self.rule]
    }
}

/// An array with one object a line.
fn json(out: &mut impl Write, rows: &[Row]) -> Result<()> {
    writeln!(out, "[")?;
    for (index, row) in rows.iter().enumerate() {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out, "{}", if index + 1 < rows.len() { "," } else { "" })?;
    }
    writeln!(out, "]")?;
    Ok(())
}

fn table(out: &mut impl Write, rows: &[Row]) -> std::io::Result<()> {
    /// A name of a file may be as long as the file.
    const WIDEST: usize = 120;
    const HEAD: [&str; 6] = ["parameter", "dtype", "shape", "initializer", "distribution", "rule"];
    let mut widths = HEAD.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.cells()) {
            *width = (*width).max(short(cell, WIDEST).chars().count());
        }
    }
    let mut line = |cells: [&str; 6]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{:width$}", short(cell, WIDEST)));
        writeln!(out, "{}", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    line(HEAD)?;
    for row in rows {
        line(row.cells())?;
        for PartRow { elements: [start, end], init } in &row.parts {
            line([&format!("  elements {start}..{end}"), "", "", "", init, ""])?;
        }
        if let (Some(stream), true) = (&row.stream, !row.asked.starts_with('=')) {
            line([&format!("  stream of {stream}"), "", "", "", "", ""])?;
        }
        if let Some(seed) = row.seed {
            line([&format!("  seed {seed}"), "", "", "", "", ""])?;
        }
    }
    Ok(())
}
