//! An audit for a machine.

use anyhow::Result;
use serde::Serialize;
use std::io::Write;
use wgpu_init_models::audit::{Finding, Report, TensorReport};

#[derive(Serialize)]
struct Document<'a> {
    checkpoint: &'a str,
    clean: bool,
    /// The worst finding; null without any.
    severity: Option<&'static str>,
    level: f64,
    tests: usize,
    least_p: f64,
    findings: Vec<FindingRow<'a>>,
    tensors: Vec<TensorRow<'a>>,
}

#[derive(Serialize)]
struct FindingRow<'a> {
    tensor: &'a str,
    kind: &'static str,
    severity: &'static str,
    message: &'a str,
    /// Corrected for the number of tests; null for what is no matter of chance.
    p: Option<f64>,
    check: Option<String>,
}

#[derive(Serialize)]
struct TensorRow<'a> {
    name: &'a str,
    dtype: &'a str,
    shape: &'a [u64],
    law: Option<&'a str>,
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    std: Option<f64>,
    tests: usize,
    p: f64,
    findings: usize,
}

impl<'a> FindingRow<'a> {
    fn new(finding: &'a Finding) -> Self {
        Self {
            tensor: &finding.tensor,
            kind: finding.kind.name(),
            severity: finding.severity().name(),
            message: &finding.message,
            p: finding.p,
            check: finding.check.map(|check| check.to_string()),
        }
    }
}

impl<'a> TensorRow<'a> {
    fn new(tensor: &'a TensorReport) -> Self {
        let finite = |number: f64| Some(number).filter(|number| number.is_finite());
        Self {
            name: &tensor.name,
            dtype: &tensor.dtype,
            shape: &tensor.shape,
            law: tensor.law.as_deref(),
            min: tensor.range.and_then(|range| finite(range[0])),
            max: tensor.range.and_then(|range| finite(range[1])),
            mean: tensor.moments.and_then(|moments| finite(moments[0])),
            std: tensor.moments.and_then(|moments| finite(moments[1])),
            tests: tensor.tests,
            p: tensor.p,
            findings: tensor.findings.len(),
        }
    }
}

pub(super) fn write(out: &mut dyn Write, checkpoint: &str, report: &Report) -> Result<()> {
    let document = Document {
        checkpoint,
        clean: report.is_clean(),
        severity: report.severity().map(wgpu_init_models::audit::Severity::name),
        level: report.level,
        tests: report.tests,
        least_p: report.least_p,
        findings: report.findings.iter().map(FindingRow::new).collect(),
        tensors: report.tensors.iter().map(TensorRow::new).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)?;
    Ok(())
}
