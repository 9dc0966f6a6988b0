//! The rows as a table for a person, as JSON, or as CSV.

use super::environment::Environment;
use super::row::{Row, Subject};
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
const COLUMNS: [&str; 22] = [
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
            writeln!(
                out,
                "{:22} {:11} {:12} {:>5} {:>9} {:>7} {:>12} {:>9} {:>8} {:>10}",
                "work",
                "timing",
                "distribution",
                "dtype",
                "MiB",
                "tensors",
                "milliseconds",
                "GB/s",
                "% clear",
                "% constant"
            )?;
            previous = Some(subject);
        }
        #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
        let mib = task.bytes as f64 / f64::from(1 << 20);
        let [rate, clear, constant] = [(row.gb_per_s, 3), (row.percent_of_clear, 1), (row.percent_of_constant, 1)]
            .map(|(figure, digits)| figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.digits$}")));
        writeln!(
            out,
            "{:22} {:11} {:12} {:>5} {mib:>9.2} {:>7} {:>12.4} {rate:>9} {clear:>8} {constant:>10}",
            word(task.work)?,
            word(task.timing)?,
            task.distribution.unwrap_or("-"),
            task.dtype.map_or_else(|| "-".to_owned(), |dtype| dtype.to_string()),
            task.tensors,
            row.seconds * 1e3,
        )?;
    }
    Ok(())
}

/// A name as in the JSON, with spaces.
fn word(name: impl Serialize) -> Result<String> {
    Ok(cell(&serde_json::to_value(name)?).replace('_', " "))
}
