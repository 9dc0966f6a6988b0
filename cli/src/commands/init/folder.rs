//! `init MODEL -o DIR/`: a checkpoint in several files, by any number of processes.

use super::{sources, totals};
use crate::args::InitArguments;
use crate::device::{Device, drawn};
use crate::figure::{count, many};
use crate::folder::{FolderArguments, FolderFormat};
use crate::model::Model;
use crate::other::Other;
use crate::place::{Existing, Place};
use crate::progress::Progress;
use crate::ranks::Found;
use crate::report::Report;
use crate::terminal::{self, Plain};
use crate::{assign, natural, read, store};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};
use wgpu_init_models::checkpoint::{Folder, FolderFile, Layout, Placements, Rank, Source, Summary, Tensor};

pub(super) fn run(arguments: &InitArguments, model: Model, path: &Path) -> Result<()> {
    let start = Instant::now();
    let ranks = arguments.folder.ranks.find()?;
    let report = arguments.report.of(ranks.rank);
    let config = model.config.clone();
    let other = arguments.contents.from.open()?;
    let sources = sources(&model, &arguments.contents, other.as_ref());
    let is_in_file_order = model.is_in_file_order;
    let (mut tensors, scheme) = assign::contents(model, &arguments.contents, other.as_ref())?;
    if is_in_file_order {
        tensors.sort_by(|a, b| natural::compare(a.name(), b.name()));
    }
    let (seed, member) = (arguments.contents.seed, arguments.contents.member);
    let source = Source { seed, member, scheme: scheme.stored() };
    let job = plan(&arguments.folder, tensors, source, ranks.rank)?;
    let existing = Existing { resume: arguments.folder.resume, overwrite: arguments.overwrite };
    let store = store::open(path)?;
    let place = Place::new(&*store, &job, &sources, existing)?;
    // The small files of the first rank, the index last.
    let first = ranks.rank.rank() == 0;
    let mut small: Vec<(&str, Vec<u8>)> = Vec::new();
    small.extend(config.filter(|_| first).map(|config| ("config.json", config.into_bytes())));
    small.extend(job.index()?.filter(|_| first).map(|index| (Folder::INDEX, index)));
    for (name, bytes) in &small {
        place.check_small(name, bytes)?;
    }
    if first && arguments.folder.format != Some(FolderFormat::Dcp) {
        say_imbalance(&job);
    }
    let (kept, to_make) = survey(report, &place, &job)?;
    place.forget_summary()?;
    let made = make(arguments, report, &place, &job, &to_make, (ranks.local, other.as_ref()))?;
    for (name, bytes) in &small {
        place.keep_or_write(name, bytes)?;
    }
    let complete = place.complete()?.map(|files| Summary::new(&job, &files));
    if let Some(summary) = &complete {
        place.keep_or_write(Folder::SUMMARY, &summary.to_json()?)?;
        // Those of ranks that there are not any more. The others' may live, where locks do not reach from one machine to the next.
        if ranks.rank == Rank::ALONE {
            store.tidy();
        }
    }
    let told = Told { job: &job, ranks: &ranks, kept, made, elapsed: start.elapsed(), complete, path };
    if report.is_json() {
        report.done(told.elapsed, told.json());
        return Ok(());
    }
    Ok(terminal::print(told)?)
}

fn plan(arguments: &FolderArguments, tensors: Vec<Tensor>, source: Source, rank: Rank) -> Result<Folder> {
    let most = arguments.most();
    let placements = match (arguments.format, &arguments.placements) {
        (None | Some(FolderFormat::Hf), None) => return Ok(Folder::hugging_face(tensors, source, most, rank)?),
        (None | Some(FolderFormat::Hf), Some(_)) => bail!("--placements is for --format dcp"),
        (Some(FolderFormat::Dcp), None) => Placements::rows(rank.ranks()),
        (Some(FolderFormat::Dcp), Some(path)) => {
            let text = read::text(path, read::MOST_TEXT)?;
            text.parse().with_context(|| format!("cannot use {}", path.display()))?
        }
    };
    Ok(Folder::sharded(tensors, source, &placements, most, rank)?)
}

/// How many of this rank's files are there already, and those that are not.
fn survey<'a>(report: Report, place: &Place<'_>, job: &'a Folder) -> Result<(usize, Vec<&'a FolderFile>)> {
    // Files that are not there take no time.
    let mut layouts = Vec::new();
    for file in job.own() {
        if place.has(file.name())? {
            layouts.push(file.layout());
        }
    }
    if layouts.is_empty() {
        return Ok((0, job.own().collect()));
    }
    let progress = Progress::new(report, "checking", "reading", &layouts);
    let (mut kept, mut to_make) = (0, Vec::new());
    for file in job.own() {
        match place.kept(file, &|more| progress.observe(more))? {
            Some(_) => kept += 1,
            None => to_make.push(file),
        }
    }
    progress.finish();
    Ok((kept, to_make))
}

/// What was drawn and written.
struct Made {
    device: String,
    files: usize,
    bytes: u64,
    filling: Duration,
}

fn make(
    arguments: &InitArguments,
    report: Report,
    place: &Place<'_>,
    job: &Folder,
    files: &[&FolderFile],
    (local, other): (u64, Option<&Other>),
) -> Result<Option<Made>> {
    if files.is_empty() {
        return Ok(None);
    }
    let layouts: Vec<_> = files.iter().map(|file| file.layout()).collect();
    let mut dtypes: Vec<_> = layouts.iter().flat_map(|layout| drawn(layout)).collect();
    dtypes.sort_unstable();
    dtypes.dedup();
    let device = Device::open_local(&arguments.device.device, &dtypes, local)?;
    let progress = Progress::new(report, "drawing", &device.name(), &layouts);
    let drawer = device.drawer(layouts.iter().map(|layout| layout.largest_whole()).max().unwrap_or(0));
    let mut drawer = if let Some(other) = other { other.lend(drawer) } else { drawer };
    let mut filling = Duration::ZERO;
    for file in files {
        let mut partial = place.begin(file)?;
        let (outcome, _) = job
            .write(file, &mut drawer, &mut partial, &|more| progress.observe(more))
            .with_context(|| format!("cannot make {}", place.at(file.name())))?;
        place.finish(file, partial)?;
        filling += outcome.fill_time;
    }
    progress.finish();
    let bytes = layouts.iter().map(|layout| layout.size()).sum();
    Ok(Some(Made { device: device.describe(), files: files.len(), bytes, filling }))
}

/// Says how many ranks have nothing to write, and how files could be shared more evenly.
fn say_imbalance(job: &Folder) {
    /// Files for each rank that make shares about even.
    const FILES: u64 = 8;
    let (ranks, files) = (job.rank().ranks(), job.files().len());
    let (most, mean) = (job.largest_share(), job.size() / ranks);
    let tensors = job.files().iter().flat_map(|file| file.layout().tensors());
    let largest = tensors.map(|(_, bytes)| bytes.end - bytes.start).max().unwrap_or(0);
    let writers: BTreeSet<_> = job.files().iter().map(FolderFile::rank).collect();
    let idle = ranks.saturating_sub(writers.len() as u64);
    if idle == 0 && most <= mean.saturating_add(mean / 20).saturating_add(largest) {
        return;
    }
    let files = many(files, "file");
    let idle = if idle == 0 { String::new() } else { format!("{} of them have nothing to write, ", count(idle)) };
    let share = count(most * 100 / mean.max(1));
    // A tensor is never cut in this format.
    let better = if largest > mean {
        format!("one tensor has {largest} bytes, so only fewer ranks or --format dcp would be more even")
    } else {
        let size = (mean / FILES).max(1);
        let size = if size < 1_000_000 { format!("{size}B") } else { format!("{}MB", size / 1_000_000) };
        format!("--max-shard-size {size} would be more even")
    };
    terminal::say("note", format_args!("{files} for {ranks} ranks: {idle}one writes {share} % of the mean; {better}"));
}

struct Told<'a> {
    job: &'a Folder,
    ranks: &'a Found,
    kept: usize,
    made: Option<Made>,
    elapsed: Duration,
    complete: Option<Summary>,
    path: &'a Path,
}

impl Told<'_> {
    /// Members of the last event: what this rank has, and the identity of all files once they are there.
    fn json(&self) -> serde_json::Value {
        let Self { job, kept, made, complete, path, .. } = self;
        let own = |of: fn(&Layout) -> u64| job.own().map(|file| of(file.layout())).fold(0, u64::saturating_add);
        json!({
            "values": job.describe_values(),
            "files_written": made.as_ref().map_or(0, |made| made.files),
            "files_kept": kept,
            "bytes": own(Layout::size),
            "parameters": own(Layout::parameters),
            "kept_parameters": own(|layout| layout.kept().map_or(0, |(_, elements)| elements)),
            "filling_seconds": made.as_ref().map_or(0.0, |made| made.filling.as_secs_f64()),
            "identity": complete.as_ref().map(Summary::identity),
            "path": path.display().to_string(),
        })
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { job, ranks, kept, made, elapsed, complete, path } = self;
        if let Some(made) = made {
            writeln!(f, "device      {}", made.device)?;
        }
        if let Some(by) = &ranks.by {
            writeln!(f, "rank        {} of {}, by {}", ranks.rank.rank(), ranks.rank.ranks(), Plain(by))?;
        }
        writeln!(f, "values      {}", Plain(job.describe_values()))?;
        let layouts: Vec<&Layout> = job.own().map(FolderFile::layout).collect();
        totals(f, &layouts)?;
        let (files, bytes, filling) =
            made.as_ref().map_or((0, 0, Duration::ZERO), |made| (made.files, made.bytes, made.filling));
        writeln!(f, "files       {} written, {kept} kept ({})", count(files as u64), job.description())?;
        super::seconds(f, *elapsed, filling, bytes)?;
        match complete {
            Some(summary) => {
                writeln!(f, "identity    {} (of all files, in {})", summary.identity(), Folder::SUMMARY)?;
            }
            None => writeln!(f, "identity    known when the other ranks' files are there")?,
        }
        writeln!(f, "checkpoint  {}", Plain(path.display()))
    }
}
