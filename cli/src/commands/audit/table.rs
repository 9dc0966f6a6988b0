//! An audit for a person: the tensors in which something was found, and what it adds up to.

use crate::assign::shape_text;
use crate::columns::{Cell, line, name, widest};
use crate::figure::{Number, count, many};
use crate::natural;
use crate::style::{self, ASIDE, BAD, GOOD, HEADING, NOTE, WARNING};
use crate::terminal::Plain;
use anyhow::Result;
use std::collections::BTreeMap;
use std::io::Write;
use wgpu_init::Shape;
use wgpu_init_models::audit::{Report, Severity, TensorReport};

/// Columns of a line; names that are too long for it lose their middle, and so do shapes.
const PAGE: usize = 120;
const WIDEST_SHAPE: usize = 24;
const FIGURE: usize = 9;
/// Lines of findings that are alike but for the tensor.
const MOST: usize = 200;

pub(super) fn write(out: &mut dyn Write, report: &Report, all: bool) -> Result<()> {
    let mut tensors: Vec<&TensorReport> =
        report.tensors.iter().filter(|tensor| all || !tensor.findings.is_empty()).collect();
    tensors.sort_by(|a, b| natural::compare(&a.name, &b.name));
    let more = tensors.len().saturating_sub(if all { usize::MAX } else { MOST });
    tensors.truncate(if all { usize::MAX } else { MOST });
    if !tensors.is_empty() {
        table(out, &tensors)?;
    }
    if more > 0 {
        writeln!(out, "{}", style::out(ASIDE, format_args!("and {} more with findings; -v shows all", more)))?;
    }
    // What no file has.
    let there: std::collections::HashSet<&str> = report.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
    for finding in report.findings.iter().filter(|finding| !there.contains(finding.tensor.as_str())) {
        let severity = severity(finding.severity());
        writeln!(out, "{severity} {}: {}: {}", Plain(&finding.tensor), finding.kind, Plain(&finding.message))?;
    }
    if !report.findings.is_empty() || !tensors.is_empty() {
        writeln!(out)?;
    }
    summary(out, report)
}

fn table(out: &mut dyn Write, tensors: &[&TensorReport]) -> Result<()> {
    let shape = |tensor: &TensorReport| {
        let text = Shape::new(tensor.shape.clone()).map(|shape| shape_text(&shape)).unwrap_or_default();
        name(&text, WIDEST_SHAPE)
    };
    let shapes: Vec<String> = tensors.iter().map(|tensor| shape(tensor)).collect();
    let names: Vec<String> = tensors.iter().map(|tensor| name(&tensor.name, PAGE)).collect();
    let of_shape = widest(shapes.iter().map(String::as_str).chain(["shape"]));
    let rest = PAGE - 6 - of_shape - 3 * FIGURE - 5 * 2;
    let of_name = widest(names.iter().map(String::as_str).chain(["tensor"])).min(rest);
    let row = |cells: [&str; 6]| {
        let [tensor, dtype, shape, mean, std, p] = cells;
        line(&[
            Cell::Left(tensor, of_name),
            Cell::Left(dtype, 6),
            Cell::Right(shape, of_shape),
            Cell::Right(mean, FIGURE),
            Cell::Right(std, FIGURE),
            Cell::Right(p, FIGURE),
        ])
    };
    writeln!(out, "{}", style::out(HEADING, row(["tensor", "dtype", "shape", "mean", "std", "p"])))?;
    for (tensor, shape) in tensors.iter().zip(&shapes) {
        let figure = |at: usize| tensor.moments.map_or_else(String::new, |moments| Number(moments[at], 4).to_string());
        let p = if tensor.tests == 0 { String::new() } else { Number(tensor.p, 2).to_string() };
        let (shown, dtype) = (name(&tensor.name, of_name), tensor.dtype.to_lowercase());
        writeln!(out, "{}", row([&shown, &dtype, shape, &figure(0), &figure(1), &p]))?;
        for finding in &tensor.findings {
            let (severity, message) = (severity(finding.severity()), Plain(&finding.message));
            writeln!(out, "    {severity} {}: {message}", finding.kind)?;
        }
        if let Some(law) = tensor.law.as_ref().filter(|_| tensor.findings.is_empty()) {
            writeln!(out, "{}", style::out(ASIDE, format_args!("    {}", Plain(law))))?;
        }
    }
    Ok(())
}

fn severity(severity: Severity) -> impl std::fmt::Display {
    match severity {
        Severity::Error => style::out(BAD, "error"),
        Severity::Warning => style::out(WARNING, "warning"),
        Severity::Information => style::out(NOTE, "note"),
    }
}

fn summary(out: &mut dyn Write, report: &Report) -> Result<()> {
    let mut kinds: BTreeMap<_, usize> = BTreeMap::new();
    for finding in &report.findings {
        *kinds.entry((std::cmp::Reverse(finding.severity()), finding.kind)).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.into_iter().map(|((_, kind), number)| format!("{number} {kind}")).collect();
    let elements: u64 = report.tensors.iter().map(|tensor| tensor.shape.iter().product::<u64>()).sum();
    let (tensors, tests) = (many(report.tensors.len(), "tensor"), count(report.tests as u64));
    let of = format!("{tensors}, {} elements, {tests} tests at a level of {}", count(elements), report.level);
    let verdict =
        if report.is_clean() { style::out(GOOD, "as its rules say") } else { style::out(BAD, "not as its rules say") };
    let kinds = if kinds.is_empty() { String::new() } else { format!("\nfound: {}", kinds.join(", ")) };
    writeln!(out, "{verdict}: {of} (least p {}){kinds}", Number(report.least_p, 2))?;
    Ok(())
}
