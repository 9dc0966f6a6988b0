//! `sample`: elements of one tensor, or of several streams in turn, on standard output.

use crate::args::{DrawArguments, Format, SampleArguments};
use crate::device::Device;
use crate::keys::Count;
use crate::part::Part;
use crate::{interrupt, terminal};
use anyhow::{Context, Result, anyhow, ensure};
use std::io::{self, Write};
use std::ops::Range;
use wgpu_init::{DType, Error, Fill, Seed, Shape, Stream, View};

/// Elements drawn at a time.
const STEP: u64 = 1 << 20;

/// Elements of one tensor, or of a part of it, as the arguments describe them.
pub(crate) struct Draw {
    /// Without a key.
    fill: Fill,
    pub(crate) part: Option<Part>,
    /// Those asked for, as positions in the part's memory, or in the tensor.
    pub(crate) elements: Range<u64>,
}

impl DrawArguments {
    /// All elements from the offset on, unless their number is said.
    pub(crate) fn draw(&self, count: Option<Count>) -> Result<Draw> {
        // Without a shape, all that there can be.
        let shape = Shape::new(self.shape.as_ref().map_or_else(|| vec![u64::MAX], |dims| dims.0.clone()))?;
        let is_part = self.part.is_some() || self.permute.is_some();
        let part = is_part.then(|| Part::new(&shape, self.part.as_ref(), self.permute.as_ref())).transpose()?;
        let (what, elements) = match &part {
            Some(part) if self.part.is_some() => ("part", part.elements()),
            _ => ("shape", shape.elements()),
        };
        if count == Some(Count::Endless) {
            ensure!(self.shape.is_none(), "the {what} has {elements} elements: leave --count inf out for all of them");
        }
        let offset = self.offset;
        let end = count.map_or(Some(offset.max(elements)), |count| count.end(offset));
        let end = end.context("offset + count is past the largest index, 2^64 - 1")?;
        ensure!(end <= elements, "elements {offset}..{end} were asked for, the {what} has {elements}");
        let fill = Fill::new(shape, self.init).map_err(|error| match error {
            Error::FansNeedRank { .. } | Error::UnsuitableShape { .. } if self.shape.is_none() => {
                anyhow!("{} depends on the tensor's shape: say it with --shape, e.g. --shape 768,3072", self.init)
            }
            error => error.into(),
        })?;
        Ok(Draw { fill: fill.dtype(self.dtype), part, elements: offset..end })
    }
}

impl Draw {
    /// The fills of some elements of a stream, one behind the other from byte 0 on. There is one of no elements too.
    pub(crate) fn fills(&self, (seed, stream): (Seed, Stream), elements: Range<u64>) -> Result<Vec<Fill>> {
        let fill = self.fill.clone().keyed(seed, stream);
        let Some(part) = self.part.as_ref().filter(|_| !elements.is_empty()) else {
            return Ok(vec![fill.elements(elements)]);
        };
        let mut byte = 0;
        let mut of_view = |view: View| {
            let fill = fill.clone().at(byte);
            byte += view.span()? * fill.element_type().size();
            Ok(fill.view(view))
        };
        part.window(elements)?.into_iter().map(&mut of_view).collect()
    }
}

pub(crate) fn run(arguments: &SampleArguments) -> Result<()> {
    let (dtype, keys) = (arguments.draw.dtype, arguments.keys.get());
    let draw = arguments.draw.draw(arguments.count)?;
    let Range { mut start, end } = draw.elements;
    let device = Device::open(&arguments.device.device, &[dtype])?;
    // Of each stream: as many as make one step of all.
    let step = (STEP / keys.len() as u64).max(1);
    let mut drawer = device.drawer(step * dtype.size());
    arguments.keys.say_default();
    let mut out = terminal::stdout();
    // An empty sample still says what is wrong with its distribution.
    let empty = drawer.draw(&draw.fills(keys[0], start..start)?, 0)?;
    drawer.give_back(empty);
    let mut turns = Vec::new();
    while start < end {
        interrupt::check()?;
        let stop = end.min(start.saturating_add(step));
        for (at, key) in keys.iter().enumerate() {
            let bytes = drawer.draw(&draw.fills(*key, start..stop)?, (stop - start) * dtype.size())?;
            if keys.len() == 1 {
                write(&mut out, &bytes, dtype, arguments.format)?;
            } else {
                turns.resize(bytes.len() * keys.len(), 0);
                place(&bytes, &mut turns, at, keys.len(), size(dtype));
            }
            drawer.give_back(bytes);
        }
        write(&mut out, &turns, dtype, arguments.format)?;
        start = stop;
    }
    out.flush()?;
    Ok(())
}

/// Bytes of an element.
fn size(dtype: DType) -> usize {
    usize::try_from(dtype.size()).unwrap_or(4)
}

/// Elements of one stream to their places among those of all, of which each has one in turn.
fn place(elements: &[u8], turns: &mut [u8], stream: usize, streams: usize, size: usize) {
    for (element, turn) in elements.chunks_exact(size).zip(turns.chunks_exact_mut(streams * size)) {
        turn[stream * size..][..size].copy_from_slice(element);
    }
}

fn write(out: &mut impl Write, bytes: &[u8], dtype: DType, format: Format) -> io::Result<()> {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let size = size(dtype);
    let digits = 2 * size;
    match format {
        Format::Raw => out.write_all(bytes),
        Format::Hex => bytes.chunks_exact(size).try_for_each(|b| writeln!(out, "{:0digits$x}", word(b))),
        Format::Text => bytes.chunks_exact(size).try_for_each(|b| match dtype {
            DType::F16 => writeln!(out, "{:?}", half::f16::from_le_bytes([b[0], b[1]])),
            DType::Bf16 => writeln!(out, "{:?}", half::bf16::from_le_bytes([b[0], b[1]])),
            // Of f32 this is the shortest text that reads back; numbers of 8 bits are short in f32 too.
            _ => writeln!(out, "{:?}", real(dtype.decode(word(b)))),
        }),
    }
}

/// A number of a dtype as f32.
#[expect(clippy::cast_possible_truncation, reason = "exact: every number of a dtype is one of f32")]
fn real(value: f64) -> f32 {
    value as f32
}
