//! Which records count: of each device the newest of each schema.

use super::file::{Source, list};
use super::schema::Schema;
use super::{bench, peers};
use crate::subject::{Kind, Subject};
use anyhow::{Context, Result};
use std::path::Path;

/// What the newest records say.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Devices of the bench records: GPUs first, then software adapters, then the CPU.
    pub bench: Vec<bench::Device>,
    /// Devices of the records beside other crates.
    pub peers: Vec<peers::Device>,
    /// What a person may want to know of the choice.
    pub notes: Vec<String>,
}

impl Records {
    /// Reads a folder.
    ///
    /// # Errors
    /// A file cannot be read, or a record has no date or a wrong value.
    pub fn read(folder: &Path) -> Result<Self> {
        Self::of(list(folder)?)
    }

    /// From names and contents.
    ///
    /// # Errors
    /// A record has no date, or a wrong value.
    pub fn of(files: Vec<(String, String)>) -> Result<Self> {
        let mut records = Self::default();
        let (mut benches, mut peers) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let header = csv::Reader::from_reader(text.as_bytes()).headers().cloned();
            match Schema::of(&header.with_context(|| format!("the record {name}"))?) {
                Some(Schema::Bench) => benches.push((Source::new(&name)?, text)),
                Some(Schema::Peers) => peers.push((Source::new(&name)?, text)),
                None => records.notes.push(format!("{name} has another schema and is not read")),
            }
        }
        for (source, text) in newest_first(benches) {
            for device in bench::read(&source, &text)? {
                // Each run measures the CPU as well: runs of one day on one machine have it several times.
                let (source, subject) = (&device.source, &device.subject);
                // Two equal cards stand in one file; what is older may have had another driver, or other shaders.
                let is_known = |other: &&bench::Device| {
                    other.subject == *subject
                        || other.subject.label() == subject.label() && other.source.date != source.date
                };
                match records.bench.iter().find(is_known) {
                    None => records.bench.push(device),
                    Some(first) => records.notes.extend(twice(&subject.label(), &first.source, source)),
                }
            }
        }
        records.bench.sort_by_key(|device| device.subject.kind());
        for (source, text) in newest_first(peers) {
            for device in peers::read(&source, &text)? {
                match records.peers.iter().find(|other| other.name == device.name) {
                    None => records.peers.push(device),
                    Some(first) => records.notes.extend(twice(&device.name, &first.source, &source)),
                }
            }
        }
        Ok(records)
    }

    /// What stands behind a name in a record beside others: a processor is also known by the bench records, whose lines say so.
    #[must_use]
    pub fn kind(&self, name: &str) -> Kind {
        let is_processor =
            self.bench.iter().any(|bench| bench.subject.kind() == Kind::Cpu && bench.subject.device == name);
        if is_processor { Kind::Cpu } else { Kind::of(name) }
    }

    /// The driver of a device that was measured beside other crates: as its record says, or else as the bench record of the same
    /// day says of a device of that name.
    #[must_use]
    pub fn driver<'a>(&'a self, device: &'a peers::Device) -> Option<&'a str> {
        if !device.driver.is_empty() {
            return Some(&device.driver);
        }
        // These records have semicolons for the commas of a name.
        let name = device.name.replace(';', ",");
        let same = self.bench.iter().find(|bench| {
            let Subject { device, backend, .. } = &bench.subject;
            let rest = name.replacen(device.as_str(), "", 1);
            !device.is_empty() && name.contains(device.as_str()) && rest.trim() == backend
        });
        let same = same.filter(|bench| bench.source.date == device.source.date)?;
        Some(same.subject.driver.as_str()).filter(|driver| !driver.is_empty())
    }
}

/// By date, the last one in front; those of a day by name.
fn newest_first(mut records: Vec<(Source, String)>) -> Vec<(Source, String)> {
    records.sort();
    records.sort_by(|(a, _), (b, _)| b.date.cmp(&a.date));
    records
}

/// Two of one day: neither is the newer one.
fn twice(device: &str, first: &Source, second: &Source) -> Option<String> {
    let text = || format!("{device} is in {} and in {}; the first one counts", first.name, second.name);
    (first.date == second.date).then(text)
}

#[cfg(test)]
mod tests {
    use super::Records;

    const BENCH: &str = "device,backend,work,timing,distribution,dtype,bytes,seconds\n";
    const PEERS: &str = "what,device,law,mib,seconds\n";

    fn bench(name: &str, device: &str, seconds: &str) -> (String, String) {
        (name.to_owned(), format!("{BENCH}{device},Vulkan,clear,warm,,,100,{seconds}\n"))
    }

    fn peers(name: &str, device: &str) -> (String, String) {
        (name.to_owned(), format!("{PEERS}wgpu-init,{device},uniform,1,1.0\n"))
    }

    #[expect(clippy::unwrap_used, reason = "a test")]
    fn names(files: Vec<(String, String)>) -> (Vec<String>, Vec<String>, Records) {
        let records = Records::of(files).unwrap();
        let bench = records.bench.iter().map(|device| device.source.name.clone()).collect();
        (bench, records.peers.iter().map(|device| device.source.name.clone()).collect(), records)
    }

    #[test]
    fn the_newest_of_a_device_whatever_the_prefix() {
        let (bench, peers, records) = names(vec![
            bench("z-2026-11-23.csv", "llvmpipe", "1.0"),
            bench("a-2026-11-24.csv", "llvmpipe", "1.0"),
            peers("q-2025-12-31.csv", "x"),
            peers("b-2025-01-31.csv", "x"),
            ("orthogonal-2027-01-01.csv".to_owned(), "what,device,n,seconds\nx,y,1,1\n".to_owned()),
        ]);
        assert_eq!((bench, peers), (vec!["a-2026-11-24.csv".to_owned()], vec!["q-2025-12-31.csv".to_owned()]));
        assert_eq!(records.notes, ["orthogonal-2027-01-01.csv has another schema and is not read"]);
    }

    #[test]
    fn records_of_one_day_are_read_together_and_a_device_once() {
        let (bench, _, records) = names(vec![
            bench("b-2026-11-24.csv", "llvmpipe", "2.0"),
            bench("a-2026-11-24.csv", "llvmpipe", "1.0"),
            bench("c-2026-11-24.csv", "NVIDIA X", "1.0"),
        ]);
        assert_eq!(bench, ["c-2026-11-24.csv", "a-2026-11-24.csv"], "hardware in front");
        assert_eq!(records.notes.len(), 1);
    }

    #[test]
    fn an_older_record_of_another_device_counts_and_no_record_is_no_error() {
        let (bench, _, records) =
            names(vec![bench("a-2026-01-01.csv", "NVIDIA X", "1.0"), bench("b-2026-01-02.csv", "llvmpipe", "1.0")]);
        assert_eq!(bench, ["a-2026-01-01.csv", "b-2026-01-02.csv"]);
        assert!(records.notes.is_empty());
        assert!(names(Vec::new()).0.is_empty());
    }

    #[test]
    fn a_driver_of_the_same_device_and_day() {
        let bench = |date: &str| {
            let header = "device,backend,driver,work,timing,distribution,dtype,bytes,seconds\n";
            (format!("b-{date}.csv"), format!("{header}\"x (1, 2)\",Vulkan,d 7,clear,warm,,,100,1.0\n"))
        };
        let (_, _, records) = names(vec![bench("2026-11-24"), peers("p-2026-11-24.csv", "Vulkan x (1; 2)")]);
        assert_eq!(records.driver(&records.peers[0]), Some("d 7"));
        let (_, _, records) = names(vec![bench("2026-11-24"), peers("p-2026-11-24.csv", "Gl x (1; 2)")]);
        assert_eq!(records.driver(&records.peers[0]), None, "another backend");
        let (_, _, records) = names(vec![bench("2026-11-23"), peers("p-2026-11-24.csv", "Vulkan x (1; 2)")]);
        assert_eq!(records.driver(&records.peers[0]), None, "another day");
    }

    #[test]
    fn a_record_without_a_date_is_an_error() {
        let error = Records::of(vec![bench("bench.csv", "x", "1.0")]).map(drop).map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("bench.csv") && error.contains("YYYY-MM-DD")));
    }
}
