//! `inspect`: what is in a safetensors file.

mod decode;
mod kind;
mod moments;
mod plot;

use crate::args::InspectArguments;
use crate::assign::shape_text;
use crate::columns::{Cell, line, name, widest};
use crate::figure::{Number, count, many, size};
use crate::natural;
use crate::style::{self, ASIDE, BAD, BARS, HEADING};
use crate::terminal::{self, Plain, short};
use crate::views::remarks;
use crate::{checkpoint, output::Output, place};
use anyhow::{Result, ensure};
use decode::{Decoder, each};
use moments::{Histogram, Moments};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use wgpu_init_models::checkpoint::{Header, Layout, Origin, StoredTensor, Tensor};

const BINS: usize = 14;
/// Columns of a line; names that are too long for it lose their middle, and so do shapes.
const PAGE: usize = 120;
const WIDEST_SHAPE: usize = 24;
/// Columns of a figure, e.g. `-1.23e-5`.
const FIGURE: usize = 8;

/// A tensor in a file.
#[derive(Clone, Copy, Debug)]
struct Located<'a> {
    file: &'a Path,
    stored: &'a StoredTensor,
    /// What it is drawn from and of what it is a part, if the file says so.
    known: Option<&'a Tensor>,
}

/// A file that is looked at.
#[derive(Debug)]
struct Opened {
    path: PathBuf,
    header: Header,
    layout: Option<Layout>,
}

impl Opened {
    fn new(path: PathBuf, header: Header) -> Self {
        let layout = Origin::from_metadata(header.metadata()).and_then(|origin| Layout::stored(&header, &origin)).ok();
        Self { path, header, layout }
    }

    /// Of one file, or of all that a folder has.
    fn all(path: &Path) -> Result<Vec<Self>> {
        if path.is_dir() {
            let files = place::read_whole(path)?.into_iter();
            return Ok(files.map(|(name, header)| Self::new(path.join(name), header)).collect());
        }
        Ok(vec![Self::new(path.to_owned(), checkpoint::open_complete(path)?.1)])
    }

    fn tensors(&self) -> impl Iterator<Item = Located<'_>> {
        // Both are in the order of the file.
        let known = |at: usize| Some(&self.layout.as_ref()?.tensors().get(at)?.0);
        let located = move |(at, stored)| Located { file: &self.path, stored, known: known(at) };
        self.header.tensors().iter().enumerate().map(located)
    }
}

pub(crate) fn run(arguments: &InspectArguments) -> Result<()> {
    let files = Opened::all(&arguments.file)?;
    let mut stdout = terminal::stdout();
    if arguments.metadata {
        all_metadata(&mut stdout, &files)?;
        return Ok(stdout.flush()?);
    }
    // Before time is spent.
    let plot = arguments.plot.as_deref().map(create_plot).transpose()?;
    // A picture does not depend on who reads the table, e.g. `head`: it is finished first.
    let mut held = Vec::new();
    let out: &mut dyn Write = if plot.is_some() { &mut held } else { &mut stdout };
    metadata(out, &shared(&files))?;
    // A file has the order of names' bytes, with layer 10 before layer 2.
    let mut tensors: Vec<_> = files.iter().flat_map(Opened::tensors).collect();
    tensors.sort_by(|a, b| natural::compare(&a.stored.name, &b.stored.name));
    let table = Table::new(&tensors);
    writeln!(out, "{}", style::out(HEADING, table.head()))?;
    let mut measured = Vec::with_capacity(tensors.len());
    for tensor in &tensors {
        let moments = match Decoder::of(&tensor.stored.dtype) {
            Some(decoder) => table.row(out, tensor, decoder)?,
            None => {
                write!(out, "{}  values of this dtype are not shown", table.front(tensor.stored))?;
                end(out, tensor)?;
                None
            }
        };
        measured.push((*tensor, moments));
    }
    totals(out, &tensors, &files)?;
    if let Some((path, mut output)) = plot {
        let title = arguments.file.file_name().unwrap_or_default().to_string_lossy();
        let kinds = kind::kinds(&measured)?;
        output.write_all(plot::draw(&title, &kinds)?.as_bytes())?;
        output.finish()?;
        stdout.write_all(&held)?;
        writeln!(stdout, "plot: {}", Plain(path.display()))?;
    }
    stdout.flush()?;
    Ok(())
}

/// All entries; of several files, with the file before each.
fn all_metadata(out: &mut dyn Write, files: &[Opened]) -> io::Result<()> {
    for Opened { path, header, .. } in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let front = if files.len() > 1 { format!("{}: ", Plain(name)) } else { String::new() };
        let mut entries = header.metadata().iter();
        entries.try_for_each(|(key, value)| writeln!(out, "{front}{} = {}", Plain(key), Plain(value)))?;
    }
    Ok(())
}

/// The entries that all files have.
fn shared(files: &[Opened]) -> BTreeMap<String, String> {
    let Some((first, others)) = files.split_first() else { return BTreeMap::new() };
    let is_shared =
        |(key, value): &(&String, &String)| others.iter().all(|file| file.header.metadata().get(*key) == Some(*value));
    let shared = first.header.metadata().iter().filter(is_shared);
    shared.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn create_plot(path: &Path) -> Result<(&Path, Output)> {
    let is_svg = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    ensure!(is_svg, "--plot writes SVG and no other format: {} must end in .svg", path.display());
    Ok((path, Output::create(path)?))
}

/// A line for each of the first entries.
fn metadata(out: &mut dyn Write, entries: &BTreeMap<String, String>) -> io::Result<()> {
    const MOST: usize = 20;
    const LONGEST: usize = 50;
    for (key, value) in entries.iter().take(MOST) {
        let (key, shown) = (name(key, 40), short(value, LONGEST));
        write!(out, "{key} = {shown}")?;
        let characters = value.chars().count();
        if characters > LONGEST {
            let aside = format!(" ({} characters; --metadata shows all)", count(characters as u64));
            write!(out, "{}", style::out(ASIDE, aside))?;
        }
        writeln!(out)?;
    }
    if let Some(more @ 1..) = entries.len().checked_sub(MOST) {
        writeln!(out, "{}", style::out(ASIDE, format_args!("and {} more entries; --metadata shows all", more)))?;
    }
    if entries.is_empty() { Ok(()) } else { writeln!(out) }
}

/// Columns as wide as what is known of all tensors before any is read.
struct Table {
    name: usize,
    shape: usize,
}

impl Table {
    fn new(tensors: &[Located<'_>]) -> Self {
        let names: Vec<_> = tensors.iter().map(|tensor| name(&tensor.stored.name, PAGE)).collect();
        let shapes: Vec<_> = tensors.iter().map(|tensor| shape(tensor.stored)).collect();
        let widest = |texts: &[String], head| widest(texts.iter().map(String::as_str).chain([head]));
        let shape = widest(&shapes, "shape");
        let rest = PAGE - 5 - shape - 4 * FIGURE - BINS - 2 * 7;
        Self { name: widest(&names, "tensor").min(rest), shape }
    }

    fn line(&self, front: [&str; 3], figures: [&str; 4]) -> String {
        let [tensor, dtype, shape] = front;
        let front = [Cell::Left(tensor, self.name), Cell::Left(dtype, 5), Cell::Right(shape, self.shape)];
        line(&[&front[..], &figures.map(|figure| Cell::Right(figure, FIGURE))].concat())
    }

    fn head(&self) -> String {
        format!("{}  histogram", self.line(["tensor", "dtype", "shape"], ["min", "max", "mean", "std"]))
    }

    fn front(&self, tensor: &StoredTensor) -> String {
        let (of, dtype, shape) = (name(&tensor.name, self.name), dtype(tensor), shape(tensor));
        line(&[Cell::Left(&of, self.name), Cell::Left(&dtype, 5), Cell::Right(&shape, self.shape)])
    }

    /// Reads a tensor, twice, and says what it holds; nothing is known of one without finite values.
    fn row(&self, out: &mut dyn Write, of: &Located<'_>, decoder: Decoder) -> Result<Option<Moments>> {
        let tensor = of.stored;
        let mut moments = Moments::default();
        each(of, decoder, |value| moments.add(value))?;
        let non_finite = format!("{} NaN or infinite", count(moments.non_finite));
        if moments.count == 0.0 {
            let what = if moments.non_finite > 0 { non_finite } else { "no elements".to_owned() };
            write!(out, "{}  {what}", self.front(tensor))?;
            end(out, of)?;
            return Ok(None);
        }
        let mut histogram = Histogram::new(BINS, moments.min, moments.max);
        each(of, decoder, |value| histogram.add(value))?;
        // Of the standard deviation one digit more: it is what laws are told by.
        let figures = [(moments.min, 3), (moments.max, 3), (moments.mean, 3), (moments.std(), 4)];
        let figures = figures.map(|(figure, digits)| Number(figure, digits).to_string());
        let (shown, dtype, shape) = (name(&tensor.name, self.name), dtype(tensor), shape(tensor));
        let front = self.line([&shown, &dtype, &shape], figures.each_ref().map(String::as_str));
        // Of one value alone there is nothing to see.
        let bars = if moments.min < moments.max { histogram.bars() } else { " ".repeat(BINS) };
        write!(out, "{front}")?;
        if moments.min < moments.max || moments.non_finite > 0 {
            write!(out, "  {}", style::out(BARS, bars.trim_end()))?;
        }
        if moments.non_finite > 0 {
            write!(out, "  {}", style::out(BAD, non_finite))?;
        }
        end(out, of)?;
        Ok(Some(moments))
    }
}

/// The end of a line: which part of a tensor it is about, and in which order.
fn end(out: &mut dyn Write, of: &Located<'_>) -> io::Result<()> {
    match of.known.and_then(Tensor::shard) {
        Some(shard) => writeln!(out, "  {}", style::out(ASIDE, shard)),
        None => writeln!(out),
    }
}

/// As `--dtype` and `plan` write it; a file has capitals.
fn dtype(tensor: &StoredTensor) -> String {
    tensor.dtype.to_lowercase()
}

fn shape(tensor: &StoredTensor) -> String {
    name(&shape_text(&tensor.shape), WIDEST_SHAPE)
}

fn totals(out: &mut dyn Write, tensors: &[Located<'_>], files: &[Opened]) -> io::Result<()> {
    let elements: u64 = tensors.iter().map(|tensor| tensor.stored.shape.elements()).sum();
    let bytes: u64 = tensors.iter().map(|tensor| tensor.stored.bytes.end - tensor.stored.bytes.start).sum();
    let (number, exact) = (many(tensors.len(), "tensor"), count(bytes));
    let layouts: Option<Vec<&Layout>> = files.iter().map(|file| file.layout.as_ref()).collect();
    let (views, whole) = layouts.map(|layouts| remarks(&layouts)).unwrap_or_default();
    let files = if files.len() > 1 { format!(" in {}", many(files.len(), "file")) } else { String::new() };
    writeln!(out, "\n{number}{views}{files}, {} parameters{whole}, {} ({exact} bytes)", count(elements), size(bytes))
}
