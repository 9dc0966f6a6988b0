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
use crate::{checkpoint, output::Output};
use anyhow::{Result, ensure};
use decode::{Decoder, each};
use moments::{Histogram, Moments};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use wgpu_init_models::checkpoint::{Layout, Origin, StoredTensor, Tensor};

const BINS: usize = 14;
/// Columns of a line; names that are too long for it lose their middle, and so do shapes.
const PAGE: usize = 120;
const WIDEST_SHAPE: usize = 24;
/// Columns of a figure, e.g. `-1.23e-5`.
const FIGURE: usize = 8;

pub(crate) fn run(arguments: &InspectArguments) -> Result<()> {
    let (mut file, header) = checkpoint::open_complete(&arguments.file)?;
    let mut stdout = terminal::stdout();
    if arguments.metadata {
        let out = &mut stdout;
        header.metadata().iter().try_for_each(|(key, value)| writeln!(out, "{} = {}", Plain(key), Plain(value)))?;
        return Ok(stdout.flush()?);
    }
    // Before time is spent.
    let plot = arguments.plot.as_deref().map(create_plot).transpose()?;
    // A picture does not depend on who reads the table, e.g. `head`: it is finished first.
    let mut held = Vec::new();
    let out: &mut dyn Write = if plot.is_some() { &mut held } else { &mut stdout };
    metadata(out, header.metadata())?;
    // A file has the order of names' bytes, with layer 10 before layer 2.
    let mut tensors: Vec<_> = header.tensors().iter().collect();
    tensors.sort_by(|a, b| natural::compare(&a.name, &b.name));
    let layout = Origin::from_metadata(header.metadata()).and_then(|origin| Layout::stored(&header, &origin)).ok();
    let table = Table::new(&tensors, layout.as_ref());
    writeln!(out, "{}", style::out(HEADING, table.head()))?;
    let mut measured = Vec::with_capacity(tensors.len());
    for tensor in &tensors {
        let moments = match Decoder::of(&tensor.dtype) {
            Some(decoder) => table.row(out, &mut file, tensor, decoder)?,
            None => {
                write!(out, "{}  values of this dtype are not shown", table.front(tensor))?;
                table.end(out, tensor)?;
                None
            }
        };
        measured.push((*tensor, moments));
    }
    totals(out, &tensors, layout.as_ref())?;
    if let Some((path, mut output)) = plot {
        let title = arguments.file.file_name().unwrap_or_default().to_string_lossy();
        let kinds = kind::kinds(&mut file, &measured, &kind::laws(layout.as_ref()))?;
        output.write_all(plot::draw(&title, &kinds)?.as_bytes())?;
        output.finish()?;
        stdout.write_all(&held)?;
        writeln!(stdout, "plot: {}", Plain(path.display()))?;
    }
    stdout.flush()?;
    Ok(())
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
    /// Of tensors of which the file holds a part, or the axes in another order: of what.
    shards: HashMap<String, String>,
}

impl Table {
    fn new(tensors: &[&StoredTensor], layout: Option<&Layout>) -> Self {
        let names: Vec<_> = tensors.iter().map(|tensor| name(&tensor.name, PAGE)).collect();
        let shapes: Vec<_> = tensors.iter().map(|tensor| shape(tensor)).collect();
        let widest = |texts: &[String], head| widest(texts.iter().map(String::as_str).chain([head]));
        let shape = widest(&shapes, "shape");
        let rest = PAGE - 5 - shape - 4 * FIGURE - BINS - 2 * 7;
        let shard = |(tensor, _): &(Tensor, _)| Some((tensor.name().to_owned(), tensor.shard()?.to_string()));
        let shards = layout.into_iter().flat_map(Layout::tensors).filter_map(shard).collect();
        Self { name: widest(&names, "tensor").min(rest), shape, shards }
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
    fn row(
        &self,
        out: &mut dyn Write,
        file: &mut File,
        tensor: &StoredTensor,
        decoder: Decoder,
    ) -> Result<Option<Moments>> {
        let mut moments = Moments::default();
        each(file, tensor, decoder, |value| moments.add(value))?;
        let non_finite = format!("{} NaN or infinite", count(moments.non_finite));
        if moments.count == 0.0 {
            let what = if moments.non_finite > 0 { non_finite } else { "no elements".to_owned() };
            write!(out, "{}  {what}", self.front(tensor))?;
            self.end(out, tensor)?;
            return Ok(None);
        }
        let mut histogram = Histogram::new(BINS, moments.min, moments.max);
        each(file, tensor, decoder, |value| histogram.add(value))?;
        // Of the standard deviation one digit more: it is what laws are told by.
        let figures = [(moments.min, 3), (moments.max, 3), (moments.mean, 3), (moments.std(), 4)];
        let figures = figures.map(|(figure, digits)| Number(figure, digits).to_string());
        let (of, dtype, shape) = (name(&tensor.name, self.name), dtype(tensor), shape(tensor));
        let front = self.line([&of, &dtype, &shape], figures.each_ref().map(String::as_str));
        // Of one value alone there is nothing to see.
        let bars = if moments.min < moments.max { histogram.bars() } else { " ".repeat(BINS) };
        write!(out, "{front}")?;
        if moments.min < moments.max || moments.non_finite > 0 {
            write!(out, "  {}", style::out(BARS, bars.trim_end()))?;
        }
        if moments.non_finite > 0 {
            write!(out, "  {}", style::out(BAD, non_finite))?;
        }
        self.end(out, tensor)?;
        Ok(Some(moments))
    }

    /// The end of a line: which part of a tensor it is about, and in which order.
    fn end(&self, out: &mut dyn Write, tensor: &StoredTensor) -> io::Result<()> {
        match self.shards.get(&tensor.name) {
            Some(shard) => writeln!(out, "  {}", style::out(ASIDE, shard)),
            None => writeln!(out),
        }
    }
}

/// As `--dtype` and `plan` write it; a file has capitals.
fn dtype(tensor: &StoredTensor) -> String {
    tensor.dtype.to_lowercase()
}

fn shape(tensor: &StoredTensor) -> String {
    name(&shape_text(&tensor.shape), WIDEST_SHAPE)
}

fn totals(out: &mut dyn Write, tensors: &[&StoredTensor], layout: Option<&Layout>) -> io::Result<()> {
    let elements: u64 = tensors.iter().map(|tensor| tensor.shape.elements()).sum();
    let bytes: u64 = tensors.iter().map(|tensor| tensor.bytes.end - tensor.bytes.start).sum();
    let (number, exact) = (many(tensors.len(), "tensor"), count(bytes));
    let (views, whole) = layout.map(|layout| remarks(&[layout])).unwrap_or_default();
    writeln!(out, "\n{number}{views}, {} parameters{whole}, {} ({exact} bytes)", count(elements), size(bytes))
}
