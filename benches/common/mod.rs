//! What the benchmarks share. Clocks, laws and the format of a record are those of the command `wgpu-init bench`.
#![allow(dead_code, reason = "each benchmark uses its own part")]

#[path = "../../cli/src/commands/bench/clock.rs"]
pub(crate) mod clock;
#[path = "../../cli/src/commands/bench/host.rs"]
pub(crate) mod host;
#[path = "../../cli/src/commands/bench/law.rs"]
pub(crate) mod law;
#[path = "../../cli/src/commands/bench/record.rs"]
pub(crate) mod record;
pub(crate) mod turns;

use anyhow::Result;
use clock::Clock;
use host::Host;
use record::Record;
use std::time::Duration;
use wgpu_init::{Fill, GpuExecutor, wgpu};

/// Whether everything only runs once, on little work: `cargo test --benches`, or `--test`.
pub(crate) fn is_test() -> bool {
    let has = |word: &str| std::env::args().any(|argument| argument == word);
    has("--test") || !has("--bench")
}

/// The word behind `--` in this place: the first is a part of an adapter's name, or `cpu`.
pub(crate) fn word(place: usize) -> String {
    std::env::args().skip(1).filter(|word| !word.starts_with("--")).nth(place).unwrap_or_default().to_lowercase()
}

/// What fills are measured on.
pub(crate) enum Device {
    Cpu(Host),
    Gpu(Box<Gpu>),
}

/// An adapter with a device, an executor and a clock.
pub(crate) struct Gpu {
    pub(crate) device: wgpu::Device,
    pub(crate) executor: GpuExecutor,
    pub(crate) clock: Clock,
    pub(crate) target: wgpu::Buffer,
}

impl Device {
    /// The chosen adapters, and the CPU on one thread and on all, each with memory of so many bytes (more where it is hardware);
    /// and how its lines begin.
    pub(crate) fn chosen(bytes: u64, on_hardware: u64) -> Result<Vec<(Record, Self)>> {
        let (mut chosen, wanted) = (Vec::new(), word(0));
        for threads in [1, rayon::current_num_threads()] {
            if "cpu".contains(&wanted) {
                let here = Record::here();
                let (device, threads_used) = (here.cpu.clone(), Some(threads as u64));
                let (backend, clock) = ("CPU".to_owned(), "host".to_owned());
                let record = Record { device, backend, clock, threads: threads_used, ..here };
                chosen.push((record, Self::Cpu(Host::new(threads, bytes)?)));
            }
        }
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        for adapter in pollster::block_on(instance.enumerate_adapters(wgpu::Backends::from_env().unwrap_or_default())) {
            let (info, flags) = (adapter.get_info(), adapter.get_downlevel_capabilities().flags);
            let name = format!("{:?} {}", info.backend, info.name).to_lowercase();
            if name.contains(&wanted) && flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS) {
                let is_software = info.device_type == wgpu::DeviceType::Cpu;
                let gpu = Gpu::open(&adapter, if is_software { bytes } else { on_hardware })?;
                let record = Record {
                    device: info.name,
                    backend: format!("{:?}", info.backend),
                    driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
                    path: path(&gpu.executor),
                    clock: gpu.clock.name().to_owned(),
                    ..Record::here()
                };
                chosen.push((record, Self::Gpu(Box::new(gpu))));
            }
        }
        Ok(chosen)
    }

    /// The time of these fills alone.
    pub(crate) fn fill(&mut self, fills: &[Fill]) -> Result<Duration> {
        match self {
            Self::Cpu(host) => host.fill(fills),
            Self::Gpu(gpu) => gpu.clock.work(&mut |encoder| gpu.record(encoder, fills)),
        }
    }
}

impl Gpu {
    fn open(adapter: &wgpu::Adapter, bytes: u64) -> Result<Self> {
        let mut requirements = wgpu_init::requirements(adapter);
        requirements.features |= adapter.features() & wgpu::Features::TIMESTAMP_QUERY;
        let (device, queue) = pollster::block_on(adapter.request_device(&requirements.device_descriptor()))?;
        let (executor, clock) = (GpuExecutor::new(&device)?, Clock::new(&device, &queue)?);
        let target = clock.storage(bytes);
        Ok(Self { device, executor, clock, target })
    }

    /// Records fills into the adapter's memory.
    pub(crate) fn record(&self, encoder: &mut wgpu::CommandEncoder, fills: &[Fill]) -> Result<()> {
        Ok(self.executor.record(encoder, fills.iter().map(|fill| (&self.target, fill)))?)
    }
}

/// Which of the equivalent shaders an executor runs.
pub(crate) fn path(executor: &GpuExecutor) -> String {
    let tuning = executor.tuning();
    let tiling = tuning.tiling;
    let tiling = format!("{}x{}x{}", tiling.workgroup_size, tiling.most_groups, tiling.enough_workgroups);
    format!("{:?} products, {:?} table, tiling {tiling}", tuning.products, tuning.table)
}
