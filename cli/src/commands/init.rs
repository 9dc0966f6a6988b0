//! `init`: a model in, an initialised checkpoint out.

use crate::args::{DTypeChoice, DeviceArgument, InitArguments, SchemeArguments};
use crate::assign::{self, Scheme};
use crate::checkpoint::{Layout, Origin};
use crate::device::{Device, DeviceChoice};
use crate::interrupt;
use crate::model;
use crate::output::Output;
use crate::stream::{Drawer, HOST_CHUNKS};
use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::{Duration, Instant};
use wgpu_init::Seed;
use wgpu_init::model::Recipe;
use xxhash_rust::xxh3::Xxh3;

/// What the command does without arguments.
pub(crate) fn default_job() -> Result<()> {
    println!(
        "Without a command, wgpu-init does its main job, the same as\n    \
         wgpu-init init gpt2 --recipe gpt2 --seed 0 --device auto -o gpt2.safetensors\n\
         `wgpu-init --help` shows the commands.\n"
    );
    run(&InitArguments {
        model: "gpt2".to_owned(),
        seed: Seed::new(0),
        member: None,
        scheme: SchemeArguments { recipe: Some(Recipe::Gpt2), ..SchemeArguments::default() },
        dtype: DTypeChoice::Keep,
        device: DeviceArgument { device: DeviceChoice::Auto },
        output: Some("gpt2.safetensors".into()),
        no_write: false,
    })
}

pub(crate) fn run(arguments: &InitArguments) -> Result<()> {
    let start = Instant::now();
    let model = model::load(&arguments.model)?;
    let scheme = Scheme::choose(&arguments.scheme, &model)?;
    let layout = Layout::new(assign::tensors(model, &scheme, &arguments.scheme, arguments.dtype)?)?;
    let origin = Origin::new(arguments.seed, arguments.member, &scheme, &layout);
    // Before a device is opened and time is spent: can the file be made, and is every tensor drawable?
    let output = match &arguments.output {
        Some(path) => Output::create(path)?,
        None => Output::Nowhere,
    };
    let device = Device::open(&arguments.device.device)?;
    let outcome = write(&layout, &origin, &device, output)?;
    let summary = Summary { layout: &layout, origin: &origin, device: &device, outcome, elapsed: start.elapsed() };
    summary.print(arguments.output.as_deref());
    Ok(())
}

/// What writing a checkpoint gave.
struct Outcome {
    fill_time: Duration,
    digest: u128,
}

/// Draws chunk after chunk and writes them on another thread meanwhile.
fn write(layout: &Layout, origin: &Origin, device: &Device, output: Output) -> Result<Outcome> {
    let header = layout.header(&origin.metadata()?)?;
    let bar = progress(layout.size);
    // Waiting chunks; one more is being drawn and one being written.
    let (full, received) = mpsc::sync_channel(HOST_CHUNKS - 2);
    let (recycle, empty) = mpsc::channel();
    let mut drawer = Drawer::new(device);
    let digest = std::thread::scope(|scope| {
        // The thread owns its ends of the channels: drawing ends when it does.
        let (header, bar) = (&header, &bar);
        let writer = scope.spawn(move || write_chunks(output, header, received, &recycle, bar));
        let drawn = draw_chunks(layout, origin.effective_seed(), &mut drawer, &full, &empty);
        drop(full);
        // A writer that failed is why drawing could not go on: its error comes first.
        let (output, digest) = writer.join().map_err(|_| anyhow!("the writing thread panicked"))??;
        drawn?;
        output.finish()?;
        anyhow::Ok(digest)
    })?;
    bar.finish_and_clear();
    Ok(Outcome { fill_time: drawer.fill_time, digest })
}

fn draw_chunks(
    layout: &Layout,
    seed: Seed,
    drawer: &mut Drawer<'_>,
    full: &SyncSender<Vec<u8>>,
    empty: &Receiver<Vec<u8>>,
) -> Result<()> {
    let step = drawer.chunk();
    let mut start = 0;
    while start < layout.size {
        interrupt::check()?;
        let end = layout.chunk_end(start, step);
        let specs = layout.fills(seed, &(start..end))?;
        let mut bytes = empty.try_recv().unwrap_or_default();
        drawer.draw(&specs, end - start, &mut bytes)?;
        if full.send(bytes).is_err() {
            break;
        }
        start = end;
    }
    Ok(())
}

/// Writes and digests what arrives. Ends when the sender is gone, or with the first error.
fn write_chunks(
    mut output: Output,
    header: &[u8],
    full: Receiver<Vec<u8>>,
    recycle: &mpsc::Sender<Vec<u8>>,
    bar: &ProgressBar,
) -> Result<(Output, u128)> {
    let mut digest = Xxh3::new();
    output.write(header).context("cannot write the checkpoint")?;
    for bytes in full {
        digest.update(&bytes);
        output.write(&bytes).context("cannot write the checkpoint")?;
        bar.inc(bytes.len() as u64);
        // Nobody may be left to use the chunk again.
        let _ = recycle.send(bytes);
    }
    Ok((output, digest.digest128()))
}

fn progress(size: u64) -> ProgressBar {
    let template = "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} eta {eta}";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(size).with_style(style)
}

struct Summary<'a> {
    layout: &'a Layout,
    origin: &'a Origin,
    device: &'a Device,
    outcome: Outcome,
    elapsed: Duration,
}

impl Summary<'_> {
    fn print(&self, path: Option<&Path>) {
        let seconds = self.outcome.fill_time.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
        let rate = if seconds > 0.0 { self.layout.size as f64 / seconds * 1e-9 } else { 0.0 };
        println!("device      {}", self.device.describe());
        println!("values      {}", self.origin.describe());
        println!("tensors     {}", self.layout.tensors.len());
        println!("parameters  {}", self.layout.parameters());
        println!("bytes       {}", self.layout.size);
        println!("seconds     {:.3} in all, {seconds:.3} filling", self.elapsed.as_secs_f64());
        println!("fill        {rate:.2} GB/s (without reading back and writing)");
        println!("digest      {:032x} (XXH3-128 of the data section)", self.outcome.digest);
        match path {
            Some(path) => println!("checkpoint  {}", path.display()),
            None => println!("checkpoint  not written (--no-write)"),
        }
    }
}
