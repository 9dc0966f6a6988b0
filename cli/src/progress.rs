//! A bar on standard error, where that is a terminal: how much of a checkpoint is done, on which device, and at which tensor.

use crate::device::Device;
use crate::{columns, figure, interrupt};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use wgpu_init_models::checkpoint::Layout;

#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(device: &Device, layout: &Layout) -> Self {
        let bar = ProgressBar::new(layout.size());
        if bar.is_hidden() {
            return Self(bar);
        }
        // Looked up when the bar is drawn, a few times a second, and not for each chunk.
        let ends: Arc<[(u64, String)]> = {
            let tensors = layout.tensors().iter().filter(|(_, bytes)| !bytes.is_empty());
            tensors.map(|(tensor, bytes)| (bytes.end, columns::name(tensor.name(), 32))).collect()
        };
        let tensor = move |state: &ProgressState, out: &mut dyn Write| {
            let at = ends.partition_point(|(end, _)| *end <= state.pos());
            // A name that cannot be written is not worth an error.
            let _ = ends.get(at).or(ends.last()).map(|(_, name)| out.write_str(name));
        };
        let speed = |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&figure::speed(state.per_sec()));
        };
        let template = "{prefix} {bar:20} {binary_bytes}/{binary_total_bytes} {speed} {eta} left, {tensor}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style.with_key("tensor", tensor).with_key("speed", speed)).with_prefix(device.name());
        // One large matrix may take a minute.
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    /// Hears of more bytes, and of the user's wish to stop.
    pub(crate) fn observe(&self, more: u64) -> ControlFlow<()> {
        self.0.inc(more);
        interrupt::control()
    }

    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}
