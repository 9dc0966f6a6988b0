//! A line of a record. This command, the benchmarks and the comparisons with other libraries write it (`benches/`), and
//! `benches/report` reads it: all by this one struct.
//!
//! Only std, serde and csv: those who share it include this file.
#![allow(dead_code, reason = "some write and some read")]

use serde::{Deserialize, Serialize};
use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What was measured, where, and how long it took. Columns are found by name, and any may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// UTC, as `2026-11-23`.
    pub(crate) date: String,
    pub(crate) os: String,
    /// The processor.
    pub(crate) cpu: String,
    /// The adapter or the processor that does the work.
    pub(crate) device: String,
    /// As wgpu calls it, `CPU` or `CUDA`.
    pub(crate) backend: String,
    pub(crate) driver: String,
    /// Which of the equivalent shaders run, or for which instructions the code was compiled.
    pub(crate) path: String,
    /// `timestamps` of the device or the `host`'s clock.
    pub(crate) clock: String,
    /// Threads of the CPU that do the work.
    pub(crate) threads: Option<u64>,
    /// The program or library that does the work; this crate is [`OURS`].
    pub(crate) what: String,
    /// Of what does the work.
    pub(crate) version: String,
    /// As `fill` or `clear`.
    pub(crate) work: String,
    /// From when to when: as `warm`.
    pub(crate) timing: String,
    pub(crate) law: Option<String>,
    pub(crate) dtype: Option<String>,
    pub(crate) bytes: Option<u64>,
    pub(crate) tensors: Option<u64>,
    /// What no other column says: which of several ways, which model, which view.
    pub(crate) detail: String,
    pub(crate) repetitions: Option<u64>,
    /// The median of the repetitions.
    pub(crate) seconds: Option<f64>,
    pub(crate) best_seconds: Option<f64>,
    pub(crate) worst_seconds: Option<f64>,
    /// 10^9 bytes a second, by the median, or by the least time where there is no median. None where nothing is written.
    pub(crate) gb_per_s: Option<f64>,
    /// Speed compared with a clear of the same bytes on the same device, timed alike.
    pub(crate) percent_of_clear: Option<f64>,
    /// The same with a fill with a constant of the same dtype.
    pub(crate) percent_of_constant: Option<f64>,
}

/// What this crate is called.
pub(crate) const OURS: &str = "wgpu-init";

impl Record {
    /// By this crate, today, on this machine.
    pub(crate) fn here() -> Self {
        let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
        Self {
            date: date(days),
            os: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            cpu: cpu(),
            what: OURS.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..Self::default()
        }
    }

    /// With the times that were measured: median, least and greatest.
    pub(crate) fn timed(mut self, times: &[Duration]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        // A clock that is too coarse must not make a rate infinite.
        let at = |index: usize| sorted.get(index).map(|time| time.as_secs_f64().max(1e-9));
        self.repetitions = Some(sorted.len() as u64);
        // Of an even number, the later of the two in the middle.
        (self.seconds, self.best_seconds) = (at(sorted.len() / 2), at(0));
        self.worst_seconds = at(sorted.len().wrapping_sub(1));
        #[allow(clippy::cast_precision_loss, reason = "a size for a rate")]
        let bytes = self.bytes.filter(|_| self.work != "record").map(|bytes| bytes as f64 * 1e-9);
        self.gb_per_s = bytes.zip(self.seconds).map(|(bytes, seconds)| bytes / seconds);
        self
    }
}

/// Writes lines under the names of the columns, each at once: what is interrupted has what it had measured.
pub(crate) struct Lines<W: Write>(csv::Writer<W>);

impl<W: Write> Lines<W> {
    pub(crate) fn new(out: W) -> Self {
        Self(csv::Writer::from_writer(out))
    }

    pub(crate) fn put(&mut self, mut record: Record) -> csv::Result<()> {
        let Record { seconds, best_seconds, worst_seconds, gb_per_s, percent_of_clear, percent_of_constant, .. } =
            &mut record;
        for figure in [seconds, best_seconds, worst_seconds, gb_per_s, percent_of_clear, percent_of_constant] {
            // Seven digits say more than the clock knows.
            *figure = figure.and_then(|figure| format!("{figure:.6e}").parse().ok());
        }
        self.0.serialize(record)?;
        Ok(self.0.flush()?)
    }
}

/// The date of a day counted from 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms").
fn date(days: u64) -> String {
    let shifted = days + 719_468; // days since 0000-03-01
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The processor's name where the system tells it in a file.
fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name));
    name.map_or_else(|| "unknown".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
#[allow(unused_imports, reason = "a benchmark without a harness has no tests")]
mod tests {
    use super::{Lines, Record, date};
    use std::time::Duration;

    #[test]
    fn dates() {
        let known = [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (19_722, "2023-12-31")];
        for (days, expected) in known {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let times = [3, 1, 2].map(Duration::from_millis);
        let record = Record { bytes: Some(4_000_000), detail: "a, \"b\"".to_owned(), ..Record::here() }.timed(&times);
        assert_eq!((record.seconds, record.best_seconds, record.worst_seconds), (Some(2e-3), Some(1e-3), Some(3e-3)));
        assert_eq!(record.gb_per_s, Some(2.0));
        let mut text = Vec::new();
        Lines::new(&mut text).put(record.clone()).expect("text");
        let read: Vec<Record> =
            csv::Reader::from_reader(&text[..]).deserialize().map(|record| record.expect("a record")).collect();
        assert_eq!(read, [record]);
    }

    #[test]
    fn no_time_gives_no_figure() {
        let record = Record { bytes: Some(4), ..Record::here() }.timed(&[]);
        assert_eq!((record.seconds, record.worst_seconds, record.gb_per_s), (None, None, None));
    }
}
