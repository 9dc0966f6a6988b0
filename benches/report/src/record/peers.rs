//! Records of `fills` in `benches/peers`: this crate beside others on one device.

use super::file::Source;
use crate::arithmetic::{factor, rate, usable};
use anyhow::{Context, Result};
use serde::Deserialize;

/// What this crate is called in a record.
const OURS: &str = "wgpu-init";

#[derive(Deserialize)]
struct Line {
    what: String,
    device: String,
    #[serde(default)]
    driver: String,
    law: String,
    #[serde(default)]
    dtype: String,
    mib: Option<f64>,
    seconds: Option<f64>,
}

/// What was measured on one device.
#[derive(Clone, Debug)]
pub struct Device {
    /// As the record calls it, with the backend.
    pub name: String,
    /// Empty where the record does not say.
    pub driver: String,
    /// The file that says so.
    pub source: Source,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    what: String,
    case: Case,
    bytes: u64,
    seconds: f64,
}

/// What was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// As `uniform`.
    pub law: String,
    /// As `f32`.
    pub dtype: String,
}

/// One crate's measurement of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its name in the record.
    pub what: String,
    /// Whether it is this crate.
    pub ours: bool,
    /// GB/s written.
    pub rate: f64,
    /// How many times as fast this crate is.
    pub factor: Option<f64>,
}

impl Device {
    /// The largest size at which another crate was measured beside this one.
    #[must_use]
    pub fn largest(&self) -> Option<u64> {
        let mut sizes: Vec<_> = self.rows.iter().map(|row| row.bytes).collect();
        sizes.sort_unstable();
        sizes.into_iter().rev().find(|bytes| self.cases().iter().any(|case| !self.entries(case, *bytes).is_empty()))
    }

    /// What was drawn, in the record's order.
    #[must_use]
    pub fn cases(&self) -> Vec<Case> {
        let mut cases = Vec::new();
        for row in &self.rows {
            if !cases.contains(&row.case) {
                cases.push(row.case.clone());
            }
        }
        cases
    }

    /// This crate and the others, in the record's order; nothing where no other, or not this one, was measured.
    #[must_use]
    pub fn entries(&self, case: &Case, bytes: u64) -> Vec<Entry> {
        let rows = || self.rows.iter().filter(|row| row.case == *case && row.bytes == bytes);
        let Some(ours) = rows().find(|row| row.what == OURS) else { return Vec::new() };
        let entries = rows().filter_map(|row| {
            let is_ours = row.what.starts_with(OURS);
            let factor = if is_ours { None } else { factor(row.seconds, ours.seconds) };
            Some(Entry { what: row.what.clone(), ours: is_ours, rate: rate(row.bytes, row.seconds)?, factor })
        });
        let entries: Vec<_> = entries.collect();
        if entries.iter().any(|entry| !entry.ours) { entries } else { Vec::new() }
    }
}

/// The devices of a record, in its order. A clear is no peer; a line without a size or a usable time gives no figure.
///
/// # Errors
/// The text is no CSV, or a cell is no number where one belongs.
pub fn read(source: &Source, text: &str) -> Result<Vec<Device>> {
    let mut devices: Vec<Device> = Vec::new();
    for line in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let line: Line = line.with_context(|| format!("the record {}", source.name))?;
        let index = devices.iter().position(|device| device.name == line.device).unwrap_or_else(|| {
            let (name, driver) = (line.device.clone(), line.driver.clone());
            devices.push(Device { name, driver, source: source.clone(), rows: Vec::new() });
            devices.len() - 1
        });
        let (Some(bytes), Some(seconds)) = (line.mib.and_then(bytes), line.seconds.and_then(usable)) else { continue };
        if line.what.starts_with("clear") {
            continue;
        }
        // The column came later than the first records, which are of f32.
        let dtype = if line.dtype.is_empty() { "f32".to_owned() } else { line.dtype };
        devices[index].rows.push(Row { what: line.what, case: Case { law: line.law, dtype }, bytes, seconds });
    }
    Ok(devices)
}

fn bytes(mib: f64) -> Option<u64> {
    let bytes = (mib * f64::from(1 << 20)).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    (bytes >= 1.0 && bytes < 2f64.powi(63)).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unwrap_used, reason = "a test")]
    fn device(text: &str) -> Device {
        read(&Source::default(), text).unwrap().remove(0)
    }

    fn case(law: &str) -> Case {
        Case { law: law.to_owned(), dtype: "f32".to_owned() }
    }

    #[test]
    fn factors_with_losses() {
        let device = device(
            "what,device,law,mib,seconds,gb_per_s\n\
             clear_buffer,g,uniform,2,0.1,\n\
             wgpu-init,g,uniform,1,1.0,\n\
             wgpu-init,g,uniform,2,2.0,\n\
             fast,g,uniform,2,1.0,\n\
             slow,g,uniform,2,4.0,\n\
             wgpu-init,g,trunc_normal,4,1.0,\n",
        );
        assert_eq!(device.largest(), Some(2 << 20), "nothing stands beside the larger one");
        let factors: Vec<_> = device.entries(&case("uniform"), 2 << 20).iter().map(|entry| entry.factor).collect();
        assert_eq!(factors, [None, Some(0.5), Some(2.0)]);
        assert_eq!(device.entries(&case("trunc_normal"), 4 << 20), []);
    }

    #[test]
    fn later_columns_and_unusable_lines() {
        let device = device(
            "what,device,law,mib,seconds,gb_per_s,dtype,driver\n\
             wgpu-init,g,normal,0.5,1.0,,bf16,d 1\n\
             zero,g,normal,0.5,0.000000,,bf16,d 1\n\
             empty,g,normal,0.5,,,bf16,d 1\n\
             other,g,normal,0.5,1.0,,,d 1\n\
             other,g,normal,0.5,3.0,,bf16,d 1\n",
        );
        assert_eq!(device.driver, "d 1");
        assert_eq!(device.largest(), Some(1 << 19));
        let case = Case { dtype: "bf16".to_owned(), ..case("normal") };
        let entries = device.entries(&case, 1 << 19);
        assert_eq!(entries.iter().map(|entry| entry.what.as_str()).collect::<Vec<_>>(), ["wgpu-init", "other"]);
        assert_eq!(entries[1].factor, Some(3.0));
    }

    #[test]
    fn a_comma_in_a_name_is_an_error_and_not_a_shifted_column() {
        let text = "what,device,law,mib,seconds\nwgpu-init,a (b, c),uniform,1,1.0\n";
        assert!(read(&Source::default(), text).is_err());
    }
}
