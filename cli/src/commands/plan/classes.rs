//! What kind of module each parameter is taken for, and what it is told by.

use crate::args::PlanArguments;
use crate::assign::shape_text;
use crate::columns::{Cell, line, name, widest};
use crate::figure::many;
use crate::model::Model;
use crate::natural;
use crate::style::{self, HEADING};
use crate::terminal::{self, short};
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use wgpu_init_models::Parameter;
use wgpu_init_models::infer::{Decision, Inference, Reading};

const WIDEST_NAME: usize = 44;
const WIDEST_SHAPE: usize = 16;
const WIDEST_EVIDENCE: usize = 100;

pub(super) fn run(model: &Model, arguments: &PlanArguments) -> Result<()> {
    let parameters: Vec<Parameter> = model.entries.iter().map(|entry| entry.parameter.clone()).collect();
    let inference = Inference::new(&parameters, &arguments.scheme.class);
    let mut decisions: Vec<_> = inference.decisions().iter().collect();
    if model.is_in_file_order {
        decisions.sort_by(|a, b| natural::compare(&a.name, &b.name));
    }
    let mut out = terminal::stdout();
    if arguments.json {
        let rows: Vec<_> = decisions.iter().map(|decision| Row::new(decision)).collect();
        super::json(&mut out, &rows)?;
    } else {
        write(&mut out, &decisions)?;
    }
    out.flush()?;
    Ok(())
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    shape: &'a [u64],
    /// Null where it cannot be told, or the parameter is of no layer.
    class: Option<&'a str>,
    /// Classes with the same default law that it may be as well.
    alike: &'a [&'a str],
    /// Classes with different laws, where none was decided for.
    readings: &'a [&'a str],
    evidence: &'a str,
}

impl<'a> Row<'a> {
    fn new(decision: &'a Decision) -> Self {
        let (alike, readings): (&[&str], &[&str]) = match decision.reading {
            Reading::One { alike, .. } => (alike, &[]),
            Reading::Several(readings) => (&[], readings),
            _ => (&[], &[]),
        };
        let class = decision.reading.class();
        let (name, shape, evidence) = (&*decision.name, decision.shape.dims(), &*decision.evidence);
        Self { name, shape, class, alike, readings, evidence }
    }
}

fn write(out: &mut impl Write, decisions: &[&Decision]) -> io::Result<()> {
    let texts: Vec<[String; 3]> = decisions
        .iter()
        .map(|one| [name(&one.name, WIDEST_NAME), name(&shape_text(&one.shape), WIDEST_SHAPE), one.reading.to_string()])
        .collect();
    let head = ["parameter", "shape", "class"];
    let width = |at: usize| widest(texts.iter().map(|row| &*row[at]).chain([head[at]]));
    let widths = [width(0), width(1), width(2)];
    let cells = |[parameter, shape, class]: [&str; 3], evidence: &str| {
        line(&[
            Cell::Left(parameter, widths[0]),
            Cell::Right(shape, widths[1]),
            Cell::Left(class, widths[2]),
            Cell::Left(evidence, 0),
        ])
    };
    writeln!(out, "{}", style::out(HEADING, cells(head, "told by")))?;
    for (decision, row) in decisions.iter().zip(&texts) {
        let evidence = short(&decision.evidence, WIDEST_EVIDENCE).to_string();
        writeln!(out, "{}", cells(row.each_ref().map(String::as_str), &evidence))?;
    }
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut open, mut bare) = (0, 0);
    for decision in decisions {
        match (&decision.reading, decision.reading.class()) {
            (_, Some(class)) => *classes.entry(class).or_default() += 1,
            (Reading::Several(_), None) => open += 1,
            (_, None) => bare += 1,
        }
    }
    let told: Vec<_> = classes.iter().map(|(class, number)| format!("{class} {number}")).collect();
    writeln!(out, "\n{}: {}", many(decisions.len(), "tensor"), short(&told.join(", "), 400))?;
    writeln!(
        out,
        "{open} may be of several classes with different laws (say --class), {bare} are of no layer of torch.nn"
    )
}
