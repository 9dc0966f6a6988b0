//! A line of the table, and what it is compared with.

use super::law::Law;
use super::record::{OURS, Record};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::fmt;
use std::time::Duration;
use wgpu_init::DType;

/// What was measured, where, and how long it took.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) subject: Subject,
    pub(crate) task: Task,
    /// The same as text, with the times.
    pub(crate) record: Record,
}

/// The device and the software that drives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subject {
    pub(crate) device: String,
    pub(crate) backend: String,
    pub(crate) driver: String,
    /// Which of the equivalent shaders run.
    pub(crate) path: String,
    /// `timestamps` of the device or the `host`'s clock, for warm times. All others are the host's.
    pub(crate) clock: &'static str,
    /// Threads of the CPU that do the work.
    pub(crate) threads: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) work: Work,
    pub(crate) timing: Timing,
    pub(crate) law: Option<&'static str>,
    pub(crate) dtype: Option<DType>,
    pub(crate) bytes: u64,
    pub(crate) tensors: usize,
    /// Which view, which matrices; of a variant, its path.
    pub(crate) detail: String,
}

impl Task {
    pub(crate) const fn new(work: Work, timing: Timing, law: Law, dtype: DType, bytes: u64) -> Self {
        Self { work, timing, law: Some(law.name()), dtype: Some(dtype), bytes, tensors: 1, detail: String::new() }
    }

    pub(crate) const fn clear(timing: Timing, bytes: u64) -> Self {
        Self::plain(Work::Clear, timing, bytes)
    }

    /// Bytes of no distribution.
    pub(crate) const fn plain(work: Work, timing: Timing, bytes: u64) -> Self {
        Self { work, timing, law: None, dtype: None, bytes, tensors: 1, detail: String::new() }
    }

    pub(crate) fn tensors(self, tensors: usize) -> Self {
        Self { tensors, ..self }
    }

    pub(crate) fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

/// What `--only` looks into.
impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dtype = self.dtype.map(|dtype| dtype.to_string()).unwrap_or_default();
        write!(f, "{} {} {dtype} {}", self.work.names().1, self.law.unwrap_or_default(), self.detail)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// `clear_buffer`; on the CPU, zeros by `slice::fill`.
    Clear,
    /// This crate, in place.
    Fill,
    /// `rand`'s `SmallRng` and `rand_distr`.
    RandDistr,
    /// This crate on the CPU and `Queue::write_buffer`.
    FillOnCpuAndUpload,
    /// This crate, in place, with pipelines from a cache.
    FillFromPipelineCache,
    /// This crate, a box of a tensor.
    View,
    /// This crate, by one of the equivalent shaders.
    Variant,
    /// This crate, orthogonal matrices.
    Orthogonal,
    /// This crate, a tensor part after part in one buffer.
    Growth,
    /// Recording fills on the host, without submitting.
    Record,
    /// Drawing, reading back, digesting and writing a checkpoint.
    WriteCheckpoint,
    /// Writing bytes that are in memory to a file.
    WriteBytes,
    /// Copying a file.
    CopyFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Timing {
    /// The work alone, on memory that was written before.
    Warm,
    /// From before the allocation until fresh memory is written.
    FirstTouch,
    /// From before recording until the device is done, on memory that was written before.
    EndToEnd,
    /// Recording alone.
    Recording,
    /// From before the executor is made until the device is done with its first fill.
    Start,
}

impl Work {
    /// What does it, and what it is called in a record.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Clear => ("clear", "clear"),
            Self::Fill => (OURS, "fill"),
            Self::RandDistr => ("rand_distr", "fill"),
            Self::FillOnCpuAndUpload => (OURS, "fill_on_cpu_and_upload"),
            Self::FillFromPipelineCache => (OURS, "fill_from_pipeline_cache"),
            Self::View => (OURS, "view"),
            Self::Variant => (OURS, "variant"),
            Self::Orthogonal => (OURS, "orthogonal"),
            Self::Growth => (OURS, "growth"),
            Self::Record => (OURS, "record"),
            Self::WriteCheckpoint => (OURS, "write_checkpoint"),
            Self::WriteBytes => ("std", "write_bytes"),
            Self::CopyFile => ("std", "copy_file"),
        }
    }
}

impl Row {
    /// Of the times that were measured. Percentages are unknown until [`Bases::compare`].
    pub(crate) fn new(subject: &Subject, task: Task, times: &[Duration]) -> Result<Self> {
        ensure!(!times.is_empty(), "nothing was measured");
        let (what, work) = task.work.names();
        let here = Record::here();
        let (path, detail) = match task.work {
            Work::Variant => (task.detail.clone(), String::new()),
            _ => (subject.path.clone(), task.detail.clone()),
        };
        let record = Record {
            device: subject.device.clone(),
            backend: subject.backend.clone(),
            driver: subject.driver.clone(),
            path,
            clock: subject.clock.to_owned(),
            threads: subject.threads.map(|threads| threads as u64),
            what: what.to_owned(),
            version: if what == OURS { here.version.clone() } else { String::new() },
            work: work.to_owned(),
            timing: word(task.timing)?,
            law: task.law.map(str::to_owned),
            dtype: task.dtype.map(|dtype| dtype.to_string()),
            bytes: Some(task.bytes),
            tensors: Some(task.tensors as u64),
            detail,
            ..here
        };
        Ok(Self { subject: subject.clone(), task, record: record.timed(times) })
    }

    /// From the least to the greatest time, in percent of the median.
    pub(crate) fn spread(&self) -> Option<f64> {
        let Record { seconds, best_seconds, worst_seconds, .. } = self.record;
        Some(100.0 * (worst_seconds? - best_seconds?) / seconds?)
    }

    /// Whether a row is a fair base for this one: the same device, bytes and way of timing.
    fn comparable(&self, base: &Self) -> bool {
        let key = |row: &Self| (row.task.timing, row.task.bytes);
        // A clear writes no file, and all of the bytes that it is measured with.
        let is_memory = !matches!(
            self.task.work,
            Work::Growth | Work::Record | Work::WriteCheckpoint | Work::WriteBytes | Work::CopyFile
        );
        is_memory && self.subject == base.subject && key(self) == key(base)
    }
}

/// A name as it stands in a record.
pub(crate) fn word(name: impl Serialize) -> Result<String> {
    Ok(serde_json::to_value(name)?.as_str().unwrap_or_default().to_owned())
}

/// What others are compared with, as far as it was measured. On every device it is measured in front of them.
#[derive(Default)]
pub(crate) struct Bases {
    clears: Vec<Row>,
    constants: Vec<Row>,
}

impl Bases {
    /// Fills a row's percentages in, and keeps the row if others are compared with it.
    pub(crate) fn compare(&mut self, row: &mut Row) {
        match row.task {
            Task { work: Work::Clear, .. } => self.clears.push(row.clone()),
            Task { work: Work::Fill, law: Some("constant"), .. } => self.constants.push(row.clone()),
            _ => {}
        }
        let percent = |base: Option<&Row>| Some(100.0 * base?.record.seconds? / row.record.seconds?);
        let clear = percent(self.clears.iter().find(|base| row.comparable(base)));
        let is_constant = |base: &&Row| base.task.dtype == row.task.dtype && row.comparable(base);
        let constant = percent(self.constants.iter().find(is_constant));
        (row.record.percent_of_clear, row.record.percent_of_constant) = (clear, constant);
    }
}
