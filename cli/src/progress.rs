//! A bar on standard error, where that is a terminal: how much of a checkpoint is done, on which device, and at which tensor.

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
    /// Of what is done of these layouts, one behind the other.
    pub(crate) fn new(device: &str, layouts: &[&Layout]) -> Self {
        let bar = ProgressBar::new(layouts.iter().map(|layout| layout.size()).fold(0, u64::saturating_add));
        if bar.is_hidden() {
            return Self(bar);
        }
        // Looked up when the bar is drawn, a few times a second, and not for each chunk.
        let mut end = 0u64;
        let tensors = layouts.iter().flat_map(|layout| layout.tensors()).filter(|(_, bytes)| !bytes.is_empty());
        let ends: Arc<[(u64, String)]> = tensors
            .map(|(tensor, bytes)| {
                end = end.saturating_add(bytes.end - bytes.start);
                (end, columns::name(tensor.name(), 32))
            })
            .collect();
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
        let bar =
            bar.with_style(style.with_key("tensor", tensor).with_key("speed", speed)).with_prefix(device.to_owned());
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
