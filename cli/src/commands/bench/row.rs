//! A line of the table, and what it is compared with.

use super::law::Law;
use anyhow::{Result, bail};
use serde::Serialize;
use std::time::Duration;
use wgpu_init::DType;

/// What was measured, where, and how long it took.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) subject: Subject,
    #[serde(flatten)]
    pub(crate) task: Task,
    pub(crate) repetitions: u32,
    /// The median of the repetitions.
    pub(crate) seconds: f64,
    pub(crate) best_seconds: f64,
    pub(crate) worst_seconds: f64,
    /// 10^9 bytes a second. None where nothing is written.
    pub(crate) gb_per_s: Option<f64>,
    /// Speed compared with a clear of the same bytes on the same device, timed alike.
    pub(crate) percent_of_clear: Option<f64>,
    /// The same with a fill with a constant of the same dtype.
    pub(crate) percent_of_constant: Option<f64>,
}

/// The device and the software that drives it.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Task {
    pub(crate) work: Work,
    pub(crate) timing: Timing,
    pub(crate) distribution: Option<&'static str>,
    #[serde(serialize_with = "dtype")]
    pub(crate) dtype: Option<DType>,
    pub(crate) bytes: u64,
    pub(crate) tensors: usize,
}

impl Task {
    pub(crate) const fn new(work: Work, timing: Timing, law: Law, dtype: DType, bytes: u64) -> Self {
        Self { work, timing, distribution: Some(law.name()), dtype: Some(dtype), bytes, tensors: 1 }
    }

    pub(crate) const fn clear(timing: Timing, bytes: u64) -> Self {
        Self::plain(Work::Clear, timing, bytes)
    }

    /// Bytes of no distribution.
    pub(crate) const fn plain(work: Work, timing: Timing, bytes: u64) -> Self {
        Self { work, timing, distribution: None, dtype: None, bytes, tensors: 1 }
    }

    pub(crate) const fn tensors(self, tensors: usize) -> Self {
        Self { tensors, ..self }
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

#[expect(clippy::ref_option, reason = "serde's signature")]
fn dtype<S: serde::Serializer>(dtype: &Option<DType>, serializer: S) -> Result<S::Ok, S::Error> {
    dtype.map(|dtype| dtype.to_string()).serialize(serializer)
}

impl Row {
    /// Of the times that were measured. Percentages are unknown until [`compare`].
    pub(crate) fn new(subject: &Subject, task: Task, times: &[Duration]) -> Result<Self> {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let (Some(best), Some(worst)) = (sorted.first(), sorted.last()) else { bail!("nothing was measured") };
        // Of an even number, the later of the two in the middle.
        let median = &sorted[sorted.len() / 2];
        // A clock that is too coarse must not make a rate infinite.
        let [seconds, best_seconds, worst_seconds] = [median, best, worst].map(|time| time.as_secs_f64().max(1e-9));
        #[expect(clippy::cast_precision_loss, reason = "a size for a rate")]
        let gb_per_s = (task.work != Work::Record).then(|| task.bytes as f64 * 1e-9 / seconds);
        let (subject, repetitions) = (subject.clone(), u32::try_from(times.len())?);
        let (percent_of_clear, percent_of_constant) = (None, None);
        Ok(Self {
            subject,
            task,
            repetitions,
            seconds,
            best_seconds,
            worst_seconds,
            gb_per_s,
            percent_of_clear,
            percent_of_constant,
        })
    }

    /// From the least to the greatest time, in percent of the median.
    pub(crate) fn spread(&self) -> f64 {
        100.0 * (self.worst_seconds - self.best_seconds) / self.seconds
    }

    /// Whether a row is a fair base for this one: the same device, bytes and way of timing.
    fn comparable(&self, base: &Self) -> bool {
        let key = |row: &Self| (row.task.timing, row.task.bytes);
        // A clear writes no file.
        let is_memory =
            !matches!(self.task.work, Work::Record | Work::WriteCheckpoint | Work::WriteBytes | Work::CopyFile);
        is_memory && self.subject == base.subject && key(self) == key(base)
    }
}

/// Fills the percentages in.
pub(crate) fn compare(rows: &mut [Row]) {
    let percent = |row: &Row, base: Option<&Row>| base.map(|base| 100.0 * base.seconds / row.seconds);
    for index in 0..rows.len() {
        let row = &rows[index];
        let clear = rows.iter().find(|base| base.task.work == Work::Clear && row.comparable(base));
        let constant = rows.iter().find(|base| {
            let is_constant = base.task.work == Work::Fill && base.task.distribution == Some("constant");
            is_constant && base.task.dtype == row.task.dtype && row.comparable(base)
        });
        let percentages = (percent(row, clear), percent(row, constant));
        (rows[index].percent_of_clear, rows[index].percent_of_constant) = percentages;
    }
}
