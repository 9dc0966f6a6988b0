//! Rows of the table of results, and their verdict.

use crate::support::checks::{Battery, report};
use std::fmt::Write;
use std::path::Path;

/// The probability that a right generator fails any p-value of the table. Seeds are fixed: it fails always or never.
const ALPHA: f64 = 1e-3;
/// A fault is caught where chance does not explain it.
const CAUGHT: f64 = 1e-12;
const DOCUMENT: &str = "docs/statistics.md";
const START: &str = "<!-- table of ./check --statistics -->\n";
const END: &str = "<!-- end of table -->";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Short,
    Full,
}

impl Level {
    /// How many numbers: a power of two.
    pub(crate) const fn size(self, log2: u32) -> u64 {
        match self {
            Self::Short => 1 << (log2 - 8),
            Self::Full => 1 << log2,
        }
    }
}

/// One test, what is right, and what is wrong on purpose.
#[derive(Debug)]
pub(crate) struct Row {
    test: &'static str,
    size: String,
    right: Battery,
    fault: &'static str,
    wrong: Battery,
}

impl Row {
    pub(crate) fn new(
        test: &'static str,
        size: impl Into<String>,
        right: Battery,
        fault: &'static str,
        wrong: Battery,
    ) -> Self {
        let row = Self { test, size: size.into(), right, fault, wrong };
        report(row.line());
        row
    }

    fn line(&self) -> String {
        let Self { test, size, right, fault, wrong } = self;
        let p = |p: f64| if p == 0.0 { "below 1e-300".to_owned() } else { format!("{p:.1e}") };
        let [least, caught] = [right.least(), wrong.least()].map(p);
        format!("| {test} | {size} | {} | {least} | {fault} | {caught} |", right.len())
    }
}

fn table(rows: &[Row]) -> String {
    let all: usize = rows.iter().map(|row| row.right.len()).sum();
    let mut text = String::from(
        "| test | size | p-values | the least | known-bad control | its least p-value |\n| --- | --- | ---: | ---: | --- | ---: |\n",
    );
    for row in rows {
        let _ = writeln!(text, "{}", row.line());
    }
    let _ = writeln!(
        text,
        "\n{all} p-values; the run fails if one is below {:.1e}, or if a control's least is not below {CAUGHT:e}.",
        limit(rows)
    );
    text
}

/// Bonferroni over the whole table.
fn limit(rows: &[Row]) -> f64 {
    ALPHA / rows.iter().map(|row| row.right.len()).sum::<usize>() as f64
}

/// Into the document, where the environment asks for it.
pub(crate) fn write(rows: &[Row]) {
    let table = table(rows);
    report(&table);
    if std::env::var_os("WGPU_INIT_WRITE_DOCS").is_none() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let text = std::fs::read_to_string(&path).expect("the document");
    let (before, rest) = text.split_once(START).expect("the start of the table");
    let (_, after) = rest.split_once(END).expect("the end of the table");
    std::fs::write(&path, format!("{before}{START}{table}{END}{after}")).expect("written");
}

pub(crate) fn judge(rows: &[Row], level: Level) {
    let limit = limit(rows);
    let mut failed = Vec::new();
    for row in rows {
        failed.extend(row.right.below(limit).into_iter().map(|(name, p)| format!("{}: {name}: p = {p:.2e}", row.test)));
        if level == Level::Full && row.wrong.least() >= CAUGHT {
            failed.push(format!("{}: {} was not caught, p = {:.2e}", row.test, row.fault, row.wrong.least()));
        }
    }
    assert!(!rows.is_empty() && failed.is_empty(), "{}", failed.join("\n"));
}
