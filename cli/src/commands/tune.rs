//! `tune`: finds the fastest of the equivalent ways on a device and keeps it.

use crate::args::TuneArguments;
use crate::cache::DeviceCache;
use crate::device::{Device, Gpu, describe};
use crate::terminal::{self, Plain};
use anyhow::{Context, Result, bail};
use wgpu_init::{DType, GpuExecutor};

/// What is compared.
const TUNED: &[DType] = &[DType::F32];

pub(crate) fn run(arguments: &TuneArguments) -> Result<()> {
    let Device::Gpu(gpu) = Device::open(&arguments.device.device, &[])? else {
        bail!("the CPU executor needs no tuning: say --device gpu, or an adapter of `wgpu-init devices`");
    };
    let cache = DeviceCache::new(&gpu.info);
    let name = describe(&gpu.info);
    if arguments.forget {
        cache.forget().context("what is kept cannot be removed")?;
        return Ok(terminal::print(format_args!("nothing is kept of {name} any more\n"))?);
    }
    let Gpu { device, queue, executor, .. } = *gpu;
    let before = executor.tuning();
    let tuning = GpuExecutor::tune_blocking(&device, &queue)?;
    // What was found must give the contract's bits like everything else. Other dtypes are tested before they are first drawn.
    GpuExecutor::with_options(&device, tuning.into())?.self_test_dtypes_blocking(&queue, TUNED)?;
    let path = cache.keep_tuning(tuning).context("the tuning cannot be kept")?;
    cache.keep_passed(tuning, TUNED);
    let place = match path {
        Some(path) => Plain(path.display()).to_string(),
        None => "nowhere: this system has no folder of caches".to_owned(),
    };
    Ok(terminal::print(format_args!("device  {name}\nbefore  {before}\nnow     {tuning}\nkept    {place}\n"))?)
}
