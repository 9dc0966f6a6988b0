//! Which records count, and what stands beside what in them.

use crate::record::{OURS, Record};
use anyhow::{Context, Result, ensure};
use itertools::Itertools;
use std::cmp::Reverse;
use std::path::Path;

/// Laws that draw random numbers, by their names in the records.
pub(crate) const LAWS: [&str; 3] = ["uniform", "normal", "trunc_normal"];
/// A clear has no law; here it goes by this name.
pub(crate) const CLEAR: &str = "clear";

/// A device as one backend drives it, or so many threads of a CPU, in the newest record that has it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The record's name; a date is its end.
    pub(crate) source: String,
    /// The first row: device, backend, driver, threads and timing are those of all.
    pub(crate) of: Record,
    /// Fills and clears of one tensor.
    rows: Vec<Record>,
}

/// Another library's best form beside this crate.
pub(crate) struct Entry<'a> {
    pub(crate) row: &'a Record,
    /// Numbers a second.
    pub(crate) rate: f64,
    /// How many times as fast this crate is; nothing for itself.
    pub(crate) factor: Option<f64>,
}

/// By the median, or by the least time where that alone was kept. A time that nothing can be divided by is none.
pub(crate) fn seconds(row: &Record) -> Option<f64> {
    row.seconds.or(row.best_seconds).filter(|seconds| seconds.is_finite() && *seconds > 0.0)
}

/// 10^9 bytes a second.
#[expect(clippy::cast_precision_loss, reason = "a size for a rate")]
pub(crate) fn gigabytes(row: &Record) -> Option<f64> {
    Some(row.bytes? as f64 * 1e-9 / seconds(row)?)
}

/// Numbers a second.
#[expect(clippy::cast_precision_loss, reason = "a count for a rate")]
fn rate(row: &Record) -> Option<f64> {
    let size = match row.dtype.as_deref()? {
        "f32" => 4.0,
        "f16" | "bf16" => 2.0,
        _ => 1.0,
    };
    Some(row.bytes? as f64 / size / seconds(row)?)
}

/// How many times as fast a row is as another of as many bytes.
pub(crate) fn ratio(row: &Record, other: &Record) -> Option<f64> {
    Some(seconds(other)? / seconds(row)?)
}

impl Subject {
    pub(crate) fn is_cpu(&self) -> bool {
        self.of.backend == "CPU"
    }

    /// Whether a CPU emulates it: records have no type of the device, it is told by name.
    pub(crate) fn is_software(&self) -> bool {
        ["llvmpipe", "swiftshader"].iter().any(|name| self.of.device.to_lowercase().contains(name))
    }

    /// Whether this is from before recording to the end, as others were timed beside it.
    pub(crate) fn end_to_end(&self) -> bool {
        self.of.timing == "end_to_end"
    }

    pub(crate) fn date(&self) -> &str {
        date(&self.source).unwrap_or_default()
    }

    /// For a person.
    pub(crate) fn label(&self) -> String {
        let software = if self.is_software() { " (software)" } else { "" };
        let how = match (self.of.threads, self.of.backend.as_str()) {
            (Some(1), _) => "1 thread",
            (Some(threads), _) => &format!("{threads} threads"),
            (None, "Gl") => "OpenGL",
            (None, backend) => backend,
        };
        format!("{}, {how}{software}", self.of.device)
    }

    /// Whether a row is of this subject: what CUDA did stands beside this crate on the same card.
    fn has(&self, row: &Record) -> bool {
        let key = |row: &Record| (row.device.clone(), row.threads, row.timing.clone());
        key(&self.of) == key(row) && (self.of.backend == row.backend || row.backend == "CUDA")
    }

    /// This crate's fill with a law, or the clear, at every size, smallest first.
    pub(crate) fn points(&self, law: &str, dtype: &str) -> Vec<&Record> {
        let is_it = |row: &&Record| match row.law.as_deref() {
            None => law == CLEAR,
            known => known == Some(law) && row.dtype.as_deref() == Some(dtype) && row.what == OURS,
        };
        let rows = self.rows.iter().filter(is_it).filter(|row| row.bytes.is_some());
        // Stable: of a size that was measured twice, the first stays.
        rows.sorted_by_key(|row| row.bytes).dedup_by(|a, b| a.bytes == b.bytes).collect()
    }

    pub(crate) fn at(&self, law: &str, dtype: &str, bytes: u64) -> Option<&Record> {
        self.points(law, dtype).into_iter().find(|row| row.bytes == Some(bytes))
    }

    /// The size at which the most libraries were measured beside this crate, the largest of several.
    pub(crate) fn compared(&self) -> Option<u64> {
        let others = self.rows.iter().filter(|row| self.rival(row).is_some());
        let others = others.filter_map(|row| Some((row.bytes?, &row.what))).unique().counts_by(|(bytes, _)| bytes);
        others.into_iter().max_by_key(|(bytes, whats)| (*whats, *bytes)).map(|(bytes, _)| bytes)
    }

    /// Whether this was measured.
    pub(crate) fn knows(&self, what: &str) -> bool {
        self.rows.iter().any(|row| row.what == what)
    }

    /// This crate's row for the same work by another.
    fn rival(&self, row: &Record) -> Option<&Record> {
        // This crate's words under another's distributions are neither.
        let law = row.law.as_deref().filter(|_| !row.what.contains(OURS))?;
        self.at(law, row.dtype.as_deref()?, row.bytes?)
    }

    /// Of a law, at a size: this crate in each dtype, then in it every other, in its best form, fastest first.
    pub(crate) fn entries(&self, law: &str, bytes: u64) -> Vec<Entry<'_>> {
        let of_dtype = |dtype: &'static str| {
            let ours = self.at(law, dtype, bytes);
            let ours = ours.and_then(|row| Some(Entry { row, rate: rate(row)?, factor: None }));
            let case = (Some(law), Some(dtype), Some(bytes));
            let is_case = move |row: &&Record| (row.law.as_deref(), row.dtype.as_deref(), row.bytes) == case;
            let others =
                self.rows.iter().filter(is_case).filter_map(|row| {
                    Some(Entry { row, rate: rate(row)?, factor: Some(ratio(self.rival(row)?, row)?) })
                });
            let others = others.sorted_by(|a, b| b.rate.total_cmp(&a.rate)).unique_by(|entry| &entry.row.what);
            ours.into_iter().chain(others)
        };
        ["f32", "f16", "bf16"].into_iter().flat_map(of_dtype).collect()
    }
}

/// The end of a record's name.
fn date(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".csv")?;
    let date = stem.get(stem.len().checked_sub(10)?..)?;
    let fits = |(at, c): (usize, char)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() };
    date.chars().enumerate().all(fits).then_some(date)
}

/// The newest records of a folder: what this crate did on each device, and what others did beside it.
pub(crate) fn read(folder: &Path) -> Result<(Vec<Subject>, Vec<Subject>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".csv") {
            files.push((std::fs::read_to_string(&path).with_context(|| name.clone())?, name));
        }
    }
    choose(files)
}

/// From contents and names. Lines of other works are left alone, and so are files of another kind, as counts of instructions.
pub(crate) fn choose(files: Vec<(String, String)>) -> Result<(Vec<Subject>, Vec<Subject>)> {
    let mut all = Vec::new();
    for (text, source) in files {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        if !reader.headers()?.iter().any(|name| name == "seconds") {
            continue;
        }
        ensure!(date(&source).is_some(), "the record {source} has no date: call it NAME-YYYY-MM-DD.csv");
        let mut subjects: Vec<Subject> = Vec::new();
        for row in reader.deserialize() {
            let row: Record = row.with_context(|| format!("the record {source}"))?;
            let is_usual = ["fill", "clear"].contains(&&*row.work) && ["warm", "end_to_end"].contains(&&*row.timing);
            if !is_usual || row.tensors != Some(1) || seconds(&row).is_none() {
                continue;
            }
            match subjects.iter_mut().find(|subject| subject.has(&row)) {
                Some(subject) => subject.rows.push(row),
                None => subjects.push(Subject { source: source.clone(), of: row.clone(), rows: vec![row] }),
            }
        }
        all.append(&mut subjects);
    }
    let ours = |subject: &Subject| subject.rows.iter().filter(|row| row.what == OURS).count();
    let others = |subject: &Subject| subject.rows.iter().filter(|row| subject.rival(row).is_some()).count();
    Ok((newest(&all, |subject| if subject.end_to_end() { 0 } else { ours(subject) }), newest(&all, others)))
}

/// The newest of each device that has something, of a day what has more: hardware first, then software, then the CPU.
fn newest(all: &[Subject], count: impl Fn(&Subject) -> usize) -> Vec<Subject> {
    let some = all.iter().map(|subject| (count(subject), subject)).filter(|(count, _)| *count > 0);
    some.sorted_by_key(|(count, subject)| (Reverse(subject.date()), Reverse(*count), &subject.source))
        .map(|(_, subject)| subject)
        .unique_by(|subject| (&subject.of.device, &subject.of.backend, subject.of.threads, subject.end_to_end()))
        .sorted_by_key(|subject| (subject.is_cpu(), subject.is_software(), subject.end_to_end(), subject.of.threads))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Subject, choose};

    const HEADER: &str =
        "device,backend,threads,what,work,timing,law,dtype,bytes,tensors,detail,seconds,best_seconds\n";

    #[expect(clippy::unwrap_used, reason = "a test")]
    fn chosen(files: &[(&str, &str)]) -> (Vec<Subject>, Vec<Subject>) {
        choose(files.iter().map(|(name, lines)| (format!("{HEADER}{lines}"), (*name).to_owned())).collect()).unwrap()
    }

    #[test]
    fn the_newest_record_of_each_device_whatever_its_name() {
        let line = "llvmpipe,Vulkan,,wgpu-init,fill,warm,normal,f32,100,1,,1.0,\n";
        let both = format!("{line}NVIDIA X,Vulkan,,wgpu-init,fill,warm,normal,f32,100,1,,1.0,\n");
        let (alone, beside) = chosen(&[("z-2026-11-23.csv", &both), ("a-2026-11-24.csv", line)]);
        let names: Vec<_> = alone.iter().map(|subject| (subject.of.device.as_str(), subject.date())).collect();
        assert_eq!(names, [("NVIDIA X", "2026-11-23"), ("llvmpipe", "2026-11-24")]);
        assert!(beside.is_empty());
    }

    #[test]
    fn only_single_tensors_and_usable_times_give_points() {
        let (alone, _) = chosen(&[(
            "a-2026-11-24.csv",
            "g,Vulkan,,wgpu-init,fill,warm,normal,f32,200,1,,2.0,\n\
             g,Vulkan,,wgpu-init,fill,warm,normal,f32,100,1,,,1.0\n\
             g,Vulkan,,wgpu-init,fill,warm,normal,f32,100,1,,9.0,\n\
             g,Vulkan,,wgpu-init,fill,warm,normal,f32,300,148,,3.0,\n\
             g,Vulkan,,wgpu-init,fill,first_touch,normal,f32,400,1,,3.0,\n\
             g,Vulkan,,wgpu-init,variant,warm,normal,f32,500,1,,3.0,\n\
             g,Vulkan,,clear,clear,warm,,,200,1,,0.0,\n",
        )]);
        let bytes: Vec<_> = alone[0].points("normal", "f32").iter().filter_map(|row| row.bytes).collect();
        assert_eq!((bytes, alone[0].points("clear", "").len()), (vec![100, 200], 0));
        assert_eq!(alone[0].at("normal", "f32", 100).and_then(super::seconds), Some(1.0), "the first, by its least");
    }

    #[test]
    fn others_in_their_best_form_with_losses() {
        let (_, beside) = chosen(&[(
            "a-2026-11-24.csv",
            "g,Vulkan,,wgpu-init,fill,warm,uniform,f32,2000,1,,2.0,\n\
             g,CUDA,,fast,fill,warm,uniform,f32,2000,1,,1.0,\n\
             g,CUDA,,slow,fill,warm,uniform,f32,2000,1,plain,9.0,\n\
             g,CUDA,,slow,fill,warm,uniform,f32,2000,1,in bulk,4.0,\n\
             g,CUDA,,larger,fill,warm,uniform,f32,4000,1,,1.0,\n\
             g,Vulkan,,wgpu-init PhiloxRng,fill,warm,uniform,f32,2000,1,,1.0,\n\
             g,CUDA,,clear,clear,warm,,,2000,1,,0.1,\n",
        )]);
        assert_eq!(beside[0].compared(), Some(2000), "nothing of ours stands beside the larger one");
        let entries = beside[0].entries("uniform", 2000);
        let said: Vec<_> =
            entries.iter().map(|entry| (entry.row.what.as_str(), entry.row.detail.as_str(), entry.factor)).collect();
        assert_eq!(said, [("wgpu-init", "", None), ("fast", "", Some(0.5)), ("slow", "in bulk", Some(2.0))]);
    }

    #[test]
    fn a_date_is_needed_and_words_are_no_numbers() {
        let error = |name: &str, line: &str| {
            choose(vec![(format!("{HEADER}{line}"), name.to_owned())]).map(|_| ()).map_err(|error| error.to_string())
        };
        assert!(error("bench.csv", "").is_err_and(|error| error.contains("bench.csv") && error.contains("YYYY-MM-DD")));
        let line = "g,Vulkan,,wgpu-init,fill,warm,normal,f32,200,1,,fast,\n";
        assert!(error("b-2026-11-24.csv", line).is_err_and(|error| error.contains("b-2026-11-24.csv")));
        let counts = vec![("kernel,slots\na,1\n".to_owned(), "sass.csv".to_owned())];
        assert!(choose(counts).is_ok_and(|(alone, _)| alone.is_empty()), "a count is no time");
    }
}
