//! Records of `wgpu-init bench --csv`.

use super::file::Source;
use crate::arithmetic::usable;
use crate::subject::Subject;
use anyhow::{Context, Result};
use serde::Deserialize;

/// A line as it stands in the file. Columns are found by name, so that new ones can be added behind.
#[derive(Deserialize)]
struct Line {
    device: String,
    backend: String,
    #[serde(default)]
    driver: String,
    #[serde(default)]
    path: String,
    #[serde(default)]
    threads: Option<u32>,
    work: String,
    timing: String,
    distribution: String,
    dtype: String,
    bytes: Option<u64>,
    #[serde(default)]
    tensors: Option<u64>,
    seconds: Option<f64>,
}

/// What one device did.
#[derive(Clone, Debug)]
pub struct Device {
    /// Which one.
    pub subject: Subject,
    /// The file that says so.
    pub source: Source,
    rows: Vec<Row>,
}

/// A warm measurement of one tensor.
#[derive(Clone, Debug)]
struct Row {
    work: String,
    law: String,
    dtype: String,
    bytes: u64,
    seconds: f64,
}

/// What was timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Zeros by the device's own means.
    Clear,
    /// This crate: law and dtype.
    Fill(&'static str, &'static str),
    /// `rand` and `rand_distr`, f32: law.
    RandDistr(&'static str),
}

impl Device {
    /// Bytes and seconds of every size that was measured warm as one tensor, smallest first.
    #[must_use]
    pub fn points(&self, work: Work) -> Vec<(u64, f64)> {
        let key = match work {
            Work::Clear => ["clear", "", ""],
            Work::Fill(law, dtype) => ["fill", law, dtype],
            Work::RandDistr(law) => ["rand_distr", law, "f32"],
        };
        let rows = self.rows.iter().filter(|row| [&row.work, &row.law, &row.dtype] == key);
        let mut points: Vec<_> = rows.map(|row| (row.bytes, row.seconds)).collect();
        // Stable: of a size that was measured twice, the first measurement stays.
        points.sort_by_key(|(bytes, _)| *bytes);
        points.dedup_by_key(|(bytes, _)| *bytes);
        points
    }

    /// Seconds for this size.
    #[must_use]
    pub fn seconds(&self, work: Work, bytes: u64) -> Option<f64> {
        self.points(work).into_iter().find(|point| point.0 == bytes).map(|(_, seconds)| seconds)
    }

    /// The largest size at which all of these were measured.
    #[must_use]
    pub fn largest(&self, works: &[Work]) -> Option<u64> {
        let sizes = self.points(*works.first()?).into_iter().map(|(bytes, _)| bytes);
        sizes.rev().find(|bytes| works.iter().all(|work| self.seconds(*work, *bytes).is_some()))
    }
}

/// The devices of a record, in its order. A line without a size or a usable time gives no figure and is passed over.
///
/// # Errors
/// The text is no CSV, or a cell is no number where one belongs.
pub fn read(source: &Source, text: &str) -> Result<Vec<Device>> {
    let mut devices: Vec<Device> = Vec::new();
    for line in csv::Reader::from_reader(text.as_bytes()).deserialize() {
        let line: Line = line.with_context(|| format!("the record {}", source.name))?;
        let Line { device, backend, driver, path, threads, .. } = line;
        let subject = Subject { device, backend, driver, path, threads };
        let index = devices.iter().position(|device| device.subject == subject).unwrap_or_else(|| {
            devices.push(Device { subject, source: source.clone(), rows: Vec::new() });
            devices.len() - 1
        });
        let single = line.timing == "warm" && line.tensors.is_none_or(|tensors| tensors == 1);
        let (Some(bytes), Some(seconds)) = (line.bytes, line.seconds.and_then(usable)) else { continue };
        if single {
            devices[index].rows.push(Row {
                work: line.work,
                law: line.distribution,
                dtype: line.dtype,
                bytes,
                seconds,
            });
        }
    }
    Ok(devices)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "device,backend,driver,threads,work,timing,distribution,dtype,bytes,tensors,seconds,later\n";

    #[expect(clippy::unwrap_used, reason = "a test")]
    fn devices(lines: &str) -> Vec<Device> {
        read(&Source::default(), &format!("{HEADER}{lines}")).unwrap()
    }

    #[test]
    fn points_of_one_tensor_and_warm_alone() {
        let devices = devices(
            "g,Vulkan,d,,fill,warm,normal,f32,200,1,2.0,x\n\
             g,Vulkan,d,,fill,warm,normal,f32,100,1,1.0,x\n\
             g,Vulkan,d,,fill,warm,normal,f32,100,1,9.0,x\n\
             g,Vulkan,d,,fill,warm,normal,f32,300,148,3.0,x\n\
             g,Vulkan,d,,fill,first_touch,normal,f32,400,1,3.0,x\n\
             g,Vulkan,d,,clear,warm,,,200,1,0.5,x\n\
             c,CPU executor,,2,rand_distr,warm,normal,f32,200,1,0.5,x\n",
        );
        assert_eq!(devices.len(), 2);
        assert_eq!(devices[0].points(Work::Fill("normal", "f32")), [(100, 1.0), (200, 2.0)]);
        assert_eq!(devices[0].points(Work::Fill("normal", "f16")), []);
        assert_eq!(devices[0].largest(&[Work::Fill("normal", "f32"), Work::Clear]), Some(200));
        assert_eq!(devices[0].largest(&[Work::Clear, Work::RandDistr("normal")]), None);
        assert_eq!(devices[1].seconds(Work::RandDistr("normal"), 200), Some(0.5));
        assert_eq!(devices[1].subject.threads, Some(2));
    }

    #[test]
    fn empty_and_zero_values_give_no_point() {
        let devices = devices(
            "g,Vulkan,d,,clear,warm,,,100,1,0.0,\n\
             g,Vulkan,d,,clear,warm,,,200,1,,\n\
             g,Vulkan,d,,clear,warm,,,,1,1.0,\n\
             g,Vulkan,d,,clear,warm,,,400,,1.0,\n",
        );
        assert_eq!(devices[0].points(Work::Clear), [(400, 1.0)]);
    }

    #[test]
    fn optional_columns_may_be_missing_and_words_are_no_numbers() {
        let header = "device,backend,work,timing,distribution,dtype,bytes,seconds\n";
        let few = read(&Source::default(), &format!("{header}g,Vulkan,clear,warm,,,100,1.0\n"));
        assert!(few.is_ok_and(|devices| devices[0].points(Work::Clear) == [(100, 1.0)]));
        let source = Source { name: "bench-x.csv".to_owned(), ..Source::default() };
        let wrong = read(&source, &format!("{header}g,Vulkan,clear,warm,,,100,fast\n"));
        assert!(wrong.is_err_and(|error| error.to_string().contains("bench-x.csv")));
    }
}
