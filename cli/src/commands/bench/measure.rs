//! Repeats work and reports a row of it.

use super::output::Report;
use super::row::{Row, Subject, Task};
use super::turns;
use crate::args::BenchWork;
use crate::interrupt;
use anyhow::Result;
use std::time::Duration;

/// What is measured, on every device.
pub(crate) struct Settings {
    pub(crate) works: Vec<BenchWork>,
    /// Of what is measured, only lines in which this stands.
    pub(crate) only: String,
    /// Bytes of the single tensors.
    pub(crate) sizes: Vec<u64>,
    /// The largest of them, if they were asked for.
    pub(crate) most: Option<u64>,
    /// Lists of tensors, by their bytes.
    pub(crate) lists: Vec<Vec<u64>>,
    /// Whether single tensors are only filled warm.
    pub(crate) warm_only: bool,
    pub(crate) repetitions: u32,
}

impl Settings {
    pub(crate) fn wants(&self, work: BenchWork) -> bool {
        self.works.contains(&work)
    }
}

/// The rows of one device, and where they go.
pub(crate) struct Rows<'a> {
    pub(crate) settings: &'a Settings,
    subject: Subject,
    report: &'a mut Report,
}

impl<'a> Rows<'a> {
    pub(crate) const fn new(settings: &'a Settings, subject: Subject, report: &'a mut Report) -> Self {
        Self { settings, subject, report }
    }

    /// Does the work once without counting it (pipelines are compiled, memory is touched), then as often as the settings say.
    pub(crate) fn measure(&mut self, task: Task, mut once: impl FnMut() -> Result<Duration>) -> Result<()> {
        self.in_turn(vec![(task, ())], |()| once())
    }

    /// The same of works that are compared: they alternate.
    pub(crate) fn in_turn<W>(
        &mut self,
        mut works: Vec<(Task, W)>,
        mut once: impl FnMut(&mut W) -> Result<Duration>,
    ) -> Result<()> {
        let Settings { only, repetitions, .. } = self.settings;
        works.retain(|(task, _)| task.to_string().contains(only));
        let times = turns::in_turn(*repetitions, &mut works, |(_, work)| {
            interrupt::check()?;
            once(work)
        })?;
        for ((task, _), times) in works.into_iter().zip(times) {
            self.report.put(Row::new(&self.subject, task, &times)?)?;
        }
        Ok(())
    }
}
