//! The rows as a table for a person, as JSON, or as CSV.

use super::environment::Environment;
use super::row::{Row, Subject};
use crate::columns::{Cell, line};
use crate::figure::{Number, count};
use crate::style::{self, ASIDE, HEADING};
use crate::terminal::Plain;
use anyhow::Result;
use serde::Serialize;
use std::io::Write;

/// A row and when and where it was measured.
#[derive(Serialize)]
struct Record<'a> {
    /// Of this command.
    version: &'static str,
    #[serde(flatten)]
    environment: &'a Environment,
    #[serde(flatten)]
    row: &'a Row,
}

impl<'a> Record<'a> {
    const fn new(environment: &'a Environment, row: &'a Row) -> Self {
        Self { version: env!("CARGO_PKG_VERSION"), environment, row }
    }
}

/// Columns of the CSV, in order; they are called as in the JSON.
const COLUMNS: [&str; 23] = [
    "date",
    "os",
    "cpu",
    "device",
    "backend",
    "driver",
    "path",
    "clock",
    "threads",
    "work",
    "timing",
    "distribution",
    "dtype",
    "bytes",
    "tensors",
    "repetitions",
    "seconds",
    "best_seconds",
    "gb_per_s",
    "percent_of_clear",
    "percent_of_constant",
    "version",
    // New ones come behind, so that older records are read alike.
    "worst_seconds",
];

pub(crate) fn json(out: &mut impl Write, environment: &Environment, rows: &[Row]) -> Result<()> {
    let records: Vec<_> = rows.iter().map(|row| Record::new(environment, row)).collect();
    serde_json::to_writer_pretty(&mut *out, &records)?;
    writeln!(out)?;
    Ok(())
}

pub(crate) fn csv(out: &mut impl Write, environment: &Environment, rows: &[Row]) -> Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))?;
    for row in rows {
        let record = serde_json::to_value(Record::new(environment, row))?;
        let cells: Vec<_> = COLUMNS.iter().map(|column| cell(&record[column])).collect();
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}

fn cell(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) if text.contains([',', '"', '\n']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        serde_json::Value::String(text) => text.clone(),
        // Six digits say more than the clock knows.
        serde_json::Value::Number(number) if number.is_f64() => {
            number.as_f64().map_or_else(String::new, |x| format!("{x:.6e}"))
        }
        value => value.to_string(),
    }
}

/// One block of lines for each device.
pub(crate) fn table(out: &mut impl Write, environment: &Environment, rows: &[Row]) -> Result<()> {
    writeln!(out, "{}, {}, {}", environment.date, environment.cpu, environment.os)?;
    let mut previous = None;
    for row in rows {
        let (subject, task) = (&row.subject, &row.task);
        if previous != Some(subject) {
            let driver = if subject.driver.is_empty() { "" } else { ", " };
            let Subject { device, backend, driver: name, path, clock, .. } = subject;
            writeln!(out, "\n{}", Plain(format_args!("{device} ({backend}{driver}{name})")))?;
            writeln!(out, "{path}; warm times by {clock}")?;
            let head = cells(HEAD);
            writeln!(out, "{}", style::out(HEADING, head))?;
            previous = Some(subject);
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
        let mib = task.bytes as f64 / f64::from(1 << 20);
        let tensors = count(task.tensors as u64).to_string();
        let numbers = [mib, row.seconds * 1e3, row.best_seconds * 1e3, row.spread()].map(|x| figure(Some(x)));
        let [mib, median, least, spread] = numbers.each_ref().map(String::as_str);
        let compared = [row.gb_per_s, row.percent_of_clear, row.percent_of_constant].map(figure);
        let [rate, clear, constant] = compared.each_ref().map(String::as_str);
        let (work, timing) = (word(task.work)?, word(task.timing)?);
        let law = task.distribution.unwrap_or("-");
        let dtype = task.dtype.map_or_else(|| "-".to_owned(), |dtype| dtype.to_string());
        let of = [&work, &timing, law, &dtype, mib, &tensors, median, least, spread, rate, clear, constant];
        writeln!(out, "{}", cells(of))?;
    }
    writeln!(out, "\n{}", style::out(ASIDE, LEGEND))?;
    Ok(())
}

/// Names of the columns, and how wide they are.
const HEAD: [&str; 12] = [
    "work",
    "timing",
    "law",
    "dtype",
    "MiB",
    "tensors",
    "median ms",
    "least ms",
    "spread %",
    "GB/s",
    "% clear",
    "% constant",
];
const WIDTHS: [usize; 12] = [24, 11, 12, 9, 7, 7, 9, 9, 8, 7, 7, 10];
const LEGEND: &str = "median and least of the repetitions; spread: from the least to the greatest, of the median. GB/s: 10^9 bytes a \
second, by the median.\n% clear: speed compared with setting as many bytes to zero; % constant: with filling them with one value";

fn cells(texts: [&str; 12]) -> String {
    let mut columns = Vec::with_capacity(texts.len());
    for (at, (text, width)) in texts.into_iter().zip(WIDTHS).enumerate() {
        columns.push(if at < 4 { Cell::Left(text, width) } else { Cell::Right(text, width) });
    }
    line(&columns)
}

/// Three digits say as much as times that vary by a few percent are worth.
fn figure(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| Number(figure, 3).to_string())
}

/// A name as in the JSON, with spaces.
fn word(name: impl Serialize) -> Result<String> {
    Ok(cell(&serde_json::to_value(name)?).replace('_', " "))
}
