//! Which records count, and what stands beside what in them.

use crate::record::{OURS, Record};
use anyhow::{Context, Result, ensure};
use std::path::Path;

/// Laws that draw random numbers, by their names in the records.
pub(crate) const LAWS: [&str; 3] = ["uniform", "normal", "trunc_normal"];

/// A device as one backend drives it, or so many threads of a CPU, in the newest record that has it.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The record's name; a date is its end.
    pub(crate) source: String,
    pub(crate) device: String,
    pub(crate) backend: String,
    pub(crate) driver: String,
    pub(crate) threads: Option<u64>,
    /// Whether this is from before recording to the end, as others were timed beside it.
    pub(crate) end_to_end: bool,
    /// Fills and clears of one tensor.
    pub(crate) rows: Vec<Record>,
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

/// Numbers in a tensor.
#[expect(clippy::cast_precision_loss, reason = "a count for a rate")]
pub(crate) fn elements(row: &Record) -> Option<f64> {
    let size = match row.dtype.as_deref()? {
        "f32" => 4.0,
        "f16" | "bf16" => 2.0,
        _ => 1.0,
    };
    Some(row.bytes? as f64 / size)
}

impl Subject {
    pub(crate) fn is_cpu(&self) -> bool {
        self.backend == "CPU"
    }

    /// Whether a CPU emulates it: records have no type of the device, it is told by name.
    pub(crate) fn is_software(&self) -> bool {
        ["llvmpipe", "swiftshader"].iter().any(|name| self.device.to_lowercase().contains(name))
    }

    pub(crate) fn date(&self) -> &str {
        date(&self.source).unwrap_or_default()
    }

    /// For a person.
    pub(crate) fn label(&self) -> String {
        let software = if self.is_software() { " (software)" } else { "" };
        match (self.threads, self.backend.as_str()) {
            (Some(1), _) => format!("{}, 1 thread", self.device),
            (Some(threads), _) => format!("{}, {threads} threads", self.device),
            (None, "Gl") => format!("{}, OpenGL{software}", self.device),
            (None, backend) => format!("{}, {backend}{software}", self.device),
        }
    }

    /// This crate's fill, or the clear where there is no law, at every size: bytes and row, smallest first.
    pub(crate) fn points(&self, law: Option<&str>, dtype: &str) -> Vec<(u64, &Record)> {
        let dtype = law.map(|_| dtype);
        let of = |row: &&Record| {
            row.law.as_deref() == law && row.dtype.as_deref() == dtype && (law.is_none() || row.what == OURS)
        };
        let mut points: Vec<_> = self.rows.iter().filter(of).filter_map(|row| Some((row.bytes?, row))).collect();
        // Stable: of a size that was measured twice, the first stays.
        points.sort_by_key(|(bytes, _)| *bytes);
        points.dedup_by_key(|(bytes, _)| *bytes);
        points
    }

    pub(crate) fn at(&self, law: Option<&str>, dtype: &str, bytes: u64) -> Option<&Record> {
        self.points(law, dtype).into_iter().find(|point| point.0 == bytes).map(|(_, row)| row)
    }

    /// The size at which the most libraries were measured beside this crate, the largest of several.
    pub(crate) fn compared(&self) -> Option<u64> {
        let mut others = std::collections::BTreeMap::<u64, std::collections::BTreeSet<&str>>::new();
        for row in self.rows.iter().filter(|row| self.rival(row).is_some()) {
            others.entry(row.bytes?).or_default().insert(&row.what);
        }
        others.into_iter().max_by_key(|(bytes, whats)| (whats.len(), *bytes)).map(|(bytes, _)| bytes)
    }

    /// This crate's row for the same work by another.
    fn rival(&self, row: &Record) -> Option<&Record> {
        // This crate's words under another's distributions are neither.
        let is_other = row.law.is_some() && !row.what.contains(OURS);
        is_other.then(|| self.at(row.law.as_deref(), row.dtype.as_deref()?, row.bytes?))?
    }

    /// Of a law, at a size: this crate in each dtype, then in it every other, in its best form, fastest first.
    pub(crate) fn entries(&self, law: &str, bytes: u64) -> Vec<Entry<'_>> {
        let mut entries: Vec<Entry<'_>> = Vec::new();
        for dtype in ["f32", "f16", "bf16"] {
            let mut others: Vec<Entry<'_>> = Vec::new();
            let is_case = |row: &&Record| row.law.as_deref() == Some(law) && row.dtype.as_deref() == Some(dtype);
            for row in self.rows.iter().filter(is_case).filter(|row| row.bytes == Some(bytes)) {
                let Some(ours) = self.rival(row) else { continue };
                let (Some(theirs), Some(ours), Some(elements)) = (seconds(row), seconds(ours), elements(row)) else {
                    continue;
                };
                let entry = Entry { row, rate: elements / theirs, factor: Some(theirs / ours) };
                match others.iter_mut().find(|other| other.row.what == row.what) {
                    None => others.push(entry),
                    Some(other) if other.rate < entry.rate => *other = entry,
                    Some(_) => {}
                }
            }
            others.sort_by(|a, b| b.rate.total_cmp(&a.rate));
            let ours = self.at(Some(law), dtype, bytes).and_then(|row| Some((row, elements(row)? / seconds(row)?)));
            entries.extend(ours.map(|(row, rate)| Entry { row, rate, factor: None }));
            entries.append(&mut others);
        }
        entries
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
    let mut all: Vec<Subject> = Vec::new();
    for (text, source) in files {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        if !reader.headers()?.iter().any(|name| name == "seconds") {
            continue;
        }
        ensure!(date(&source).is_some(), "the record {source} has no date: call it NAME-YYYY-MM-DD.csv");
        let begin = all.len();
        for row in reader.deserialize() {
            let row: Record = row.with_context(|| format!("the record {source}"))?;
            let end_to_end = row.timing == "end_to_end";
            let is_fill = row.work == "fill" || row.work == "clear";
            if !is_fill || !(end_to_end || row.timing == "warm") || row.tensors != Some(1) || seconds(&row).is_none() {
                continue;
            }
            // What CUDA did stands beside this crate on the same card.
            let is_same = |subject: &Subject| {
                (&subject.device, subject.threads, subject.end_to_end) == (&row.device, row.threads, end_to_end)
                    && (subject.backend == row.backend || row.backend == "CUDA")
            };
            let index = all[begin..].iter().position(is_same).unwrap_or_else(|| {
                let (device, backend, driver) = (row.device.clone(), row.backend.clone(), row.driver.clone());
                all.push(Subject {
                    source: source.clone(),
                    device,
                    backend,
                    driver,
                    threads: row.threads,
                    end_to_end,
                    rows: Vec::new(),
                });
                all.len() - begin - 1
            });
            all[begin + index].rows.push(row);
        }
    }
    // The newest first; of a day, what has more of this crate's fills or of other libraries'.
    let ours = |subject: &Subject| subject.rows.iter().filter(|row| row.what == OURS).count();
    let others = |subject: &Subject| subject.rows.iter().filter(|row| subject.rival(row).is_some()).count();
    let alone = newest(&all, |subject| if subject.end_to_end { 0 } else { ours(subject) });
    let beside = newest(&all, others);
    let pick = |places: &[usize]| places.iter().map(|place| all[*place].clone()).collect::<Vec<_>>();
    Ok((pick(&alone), pick(&beside)))
}

/// Places of the newest of each device that has something: hardware first, then software, then the CPU.
fn newest(all: &[Subject], count: impl Fn(&Subject) -> usize) -> Vec<usize> {
    let mut places: Vec<_> = (0..all.len()).filter(|place| count(&all[*place]) > 0).collect();
    places.sort_by(|a, b| {
        let key = |place: &usize| (all[*place].date().to_owned(), count(&all[*place]));
        key(b).cmp(&key(a)).then_with(|| all[*a].source.cmp(&all[*b].source))
    });
    let key = |place: usize| {
        let Subject { device, backend, threads, end_to_end, .. } = &all[place];
        (device, backend, threads, end_to_end)
    };
    let mut first: Vec<usize> = Vec::new();
    for place in places {
        if !first.iter().any(|known| key(*known) == key(place)) {
            first.push(place);
        }
    }
    first.sort_by_key(|place| {
        (all[*place].is_cpu(), all[*place].is_software(), all[*place].end_to_end, all[*place].threads)
    });
    first
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
        let names: Vec<_> = alone.iter().map(|subject| (subject.device.as_str(), subject.date())).collect();
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
        let bytes: Vec<_> = alone[0].points(Some("normal"), "f32").iter().map(|point| point.0).collect();
        assert_eq!((bytes, alone[0].points(None, "").len()), (vec![100, 200], 0));
        assert_eq!(
            alone[0].at(Some("normal"), "f32", 100).and_then(super::seconds),
            Some(1.0),
            "the first, by its least"
        );
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
