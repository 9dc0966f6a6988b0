//! What the benchmarks share. Clock, laws and the CPU's work are those of the command `wgpu-init bench`.
#![allow(dead_code, reason = "each benchmark uses its own part")]
#![allow(clippy::print_stderr, reason = "a benchmark prints")]

#[path = "../../cli/src/commands/bench/clock.rs"]
pub(crate) mod clock;
#[path = "../../cli/src/commands/bench/host.rs"]
pub(crate) mod host;
#[path = "../../cli/src/commands/bench/law.rs"]
pub(crate) mod law;
pub(crate) mod report;

use clock::Clock;
use criterion::{Criterion, SamplingMode, Throughput};
use report::Report;
use std::time::Duration;
use wgpu_init::gpu::Tuning;
use wgpu_init::{Fill, GpuExecutor, wgpu};

/// Whether each benchmark only runs once, as criterion decides it.
pub(crate) fn is_test() -> bool {
    let has = |word: &str| std::env::args().any(|argument| argument == word);
    has("--test") || !has("--bench")
}

/// These sizes, or one small one where speed does not matter.
pub(crate) fn sizes(bytes: &[u64]) -> Vec<u64> {
    if is_test() { vec![64 << 10] } else { bytes.to_vec() }
}

pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .configure_from_args()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
}

/// An adapter with a device, an executor and a clock.
pub(crate) struct Gpu {
    pub(crate) label: String,
    /// Whether a CPU emulates it.
    pub(crate) is_software: bool,
    pub(crate) device: wgpu::Device,
    pub(crate) executor: GpuExecutor,
    pub(crate) clock: Clock,
}

/// Every adapter of this machine that runs compute shaders. None: only the CPU is measured.
pub(crate) fn gpus() -> Vec<Gpu> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::from_env().unwrap_or_default()));
    let compute = wgpu::DownlevelFlags::COMPUTE_SHADERS;
    let usable = adapters.iter().filter(|adapter| adapter.get_downlevel_capabilities().flags.contains(compute));
    usable.map(Gpu::open).collect()
}

impl Gpu {
    fn open(adapter: &wgpu::Adapter) -> Self {
        let info = adapter.get_info();
        let mut requirements = wgpu_init::requirements(adapter);
        requirements.features |= adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
        let request = adapter.request_device(&requirements.device_descriptor());
        let (device, queue) = pollster::block_on(request).expect("the adapter gives a device");
        let executor = GpuExecutor::new(&device).expect("the requirements are enough");
        let clock = Clock::new(&device, &queue).expect("the device works");
        let Tuning { products, table, .. } = executor.tuning();
        let label = format!("{:?} {}", info.backend, info.name);
        eprintln!("{label}: {} {}", info.driver, info.driver_info);
        eprintln!("{label}: {products:?} products, {table:?} table, times by {}", clock.name());
        Self { label, is_software: info.device_type == wgpu::DeviceType::Cpu, device, executor, clock }
    }

    /// Whether one buffer can hold so many bytes.
    pub(crate) fn holds(&self, bytes: u64) -> bool {
        bytes <= self.device.limits().max_buffer_size
    }

    /// Records specs into a buffer.
    pub(crate) fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: &wgpu::Buffer,
        specs: &[Fill],
    ) -> anyhow::Result<()> {
        Ok(self.executor.record(encoder, specs.iter().map(|fill| (target, fill)))?)
    }
}

/// Measurements of one device. Percentages are printed at its end.
pub(crate) struct Group<'a> {
    criterion: criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>,
    report: Report,
}

impl<'a> Group<'a> {
    pub(crate) fn new(criterion: &'a mut Criterion, name: &str) -> Self {
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat);
        Self { criterion: group, report: Report::new(name) }
    }

    /// Measures `bytes` by `once`, which gives the time of one repetition.
    pub(crate) fn measure(&mut self, name: &str, bytes: u64, mut once: impl FnMut() -> anyhow::Result<Duration>) {
        let report = &mut self.report;
        self.criterion.throughput(Throughput::BytesDecimal(bytes));
        self.criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| {
                let mut total = Duration::ZERO;
                for _ in 0..iterations {
                    let time = once().expect("the work runs");
                    report.add(name, bytes, time);
                    total += time;
                }
                total
            });
        });
    }

    pub(crate) fn finish(self) {
        self.criterion.finish();
        if !is_test() {
            self.report.print();
        }
    }
}
