//! How much of a checkpoint is done, on which device, and at which tensor: a bar on a terminal, else a line or an event every few seconds.

use crate::report::Report;
use crate::terminal::{self, Plain};
use crate::{columns, figure, interrupt};
use indicatif::{HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use serde_json::json;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wgpu_init_models::checkpoint::Layout;

pub(crate) struct Progress {
    bar: ProgressBar,
    lines: Option<Lines>,
}

/// What is said where no bar is seen.
struct Lines {
    report: Report,
    every: Duration,
    device: String,
    start: Instant,
    total: u64,
    tensors: Tensors,
    state: Mutex<State>,
}

struct State {
    done: u64,
    said: Instant,
}

/// Where each tensor ends among the bytes of all, and its name.
#[derive(Clone)]
struct Tensors(Arc<[(u64, String)]>);

impl Tensors {
    fn of(layouts: &[&Layout], most: usize) -> Self {
        let mut end = 0u64;
        let tensors = layouts.iter().flat_map(|layout| layout.tensors()).filter(|(_, bytes)| !bytes.is_empty());
        let ends = tensors.map(|(tensor, bytes)| {
            end = end.saturating_add(bytes.end - bytes.start);
            (end, columns::name(tensor.name(), most))
        });
        Self(ends.collect())
    }

    /// The one that is under way after so many bytes.
    fn at(&self, done: u64) -> &str {
        let at = self.0.partition_point(|(end, _)| *end <= done);
        self.0.get(at).or(self.0.last()).map_or("", |(_, name)| name)
    }
}

impl Progress {
    /// Of what is done of these layouts, one behind the other. `what` is done, in one word, by a device.
    pub(crate) fn new(report: Report, what: &str, device: &str, layouts: &[&Layout]) -> Self {
        let total = layouts.iter().map(|layout| layout.size()).fold(0, u64::saturating_add);
        let tensors: usize = layouts.iter().map(|layout| layout.tensors().len()).sum();
        report.event(
            "start",
            json!({ "work": what, "device": device, "files": layouts.len(), "tensors": tensors, "bytes": total }),
        );
        let bar = if report.is_json() { ProgressBar::hidden() } else { ProgressBar::new(total) };
        if bar.is_hidden() {
            let lines = report.every().map(|every| Lines {
                report,
                every,
                device: device.to_owned(),
                start: Instant::now(),
                total,
                tensors: Tensors::of(layouts, usize::MAX),
                state: Mutex::new(State { done: 0, said: Instant::now() }),
            });
            return Self { bar, lines };
        }
        // Looked up when the bar is drawn, a few times a second, and not for each chunk.
        let tensors = Tensors::of(layouts, 32);
        let tensor = move |state: &ProgressState, out: &mut dyn Write| {
            // A name that cannot be written is not worth an error.
            let _ = out.write_str(tensors.at(state.pos()));
        };
        let speed = |state: &ProgressState, out: &mut dyn Write| {
            let _ = out.write_str(&figure::speed(state.per_sec()));
        };
        let template = "{prefix} {bar:20} {binary_bytes}/{binary_total_bytes} {speed} {eta} left, {tensor}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = bar.with_style(style.with_key("tensor", tensor).with_key("speed", speed));
        let bar = bar.with_prefix(format!("{}{device}", report.prefix()));
        // One large matrix may take a minute.
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar, lines: None }
    }

    /// Hears of more bytes, and of the user's wish to stop.
    pub(crate) fn observe(&self, more: u64) -> ControlFlow<()> {
        self.bar.inc(more);
        if let Some(lines) = &self.lines {
            lines.observe(more);
        }
        interrupt::control()
    }

    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl Lines {
    fn observe(&self, more: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.done = state.done.saturating_add(more);
        if state.said.elapsed() < self.every {
            return;
        }
        state.said = Instant::now();
        // Under the lock, or lines of two threads change places.
        self.say(state.done);
    }

    fn say(&self, done: u64) {
        let (seconds, tensor) = (self.start.elapsed().as_secs_f64(), self.tensors.at(done));
        #[expect(clippy::cast_precision_loss, reason = "figures for a person")]
        let (rate, left) = (done as f64 / seconds, self.total.saturating_sub(done) as f64 * seconds / done as f64);
        if self.report.is_json() {
            let members = json!({ "bytes": done, "of": self.total, "seconds": seconds, "tensor": tensor });
            self.report.event("progress", members);
            return;
        }
        let percent = u128::from(done) * 100 / u128::from(self.total.max(1));
        let left = Duration::try_from_secs_f64(left).map(|left| format!("{:#} left, ", HumanDuration(left)));
        terminal::say(
            "progress",
            format_args!(
                "{}{}: {} of {} ({percent} %), {}, {}{}",
                self.report.prefix(),
                self.device,
                figure::size(done),
                figure::size(self.total),
                figure::speed(rate),
                left.unwrap_or_default(),
                Plain(tensor)
            ),
        );
    }
}

/// A bar of bytes alone.
#[derive(Debug)]
pub(crate) struct Bytes(ProgressBar);

impl Bytes {
    pub(crate) fn new(size: u64) -> Self {
        let style = ProgressStyle::with_template("{bar:20} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}");
        Self(ProgressBar::new(size).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// As [`Progress::observe`].
    pub(crate) fn observe(&self, more: u64) -> ControlFlow<()> {
        self.0.inc(more);
        interrupt::control()
    }

    pub(crate) fn finish(self) {
        self.0.finish_and_clear();
    }
}
