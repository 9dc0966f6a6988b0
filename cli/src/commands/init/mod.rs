//! `init`: a model in, an initialised checkpoint out.

mod folder;

use crate::args::{ContentsArguments, DTypeChoice, DeviceArgument, InitArguments, SchemeArguments};
use crate::assign;
use crate::device::{Device, DeviceChoice, drawn};
use crate::existing;
use crate::figure::{count, many, size, speed};
use crate::folder::FolderArguments;
use crate::model::{self, Model};
use crate::other::{FromArguments, Other};
use crate::output::Output;
use crate::progress::Progress;
use crate::report::ReportArguments;
use crate::terminal::{self, Plain};
use crate::views::{Views, remarks};
use anyhow::Result;
use serde_json::json;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use wgpu_init::Seed;
use wgpu_init_models::Recipe;
use wgpu_init_models::checkpoint::{Header, Layout, Origin, Outcome, Rank, write};

/// What the command does without arguments.
pub(crate) fn default_job() -> Result<()> {
    terminal::print(
        "Without a command, wgpu-init does its main job, the same as\n    \
         wgpu-init init gpt2 --recipe gpt2 --seed 0 --device auto -o gpt2.safetensors\n\
         `wgpu-init --help` shows the commands.\n\n",
    )?;
    let arguments = InitArguments {
        model: "gpt2".to_owned(),
        contents: ContentsArguments {
            seed: Seed::new(0),
            member: None,
            scheme: SchemeArguments { recipe: Some(Recipe::Gpt2.into()), ..SchemeArguments::default() },
            views: Views::default(),
            dtype: DTypeChoice::Keep,
            from: FromArguments::default(),
        },
        device: DeviceArgument { device: DeviceChoice::Auto },
        folder: FolderArguments::default(),
        output: Some("gpt2.safetensors".into()),
        overwrite: false,
        no_write: false,
        report: ReportArguments::default(),
    };
    // Whatever else is called so in the current folder.
    initialise(&arguments, model::bundled(&arguments.model)?)
}

pub(crate) fn run(arguments: &InitArguments) -> Result<()> {
    let model = || model::load(&arguments.model);
    match arguments.folder() {
        Some(path) => folder::run(arguments, model()?, path?),
        None => initialise(arguments, model()?),
    }
}

fn initialise(arguments: &InitArguments, model: Model) -> Result<()> {
    let start = Instant::now();
    let other = arguments.contents.from.open()?;
    let sources = sources(&model, &arguments.contents, other.as_ref());
    let (tensors, scheme) = assign::contents(model, &arguments.contents, other.as_ref())?;
    let layout = Layout::new(tensors)?;
    let origin = Origin::new(arguments.contents.seed, arguments.contents.member, &scheme.stored(), &layout);
    // Before a device is opened and time is spent: can the file be made, and is every tensor drawable?
    let mut output = match &arguments.output {
        Some(path) => {
            existing::check(path, &layout, &origin, &sources, arguments.overwrite)?;
            Output::create(path)?
        }
        None => Output::Nowhere,
    };
    let device = Device::open(&arguments.device.device, &drawn(&layout))?;
    let header = layout.header(&origin.metadata()?)?;
    let is_stdout = output.is_stdout();
    let report = arguments.report.of(Rank::ALONE).beside(is_stdout);
    let progress = Progress::new(report, "drawing", &device.name(), &[&layout]);
    let drawer = device.drawer(layout.largest_whole());
    let mut drawer = if let Some(other) = &other { other.lend(drawer) } else { drawer };
    let observe = |more| progress.observe(more);
    let outcome = write(&layout, &header, origin.effective_seed(), &mut drawer, &mut output, &observe)?;
    let identity = Header::read(header.as_slice())?.identity(outcome.digest);
    output.finish()?;
    progress.finish();
    let summary = Summary {
        layout: &layout,
        origin: &origin,
        device: &device,
        outcome,
        identity,
        elapsed: start.elapsed(),
        path: arguments.output.as_deref(),
    };
    if report.is_json() {
        report.done(summary.elapsed, summary.json());
        return Ok(());
    }
    if is_stdout {
        // The checkpoint is there.
        let _ = write!(std::io::stderr(), "{summary}");
        return Ok(());
    }
    Ok(terminal::print(summary)?)
}

struct Summary<'a> {
    layout: &'a Layout,
    origin: &'a Origin,
    device: &'a Device,
    outcome: Outcome,
    identity: u128,
    elapsed: Duration,
    path: Option<&'a Path>,
}

impl Summary<'_> {
    /// Members of the last event.
    fn json(&self) -> serde_json::Value {
        json!({
            "values": self.origin.describe(),
            "files_written": u32::from(self.path.is_some()),
            "bytes": self.layout.size(),
            "parameters": self.layout.parameters(),
            "kept_parameters": self.layout.kept().map_or(0, |(_, elements)| elements),
            "filling_seconds": self.outcome.fill_time.as_secs_f64(),
            "digest": format!("{:032x}", self.outcome.digest),
            "identity": format!("{:032x}", self.identity),
            "path": self.path.map(|path| path.display().to_string()),
        })
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "device      {}", self.device.describe())?;
        writeln!(f, "values      {}", Plain(self.origin.describe()))?;
        totals(f, &[self.layout])?;
        seconds(f, self.elapsed, self.outcome.fill_time, self.layout.size())?;
        writeln!(f, "digest      {:032x} (XXH3-128 of the data section)", self.outcome.digest)?;
        writeln!(f, "identity    {:032x} (XXH3-128 of names, shapes, dtypes, laws and data)", self.identity)?;
        match self.path {
            Some(path) => writeln!(f, "checkpoint  {}", Plain(path.display())),
            None => writeln!(f, "checkpoint  not written (--no-write)"),
        }
    }
}

/// How much there is of what.
/// The files that are read, which no output may be.
fn sources(model: &Model, arguments: &ContentsArguments, other: Option<&Other>) -> Vec<PathBuf> {
    let rules = arguments.scheme.rules.iter().cloned();
    model.sources.iter().cloned().chain(rules).chain(other.into_iter().flat_map(Other::sources)).collect()
}

fn totals(f: &mut fmt::Formatter<'_>, layouts: &[&Layout]) -> fmt::Result {
    let (views, whole) = remarks(layouts);
    let sum = |of: &dyn Fn(&Layout) -> u64| layouts.iter().map(|layout| of(layout)).fold(0, u64::saturating_add);
    writeln!(f, "tensors     {}{views}", count(sum(&|layout| layout.tensors().len() as u64)))?;
    writeln!(f, "parameters  {}{whole}", count(sum(&Layout::parameters)))?;
    let kept = layouts.iter().filter_map(|layout| layout.kept());
    if let Some((tensors, elements)) = kept.reduce(|a, b| (a.0 + b.0, a.1 + b.1)) {
        writeln!(f, "kept        {} of {}", count(elements), many(tensors, "tensor"))?;
    }
    let bytes = sum(&Layout::size);
    writeln!(f, "size        {} ({} bytes)", size(bytes), count(bytes))
}

/// How long it took, and how fast so many bytes were filled.
fn seconds(f: &mut fmt::Formatter<'_>, elapsed: Duration, filling: Duration, bytes: u64) -> fmt::Result {
    let filling = filling.as_secs_f64();
    writeln!(f, "seconds     {:.3} in all, {filling:.3} filling", elapsed.as_secs_f64())?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let rate = if filling > 0.0 { bytes as f64 / filling } else { 0.0 };
    writeln!(f, "fill        {} (without reading back and writing)", speed(rate))
}
