//! Repeats work and keeps a row of it.

use super::row::{Row, Subject, Task};
use crate::interrupt;
use anyhow::Result;
use std::time::Duration;

/// What is measured, on every device.
pub(crate) struct Settings {
    /// Bytes of the single tensors.
    pub(crate) sizes: Vec<u64>,
    /// Lists of tensors, by their bytes.
    pub(crate) lists: Vec<Vec<u64>>,
    /// Whether single tensors are only filled warm.
    pub(crate) warm_only: bool,
    pub(crate) repetitions: u32,
}

/// The rows of one device.
pub(crate) struct Rows<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) subject: Subject,
    pub(crate) rows: Vec<Row>,
}

impl<'a> Rows<'a> {
    pub(crate) const fn new(settings: &'a Settings, subject: Subject) -> Self {
        Self { settings, subject, rows: Vec::new() }
    }

    /// Does the work once without counting it (pipelines are compiled, memory is touched), then as often as the settings say.
    pub(crate) fn measure(&mut self, task: Task, mut once: impl FnMut() -> Result<Duration>) -> Result<()> {
        once()?;
        let mut times = Vec::new();
        for _ in 0..self.settings.repetitions {
            interrupt::check()?;
            times.push(once()?);
        }
        self.rows.push(Row::new(&self.subject, task, &times)?);
        Ok(())
    }
}
