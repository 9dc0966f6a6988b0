//! The rows as a table for a person, or as JSON.

use super::row::{Row, Subject, word};
use crate::columns::{Cell, line};
use crate::figure::{Number, count};
use crate::style::{self, ASIDE, HEADING};
use crate::terminal::Plain;
use anyhow::Result;
use std::io::Write;

pub(crate) fn json(out: &mut impl Write, rows: &[Row]) -> Result<()> {
    let records: Vec<_> = rows.iter().map(|row| &row.record).collect();
    serde_json::to_writer_pretty(&mut *out, &records)?;
    writeln!(out)?;
    Ok(())
}

/// One block of lines for each device.
pub(crate) fn table(out: &mut impl Write, rows: &[Row]) -> Result<()> {
    if let Some(Row { record, .. }) = rows.first() {
        writeln!(out, "{}, {}, {}", record.date, record.cpu, record.os)?;
    }
    let mut previous = None;
    for row in rows {
        let (subject, task, record) = (&row.subject, &row.task, &row.record);
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
