//! Everything that is measured on an adapter.

use super::clock::Clock;
use super::host::Host;
use super::law::Law;
use super::measure::{Rows, Settings};
use super::memory::{Memory, Placed};
use super::output::Report;
use super::row::{Subject, Task, Timing, Work};
use super::{orthogonal, startup, variants, view};
use crate::args::BenchWork;
use crate::device::{Gpu, describe_path};
use crate::terminal;
use anyhow::Result;
use std::time::{Duration, Instant};
use wgpu_init::{DType, Fill, wgpu};

pub(crate) fn rows(gpu: &Gpu, settings: &Settings, report: &mut Report) -> Result<()> {
    let bench = Bench { gpu, clock: Clock::new(&gpu.device, &gpu.queue)? };
    bench.warm_up(WAKING)?;
    let mut rows = Rows::new(settings, subject(gpu, bench.clock.name()), report);
    if settings.wants(BenchWork::Fill) {
        bench.fills(&mut rows)?;
    }
    let bytes = |usual| settings.most.unwrap_or(usual);
    if settings.wants(BenchWork::View) && bench.can_hold(2 * bytes(view::BYTES)) {
        let target = bench.clock.storage(2 * bytes(view::BYTES));
        view::rows(&mut rows, bytes(view::BYTES), |fills| bench.time(&target, fills))?;
        view::recordings(&mut rows, &gpu.executor, &bench.clock)?;
    }
    let [here, on_hardware] = variants::BYTES;
    let usual = if bench.is_cpu() { here } else { on_hardware };
    if settings.wants(BenchWork::Variant) && bench.can_hold(bytes(usual)) {
        variants::rows(&mut rows, &gpu.device, &bench.clock, bytes(usual))?;
    }
    if settings.wants(BenchWork::Orthogonal) && bench.can_hold(bytes(orthogonal::BYTES)) {
        let target = bench.clock.storage(bytes(orthogonal::BYTES));
        orthogonal::rows(&mut rows, bytes(orthogonal::BYTES), |fills| bench.time(&target, fills))?;
    }
    Ok(())
}

/// How long a hardware GPU works before anything is measured, and before each line: its clock falls while it waits for the host.
const WAKING: Duration = Duration::from_millis(500);
const KEEPING_AWAKE: Duration = Duration::from_millis(50);

struct Bench<'a> {
    gpu: &'a Gpu,
    clock: Clock,
}

pub(super) fn subject(gpu: &Gpu, clock: &'static str) -> Subject {
    let info = &gpu.info;
    Subject {
        device: info.name.clone(),
        backend: format!("{:?}", info.backend),
        driver: [info.driver.as_str(), info.driver_info.as_str()].join(" ").trim().to_owned(),
        path: describe_path(&gpu.executor),
        clock,
        threads: None,
    }
}

impl Bench<'_> {
    /// Single tensors, the first fill of a program, and lists of tensors.
    fn fills(&self, rows: &mut Rows<'_>) -> Result<()> {
        let settings = rows.settings;
        for bytes in &settings.sizes {
            if self.can_hold(*bytes) {
                self.warm(rows, *bytes)?;
                if !settings.warm_only && self.holds_at_once(*bytes) {
                    self.first_touch(rows, *bytes)?;
                    self.end_to_end(rows, *bytes)?;
                }
            }
        }
        if !settings.warm_only {
            startup::rows(self.gpu, rows)?;
        }
        for sizes in &settings.lists {
            if self.can_hold(sizes.iter().sum()) {
                self.list(rows, sizes)?;
            }
        }
        Ok(())
    }

    /// The time of these fills alone.
    fn time(&self, target: &wgpu::Buffer, fills: &[Fill]) -> Result<Duration> {
        let fills = fills.iter().map(|fill| (target, fill));
        self.clock.work(&mut |encoder| Ok(self.gpu.executor.record(encoder, fills.clone())?))
    }

    /// Whether one buffer holds so many bytes.
    fn holds_at_once(&self, bytes: u64) -> bool {
        bytes <= self.gpu.device.limits().max_buffer_size
    }

    /// Whether so many bytes are measured: on a device that is a CPU only what one buffer holds, and what is not is said.
    fn can_hold(&self, bytes: u64) -> bool {
        let can = self.holds_at_once(bytes) || !self.is_cpu();
        if !can {
            let (name, most) = (&self.gpu.info.name, self.gpu.device.limits().max_buffer_size);
            let text = format_args!("{bytes} bytes are not measured on {name}: its largest buffer has {most}");
            terminal::say("note", text);
        }
        can
    }

    fn is_cpu(&self) -> bool {
        self.gpu.info.device_type == wgpu::DeviceType::Cpu
    }

    /// A device that is a CPU has no clock of its own.
    fn warm_up(&self, time: Duration) -> Result<()> {
        if self.is_cpu() { Ok(()) } else { self.clock.warm_up(time) }
    }

    fn record(&self, encoder: &mut wgpu::CommandEncoder, fills: &[Placed<'_>]) -> Result<()> {
        Ok(self.gpu.executor.record(encoder, fills.iter().map(|(buffer, fill)| (*buffer, fill)))?)
    }

    /// The work alone: every law and dtype.
    fn warm(&self, rows: &mut Rows<'_>, bytes: u64) -> Result<()> {
        let target = Memory::new(self.gpu, &self.clock, bytes)?;
        self.clear(rows, &target)?;
        for dtype in DType::ALL.iter().copied() {
            for law in Law::ALL {
                self.fill(rows, &target, law, dtype, &[law.tensor(dtype, bytes)?])?;
            }
        }
        Ok(())
    }

    fn clear(&self, rows: &mut Rows<'_>, target: &Memory) -> Result<()> {
        let task = Task::clear(Timing::Warm, target.bytes());
        self.warm_up(KEEPING_AWAKE)?;
        rows.measure(task, || {
            self.clock.work(&mut |encoder| {
                target.clear(encoder);
                Ok(())
            })
        })
    }

    fn fill(&self, rows: &mut Rows<'_>, target: &Memory, law: Law, dtype: DType, specs: &[Fill]) -> Result<()> {
        let task = Task::new(Work::Fill, Timing::Warm, law, dtype, target.bytes()).tensors(specs.len());
        let placed = target.place(specs);
        self.warm_up(KEEPING_AWAKE)?;
        rows.measure(task, || self.clock.work(&mut |encoder| self.record(encoder, &placed)))
    }

    /// Fresh memory each time.
    fn first_touch(&self, rows: &mut Rows<'_>, bytes: u64) -> Result<()> {
        let timing = Timing::FirstTouch;
        self.warm_up(KEEPING_AWAKE)?;
        rows.measure(Task::clear(timing, bytes), || self.clock.first_touch(bytes, clear))?;
        for law in Law::ALL {
            let fill = law.tensor(DType::F32, bytes)?;
            let task = Task::new(Work::Fill, timing, law, DType::F32, bytes);
            self.warm_up(KEEPING_AWAKE)?;
            rows.measure(task, || {
                self.clock
                    .first_touch(bytes, |encoder, target| Ok(self.gpu.executor.record(encoder, [(target, &fill)])?))
            })?;
        }
        Ok(())
    }

    /// What a caller waits for: filling in place, and filling on the CPU and uploading.
    fn end_to_end(&self, rows: &mut Rows<'_>, bytes: u64) -> Result<()> {
        let timing = Timing::EndToEnd;
        let target = self.clock.storage(bytes);
        let mut host = Host::new(0, bytes)?;
        self.warm_up(KEEPING_AWAKE)?;
        rows.measure(Task::clear(timing, bytes), || self.clock.end_to_end(&mut |encoder| clear(encoder, &target)))?;
        for law in Law::ALL {
            let specs = [law.tensor(DType::F32, bytes)?];
            let task = |work| Task::new(work, timing, law, DType::F32, bytes);
            self.warm_up(KEEPING_AWAKE)?;
            rows.measure(task(Work::Fill), || {
                self.clock.end_to_end(&mut |encoder| Ok(self.gpu.executor.record(encoder, [(&target, &specs[0])])?))
            })?;
            self.warm_up(KEEPING_AWAKE)?;
            rows.measure(task(Work::FillOnCpuAndUpload), || {
                let start = Instant::now();
                host.fill(&specs)?;
                self.clock.upload(&target, host.bytes())?;
                Ok(start.elapsed())
            })?;
        }
        Ok(())
    }

    /// Many tensors in one recording, one tensor of the same bytes, and the recording itself.
    fn list(&self, rows: &mut Rows<'_>, sizes: &[u64]) -> Result<()> {
        let target = Memory::new(self.gpu, &self.clock, sizes.iter().sum())?;
        let (law, dtype, bytes) = (Law::Normal, DType::F32, target.bytes());
        let many = law.tensors(dtype, sizes)?;
        self.clear(rows, &target)?;
        self.fill(rows, &target, Law::Constant, dtype, &[Law::Constant.tensor(dtype, bytes)?])?;
        self.fill(rows, &target, law, dtype, &[law.tensor(dtype, bytes)?])?;
        self.fill(rows, &target, law, dtype, &many)?;
        let task = Task::new(Work::Record, Timing::Recording, law, dtype, bytes).tensors(many.len());
        self.warm_up(KEEPING_AWAKE)?;
        let placed = target.place(&many);
        rows.measure(task, || self.clock.recording(&mut |encoder| self.record(encoder, &placed)))?;
        // As models are kept. The small tensors would end inside a word, which cannot be cleared.
        if !(bytes / 2).is_multiple_of(4) {
            return Ok(());
        }
        let halves = law.tensors(DType::Bf16, &sizes.iter().map(|size| size / 2).collect::<Vec<_>>())?;
        let target = Memory::new(self.gpu, &self.clock, bytes / 2)?;
        self.clear(rows, &target)?;
        self.fill(rows, &target, Law::Constant, DType::Bf16, &[Law::Constant.tensor(DType::Bf16, bytes / 2)?])?;
        self.fill(rows, &target, law, DType::Bf16, &halves)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the clock takes work that can fail")]
fn clear(encoder: &mut wgpu::CommandEncoder, target: &wgpu::Buffer) -> Result<()> {
    encoder.clear_buffer(target, 0, None);
    Ok(())
}
