//! Choosing what computes: a GPU of `devices`, or the CPU.

use crate::cache::DeviceCache;
use crate::terminal::{self, Plain};
use crate::{columns, figure, interrupt};
use anyhow::{Context, Result, anyhow};
use std::collections::HashSet;
use std::convert::Infallible;
use std::str::FromStr;
use wgpu_init::gpu::{GpuOptions, Tuning};
use wgpu_init::plan::Tiling;
use wgpu_init::{DType, GpuExecutor, requirements, wgpu};
use wgpu_init_models::checkpoint::{Drawer, Layout};
use wgpu_init_models::{FloatDType, StoredDType};

/// What `--device` can say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeviceChoice {
    Auto,
    Cpu,
    Gpu,
    /// Position in the list.
    Index(usize),
    /// Part of a name.
    Name(String),
}

impl FromStr for DeviceChoice {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" => Self::Auto,
            "cpu" => Self::Cpu,
            "gpu" => Self::Gpu,
            _ => text.parse().map_or_else(|_| Self::Name(text.to_owned()), Self::Index),
        })
    }
}

/// What computes the values. Both give the same bits.
pub(crate) enum Device {
    Cpu,
    Gpu(Box<Gpu>),
}

/// An opened adapter that has passed the self-test, now or before.
pub(crate) struct Gpu {
    pub(crate) adapter: wgpu::Adapter,
    pub(crate) info: wgpu::AdapterInfo,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) executor: GpuExecutor,
}

/// Every adapter that can run compute shaders, in the order of `devices`.
pub(crate) fn adapters() -> Vec<wgpu::Adapter> {
    adapters_of(wgpu::Backends::all())
}

fn adapters_of(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    // An instance opens the libraries of all its backends, asked or not.
    let descriptor = wgpu::InstanceDescriptor { backends, ..wgpu::InstanceDescriptor::new_without_display_handle() };
    let adapters = pollster::block_on(wgpu::Instance::new(descriptor).enumerate_adapters(backends));
    let compute = wgpu::DownlevelFlags::COMPUTE_SHADERS;
    adapters.into_iter().filter(|adapter| adapter.get_downlevel_capabilities().flags.contains(compute)).collect()
}

/// An error that names the adapters there are.
fn no_adapter(what: &str, adapters: &[wgpu::Adapter]) -> anyhow::Error {
    if adapters.is_empty() {
        return anyhow!("{what}, nor any other: {MISSING}, or say --device cpu");
    }
    let line = |(index, adapter): (usize, &wgpu::Adapter)| format!("\n  {index}: {}", describe(&adapter.get_info()));
    let lines: String = adapters.iter().enumerate().map(line).collect();
    anyhow!("{what}; there are, by number or a part of the name:{lines}\n  cpu: the CPU executor")
}

/// What to do where there is no adapter.
pub(crate) const MISSING: &str = "a GPU driver, or mesa-vulkan-drivers for a software one, gives some";

/// `name (backend, driver)`.
pub(crate) fn describe(info: &wgpu::AdapterInfo) -> String {
    let driver = [info.driver.as_str(), info.driver_info.as_str()].join(" ");
    let driver = if driver.trim().is_empty() { "driver unknown" } else { driver.trim() };
    // Drivers are somebody else's too.
    Plain(format_args!("{} ({:?}, {driver})", info.name, info.backend)).to_string()
}

/// Which of the equivalent shaders run.
pub(crate) fn describe_path(executor: &GpuExecutor) -> String {
    let Tuning { products, table, tiling, .. } = executor.tuning();
    let Tiling { workgroup_size, most_groups, enough_workgroups } = tiling;
    format!("{products:?} products, {table:?} table, tiling {workgroup_size}x{most_groups}x{enough_workgroups}")
}

impl Device {
    /// Opens what was chosen, to draw these dtypes. A GPU runs the self-test, once for each build of this program, and is refused if it
    /// fails.
    pub(crate) fn open(choice: &DeviceChoice, dtypes: &[DType]) -> Result<Self> {
        Self::open_local(choice, dtypes, 0)
    }

    /// The same for one of several processes of this machine: `auto` gives each a GPU of its own, as long as there are enough.
    pub(crate) fn open_local(choice: &DeviceChoice, dtypes: &[DType], local: u64) -> Result<Self> {
        let open = |adapter: &wgpu::Adapter| Gpu::open(adapter, dtypes).map(|gpu| Self::Gpu(Box::new(gpu)));
        match choice {
            DeviceChoice::Cpu => Ok(Self::Cpu),
            DeviceChoice::Gpu => {
                let found = [wgpu::Backends::PRIMARY, wgpu::Backends::SECONDARY].into_iter().map(adapters_of);
                let first = found.flat_map(|adapters| adapters.into_iter().next()).next();
                first.as_ref().map_or_else(|| Err(anyhow!("there is no adapter: {MISSING}, or say --device cpu")), open)
            }
            DeviceChoice::Index(index) => {
                let adapters = adapters();
                let missing = || no_adapter(&format!("there is no adapter {index}"), &adapters);
                open(adapters.get(*index).ok_or_else(missing)?)
            }
            DeviceChoice::Name(part) => {
                let adapters = adapters();
                let wanted = part.to_lowercase();
                let is_it = |adapter: &&wgpu::Adapter| describe(&adapter.get_info()).to_lowercase().contains(&wanted);
                let missing = || no_adapter(&format!("no adapter is called {part:?}"), &adapters);
                open(adapters.iter().find(is_it).ok_or_else(missing)?)
            }
            DeviceChoice::Auto => Ok(Self::auto(dtypes, local)),
        }
    }

    /// A hardware GPU that passes the self-test, or the CPU. OpenGL is asked only where the better interfaces know no GPU.
    fn auto(dtypes: &[DType], local: u64) -> Self {
        for backends in [wgpu::Backends::PRIMARY, wgpu::Backends::SECONDARY] {
            let mut adapters = adapters_of(backends);
            adapters.retain(|adapter| kind_rank(adapter.get_info().device_type) < SOFTWARE);
            adapters.sort_by_key(|adapter| kind_rank(adapter.get_info().device_type));
            let kinds: Vec<_> = adapters.iter().map(|adapter| kind_rank(adapter.get_info().device_type)).collect();
            adapters[..best(&kinds)].rotate_left(turn(best(&kinds), local));
            for adapter in &adapters {
                match Gpu::open(adapter, dtypes) {
                    Ok(gpu) => return Self::Gpu(Box::new(gpu)),
                    Err(error) => {
                        let name = describe(&adapter.get_info());
                        terminal::say("warning", format_args!("{name} is not used: {error:#}"));
                    }
                }
            }
        }
        Self::Cpu
    }

    /// Draws chunks that hold `whole` bytes, within limits.
    pub(crate) fn drawer(&self, whole: u64) -> Drawer<'_> {
        match self {
            Self::Cpu => Drawer::cpu(whole),
            Self::Gpu(gpu) => Drawer::gpu(&gpu.device, &gpu.queue, &gpu.executor, whole),
        }
    }

    /// A short name.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Cpu => figure::many(rayon::current_num_threads(), "CPU thread"),
            Self::Gpu(gpu) => columns::name(&gpu.info.name, 24),
        }
    }

    /// One line for a person.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Cpu => format!("CPU executor, {}", figure::many(rayon::current_num_threads(), "thread")),
            Self::Gpu(gpu) => {
                format!("{}, {}", describe(&gpu.info), describe_path(&gpu.executor))
            }
        }
    }
}

/// What executors draw of a checkpoint.
pub(crate) fn drawn(layout: &Layout) -> Vec<DType> {
    let of = |dtype: StoredDType| match dtype {
        StoredDType::Float(FloatDType::Drawn(dtype)) => Some(dtype),
        // Made on the host.
        StoredDType::Float(FloatDType::F64) | StoredDType::Integer(_) => None,
    };
    let found: HashSet<DType> = layout.tensors().iter().filter_map(|(tensor, _)| of(tensor.dtype())).collect();
    DType::ALL.iter().filter(|dtype| found.contains(dtype)).copied().collect()
}

/// Rank of what is no hardware GPU.
const SOFTWARE: u8 = 3;

const fn kind_rank(kind: wgpu::DeviceType) -> u8 {
    match kind {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu => 1,
        wgpu::DeviceType::VirtualGpu => 2,
        wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => SOFTWARE,
    }
}

/// How many of the adapters in front are of the first one's kind.
fn best(kinds: &[u8]) -> usize {
    kinds.iter().take_while(|kind| Some(*kind) == kinds.first()).count()
}

/// Which of so many GPUs a process takes.
fn turn(gpus: usize, local: u64) -> usize {
    usize::try_from(local).ok().and_then(|local| local.checked_rem(gpus)).unwrap_or(0)
}

impl Gpu {
    /// A device with what the library makes use of, which works as `tune` found best, if it was asked. Runs the self-test of these dtypes,
    /// unless this program has passed it here before: it compiles all their shaders, which takes drivers seconds. Where what was compiled
    /// is lost, it runs again, and what it compiles is kept.
    pub(crate) fn open(adapter: &wgpu::Adapter, dtypes: &[DType]) -> Result<Self> {
        Self::open_and_test(adapter, dtypes, DeviceCache::untested)
    }

    /// [`open`](Self::open), with the whole self-test whatever is kept: for who asks whether the device passes now.
    pub(crate) fn open_tested(adapter: &wgpu::Adapter) -> Result<Self> {
        Self::open_and_test(adapter, DType::ALL, |_, _, dtypes| dtypes.to_vec())
    }

    fn open_and_test(
        adapter: &wgpu::Adapter,
        dtypes: &[DType],
        untested: impl FnOnce(&DeviceCache, Tuning, &[DType]) -> Vec<DType>,
    ) -> Result<Self> {
        let (info, device, queue) = Self::device(adapter)?;
        let cache = DeviceCache::new(&info);
        let pipelines = cache.pipelines(&device);
        let mut options = cache.tuning().map(GpuOptions::from).unwrap_or_default();
        options.pipeline_cache = pipelines.as_ref().map(|pipelines| pipelines.cache.clone());
        let executor = GpuExecutor::with_options(&device, options)?;
        let dtypes = match &pipelines {
            Some(pipelines) if pipelines.is_new() => dtypes.to_vec(),
            _ => untested(&cache, executor.tuning(), dtypes),
        };
        if !dtypes.is_empty() {
            let tested = executor.self_test_dtypes_blocking(&queue, &dtypes);
            tested.with_context(|| format!("{} is refused", describe(&info)))?;
            cache.keep_passed(executor.tuning(), &dtypes);
            if let Some(pipelines) = pipelines {
                pipelines.keep();
            }
        }
        Ok(Self { adapter: adapter.clone(), info, device, queue, executor })
    }

    /// Asks for a device with what the library makes use of, timestamps, and a cache of pipelines.
    pub(crate) fn device(adapter: &wgpu::Adapter) -> Result<(wgpu::AdapterInfo, wgpu::Device, wgpu::Queue)> {
        let info = adapter.get_info();
        let mut wanted = requirements(adapter);
        wanted.features |= adapter.features() & (wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::PIPELINE_CACHE);
        let request = adapter.request_device(&wanted.device_descriptor());
        let (device, queue) =
            pollster::block_on(request).with_context(|| format!("cannot open {}", describe(&info)))?;
        // An error that wgpu reports outside a call, e.g. out of memory, would otherwise be a panic.
        device.on_uncaptured_error(std::sync::Arc::new(|error| {
            terminal::say("error", format_args!("the device reported: {error}"));
            interrupt::remove_unfinished();
            std::process::exit(1);
        }));
        Ok((info, device, queue))
    }
}

#[cfg(test)]
mod tests {
    use super::{best, turn};

    #[test]
    fn each_process_of_a_machine_takes_a_gpu_of_its_own() {
        // Four cards and the processor's own GPU, which a fifth process does not take.
        let gpus = best(&[0, 0, 0, 0, 1]);
        assert_eq!((0..6).map(|local| turn(gpus, local)).collect::<Vec<_>>(), [0, 1, 2, 3, 0, 1]);
        assert_eq!((best(&[]), turn(0, 3)), (0, 0));
        assert_eq!(turn(best(&[1]), u64::MAX), 0);
    }
}
