//! `bench`: how fast this machine fills tensors, in one table.

mod checkpoint;
mod clock;
mod cpu;
mod gpu;
mod growth;
mod host;
mod law;
mod measure;
mod memory;
mod orthogonal;
mod output;
mod record;
mod row;
mod startup;
mod turns;
mod variants;
mod view;

use crate::args::BenchArguments;
use crate::device::{self, Device, DeviceChoice, Gpu};
use crate::model;
use anyhow::{Context, Result, ensure};
use measure::{Rows, Settings};
use output::Report;
use record::Record;
use wgpu_init::DType;

/// What is measured unless asked otherwise: sizes in MiB, and a model.
const SIZES: [u64; 2] = [1, 64];
const MODEL: &str = "gpt2";

pub(crate) fn run(arguments: &BenchArguments) -> Result<()> {
    let mut report = Report::new(arguments);
    let measured = measure(arguments, &mut report);
    // What was written before an error is made whole too.
    let finished = report.finish();
    measured.and(finished)
}

fn measure(arguments: &BenchArguments, report: &mut Report) -> Result<()> {
    // Who asks for small sizes does not want half a gigabyte of GPT-2.
    let model = arguments.model.as_deref().or(arguments.size.is_none().then_some(MODEL));
    let lists = if arguments.warm_only {
        Vec::new()
    } else {
        [Ok(law::small_sizes(10_000))].into_iter().chain(model.map(model_sizes)).collect::<Result<_>>()?
    };
    let sizes = arguments.size.as_deref().unwrap_or(&SIZES);
    let sizes = sizes.iter().map(|mib| mib << 20).collect();
    let settings = Settings {
        works: arguments.work.clone(),
        only: arguments.only.clone(),
        most: arguments.size.as_ref().and_then(|sizes| sizes.iter().max()).map(|mib| mib << 20),
        sizes,
        lists,
        warm_only: arguments.warm_only,
        repetitions: arguments.repetitions,
    };
    let cpu = Record::here().cpu;
    // What cannot be opened is said before time is spent.
    let checkpoint = arguments.checkpoint.as_deref();
    let checkpoint = checkpoint.map(|folder| checkpoint::Bench::new(folder, model.unwrap_or(MODEL)));
    let checkpoint = checkpoint.transpose()?;
    let gpus = gpus(&arguments.device.device)?;
    if !arguments.no_cpu {
        cpu::rows(&settings, &cpu, report)?;
    }
    if let Some(checkpoint) = &checkpoint {
        let subject = cpu::subject(&cpu, rayon::current_num_threads());
        checkpoint.rows(&mut Rows::new(&settings, subject, report), &Device::Cpu)?;
    }
    for gpu in gpus {
        let gpu = gpu?;
        gpu::rows(&gpu, &settings, report)?;
        if let Some(checkpoint) = &checkpoint {
            let subject = gpu::subject(&gpu, "host");
            checkpoint.rows(&mut Rows::new(&settings, subject, report), &Device::Gpu(gpu))?;
        }
    }
    ensure!(
        !report.is_empty(),
        "there is nothing to measure: no hardware GPU was found, or --only leaves nothing; say --device gpu, or leave out --no-cpu"
    );
    Ok(())
}

/// The adapters to measure, opened one after the other.
fn gpus(choice: &DeviceChoice) -> Result<Box<dyn Iterator<Item = Result<Box<Gpu>>>>> {
    if matches!(choice, DeviceChoice::Name(name) if name == "all") {
        return Ok(Box::new(
            device::adapters().into_iter().map(|adapter| Gpu::open(&adapter, DType::ALL).map(Box::new)),
        ));
    }
    Ok(match Device::open(choice, DType::ALL)? {
        Device::Cpu => Box::new(std::iter::empty()),
        Device::Gpu(gpu) => Box::new(std::iter::once(Ok(gpu))),
    })
}

/// Bytes of a model's parameters as f32.
fn model_sizes(name: &str) -> Result<Vec<u64>> {
    let sizes = model::bundled_first(name)?.entries.into_iter().map(|entry| {
        let bytes = entry.parameter.shape.elements().checked_mul(4);
        bytes.with_context(|| format!("tensor {} is larger than 2^64 bytes", entry.parameter.name))
    });
    sizes.collect()
}
