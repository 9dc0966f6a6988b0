//! `bench`: how fast this machine fills tensors, in one table.

mod checkpoint;
mod clock;
mod cpu;
mod gpu;
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
use crate::{model, terminal};
use anyhow::{Context, Result, ensure};
use measure::Settings;
use record::{Lines, Record};
use std::io::Write;
use wgpu_init::DType;

/// What is measured unless asked otherwise: sizes in MiB, and a model.
const SIZES: [u64; 2] = [1, 64];
const MODEL: &str = "gpt2";

pub(crate) fn run(arguments: &BenchArguments) -> Result<()> {
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
    let mut rows = if arguments.no_cpu { Vec::new() } else { cpu::rows(&settings, &cpu)? };
    if let Some(checkpoint) = &checkpoint {
        let subject = cpu::subject(&cpu, rayon::current_num_threads());
        rows.append(&mut checkpoint.rows(&settings, &subject, &Device::Cpu)?);
    }
    for gpu in gpus {
        let gpu = gpu?;
        rows.append(&mut gpu::rows(&gpu, &settings)?);
        if let Some(checkpoint) = &checkpoint {
            let subject = gpu::subject(&gpu, "host");
            rows.append(&mut checkpoint.rows(&settings, &subject, &Device::Gpu(gpu))?);
        }
    }
    ensure!(
        !rows.is_empty(),
        "there is nothing to measure: no hardware GPU was found, or --only leaves nothing; say --device gpu, or leave out --no-cpu"
    );
    row::compare(&mut rows);
    let mut out = terminal::stdout();
    if arguments.json {
        output::json(&mut out, &rows)?;
    } else if arguments.csv {
        let mut lines = Lines::new(&mut out);
        rows.into_iter().try_for_each(|row| lines.put(row.record))?;
    } else {
        output::table(&mut out, &rows)?;
    }
    out.flush()?;
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
