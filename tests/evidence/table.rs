//! Rows of the table of results, and their verdict.

use crate::support::checks::{Battery, report};
use std::collections::BTreeMap;
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
///
/// What stands before a colon in the name of a p-value is its *statistic*, e.g. one lag of a thousand. Each of them must see one of the controls.
#[derive(Debug)]
pub(crate) struct Row {
    test: &'static str,
    size: String,
    right: Battery,
    controls: Vec<(&'static str, Battery)>,
}

impl Row {
    pub(crate) fn new(
        test: &'static str,
        size: impl Into<String>,
        right: Battery,
        controls: impl IntoIterator<Item = (&'static str, Battery)>,
    ) -> Self {
        let row = Self { test, size: size.into(), right, controls: controls.into_iter().collect() };
        report(row.line());
        row
    }

    /// The least p-value that a control gives each statistic.
    fn caught(&self) -> BTreeMap<&str, f64> {
        let mut caught: BTreeMap<&str, f64> = self.right.names().map(|name| (statistic(name), 1.0)).collect();
        for (name, p) in self.controls.iter().flat_map(|(_, wrong)| wrong.iter()) {
            if let Some(least) = caught.get_mut(statistic(name)) {
                *least = least.min(p);
            }
        }
        caught
    }

    fn line(&self) -> String {
        let Self { test, size, right, .. } = self;
        let p = |p: f64| if p == 0.0 { "below 1e-300".to_owned() } else { format!("{p:.1e}") };
        let caught = self.caught();
        let (blindest, worst) = caught.iter().max_by(|a, b| a.1.total_cmp(b.1)).map_or(("", 1.0), |(of, p)| (*of, *p));
        let faults: Vec<&str> = self.controls.iter().map(|(fault, _)| *fault).collect();
        let (count, least, statistics) = (right.len(), p(right.least()), caught.len());
        let (faults, worst) = (faults.join("; "), p(worst));
        let of = if statistics > 1 { format!("{worst} ({blindest})") } else { worst };
        format!("| {test} | {size} | {count} | {least} | {faults} | {statistics} | {of} |")
    }
}

fn statistic(name: &str) -> &str {
    name.split(':').next().unwrap_or(name)
}

/// What is wrong, a line for each.
fn failed(rows: &[Row], level: Level) -> Vec<String> {
    let limit = limit(rows);
    let mut failed = Vec::new();
    for row in rows {
        failed.extend(row.right.below(limit).into_iter().map(|(name, p)| format!("{}: {name}: p = {p:.2e}", row.test)));
        if level == Level::Full {
            let missed = row.caught().into_iter().filter(|(_, p)| *p >= CAUGHT);
            failed.extend(missed.map(|(of, p)| format!("{}: {of} saw no control, p = {p:.2e}", row.test)));
        }
    }
    if rows.is_empty() {
        failed.push("there are no rows".to_owned());
    }
    failed
}

fn table(rows: &[Row], failed: &[String]) -> String {
    let all: usize = rows.iter().map(|row| row.right.len()).sum();
    let mut text = String::new();
    if !failed.is_empty() {
        let _ = writeln!(text, "**This run failed:**\n\n- {}\n", failed.join("\n- "));
    }
    text += "| test | size | p-values | the least | known-bad controls | statistics | the one that sees them least: p |\n\
             | --- | --- | ---: | ---: | --- | ---: | --- |\n";
    for row in rows {
        let _ = writeln!(text, "{}", row.line());
    }
    let _ = writeln!(
        text,
        "\n{all} p-values; the run fails if one is below {:.1e}, or if a statistic gives no control a p-value below {CAUGHT:e}.",
        limit(rows)
    );
    text
}

/// Bonferroni over the whole table.
fn limit(rows: &[Row]) -> f64 {
    ALPHA / rows.iter().map(|row| row.right.len()).sum::<usize>().max(1) as f64
}

/// Writes the table with its verdict into the document, where the environment asks for it, and panics if that is bad.
pub(crate) fn publish(rows: &[Row], level: Level) {
    let failed = failed(rows, level);
    let table = table(rows, &failed);
    report(&table);
    if level == Level::Full && std::env::var_os("WGPU_INIT_WRITE_DOCS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
        let text = std::fs::read_to_string(&path).expect("the document");
        let (before, rest) = text.split_once(START).expect("the start of the table");
        let (_, after) = rest.split_once(END).expect("the end of the table");
        std::fs::write(&path, format!("{before}{START}{table}{END}{after}")).expect("written");
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The verdict itself: what is wrong, and what nothing sees, fails and stands in the table.
#[test]
fn a_wrong_row_and_a_blind_statistic_fail() {
    let battery = |values: [f64; 2]| {
        let mut battery = Battery::default();
        battery.note("one: a", values[0]);
        battery.note("two", values[1]);
        battery
    };
    let row = |right, wrong| Row::new("a test", "1", battery(right), [("a fault", battery(wrong))]);
    let of = |row: Row| failed(&[row], Level::Full);
    assert_eq!(of(row([0.5, 0.1], [1e-13, 0.0])), [""; 0]);
    assert!(of(row([1e-5, 0.5], [0.0, 0.0]))[0].contains("one: a"));
    let blind = of(row([0.5, 0.5], [0.0, 0.1]));
    assert!(blind.len() == 1 && blind[0].contains("two saw no control"), "{blind:?}");
    assert!(table(&[], &blind).contains("This run failed"));
    assert_eq!(failed(&[], Level::Full).len(), 1);
}
