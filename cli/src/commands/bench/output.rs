//! Rows as a table for a person, as CSV or as JSON, each as soon as it is known.

use super::record::Lines;
use super::row::{Bases, Row, Subject, word};
use crate::args::BenchArguments;
use crate::columns::{Cell, line};
use crate::figure::{Number, count};
use crate::style::{self, ASIDE, HEADING};
use crate::terminal::{self, Plain, Stdout};
use anyhow::Result;
use std::io::{BufWriter, Write};

/// Where rows go. A run that ends early has written what it had measured.
pub(crate) struct Report {
    out: Form,
    bases: Bases,
    is_empty: bool,
}

enum Form {
    Csv(Box<Lines<BufWriter<Stdout>>>),
    Json(BufWriter<Stdout>),
    /// And whose rows are being written.
    Table(BufWriter<Stdout>, Option<Subject>),
}

impl Report {
    pub(crate) fn new(arguments: &BenchArguments) -> Self {
        let out = terminal::stdout();
        let out = match arguments {
            BenchArguments { json: true, .. } => Form::Json(out),
            BenchArguments { csv: true, .. } => Form::Csv(Lines::new(out).into()),
            _ => Form::Table(out, None),
        };
        Self { out, bases: Bases::default(), is_empty: true }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Writes a row, and has it written before the next is measured.
    pub(crate) fn put(&mut self, mut row: Row) -> Result<()> {
        self.bases.compare(&mut row);
        let is_first = std::mem::take(&mut self.is_empty);
        match &mut self.out {
            Form::Csv(lines) => lines.put(row.record)?,
            Form::Json(out) => {
                let object = serde_json::to_string_pretty(&row.record)?.replace('\n', "\n  ");
                write!(out, "{}\n  {object}", if is_first { "[" } else { "," })?;
                out.flush()?;
            }
            Form::Table(out, previous) => {
                if is_first {
                    writeln!(out, "{}, {}, {}", row.record.date, row.record.cpu, row.record.os)?;
                }
                if previous.as_ref() != Some(&row.subject) {
                    head(out, &row.subject)?;
                    *previous = Some(row.subject.clone());
                }
                row_of(out, &row)?;
                out.flush()?;
            }
        }
        Ok(())
    }

    /// Writes what stands behind all rows.
    pub(crate) fn finish(self) -> Result<()> {
        let (mut out, end) = match self.out {
            Form::Json(out) => (out, "]".to_owned()),
            Form::Table(out, _) => (out, style::out(ASIDE, LEGEND).to_string()),
            Form::Csv(_) => return Ok(()),
        };
        if !self.is_empty {
            writeln!(out, "\n{end}")?;
        }
        Ok(out.flush()?)
    }
}

/// In front of the rows of a device.
fn head(out: &mut impl Write, subject: &Subject) -> Result<()> {
    let driver = if subject.driver.is_empty() { "" } else { ", " };
    let Subject { device, backend, driver: name, path, clock, .. } = subject;
    writeln!(out, "\n{}", Plain(format_args!("{device} ({backend}{driver}{name})")))?;
    writeln!(out, "{path}; warm times by {clock}")?;
    writeln!(out, "{}", style::out(HEADING, cells(HEAD)))?;
    Ok(())
}

fn row_of(out: &mut impl Write, row: &Row) -> Result<()> {
    let Row { task, record, .. } = row;
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let mib = task.bytes as f64 / f64::from(1 << 20);
    let tensors = count(task.tensors as u64).to_string();
    let [median, least] = [record.seconds, record.best_seconds].map(|seconds| seconds.map(|seconds| seconds * 1e3));
    let numbers = [Some(mib), median, least, row.spread()].map(figure);
    let [mib, median, least, spread] = numbers.each_ref().map(String::as_str);
    let compared = [record.gb_per_s, record.percent_of_clear, record.percent_of_constant].map(figure);
    let [rate, clear, constant] = compared.each_ref().map(String::as_str);
    let [work, timing] = [word(task.work)?, word(task.timing)?].map(|word| word.replace('_', " "));
    let law = task.law.unwrap_or("-");
    let dtype = task.dtype.map_or_else(|| "-".to_owned(), |dtype| dtype.to_string());
    let of = [&work, &timing, law, &dtype, mib, &tensors, median, least, spread, rate, clear, constant];
    writeln!(out, "{}", format!("{}  {}", cells(of), task.detail).trim_end())?;
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
