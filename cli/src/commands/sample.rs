//! `sample`: elements of one tensor on standard output.

use crate::args::{DrawArguments, Format, SampleArguments};
use crate::device::Device;
use crate::part::Part;
use crate::{interrupt, terminal};
use anyhow::{Context, Result, anyhow, ensure};
use std::io::{self, Write};
use std::ops::Range;
use wgpu_init::{DType, Error, Fill, Shape, View};

/// Elements drawn at a time.
const STEP: u64 = 1 << 20;

/// Elements of one tensor, or of a part of it, as the arguments describe them.
pub(crate) struct Draw {
    fill: Fill,
    pub(crate) part: Option<Part>,
    /// Those asked for, as positions in the part's memory, or in the tensor.
    pub(crate) elements: Range<u64>,
}

impl DrawArguments {
    pub(crate) fn draw(&self) -> Result<Draw> {
        // Without a shape, all that there can be.
        let shape = Shape::new(self.shape.as_ref().map_or_else(|| vec![u64::MAX], |dims| dims.0.clone()))?;
        let is_part = self.part.is_some() || self.permute.is_some();
        let part = is_part.then(|| Part::new(&shape, self.part.as_ref(), self.permute.as_ref())).transpose()?;
        let (what, elements) = match &part {
            Some(part) if self.part.is_some() => ("part", part.elements()),
            _ => ("shape", shape.elements()),
        };
        let (offset, count) = (self.offset, self.count);
        let end = count.map_or(Some(offset.max(elements)), |count| offset.checked_add(count));
        let end = end.context("offset + count is past the largest index, 2^64 - 1")?;
        ensure!(end <= elements, "elements {offset}..{end} were asked for, the {what} has {elements}");
        let fill = Fill::new(shape, self.init).map_err(|error| match error {
            Error::FansNeedRank { .. } | Error::UnsuitableShape { .. } if self.shape.is_none() => {
                anyhow!("{} depends on the tensor's shape: say it with --shape, e.g. --shape 768,3072", self.init)
            }
            error => error.into(),
        })?;
        let fill = fill.keyed(self.seed, self.stream.get()).dtype(self.dtype);
        Ok(Draw { fill, part, elements: offset..end })
    }
}

impl Draw {
    /// The fills of some elements, one behind the other from byte 0 on. There is one of no elements too.
    pub(crate) fn fills(&self, elements: Range<u64>) -> Result<Vec<Fill>> {
        let Some(part) = self.part.as_ref().filter(|_| !elements.is_empty()) else {
            return Ok(vec![self.fill.clone().elements(elements)]);
        };
        let mut byte = 0;
        let mut fill = |view: View| {
            let fill = self.fill.clone().at(byte);
            byte += view.span()? * self.fill.element_type().size();
            Ok(fill.view(view))
        };
        part.window(elements)?.into_iter().map(&mut fill).collect()
    }
}

pub(crate) fn run(arguments: &SampleArguments) -> Result<()> {
    let (dtype, draw) = (arguments.draw.dtype, arguments.draw.draw()?);
    let Range { mut start, end } = draw.elements;
    let device = Device::open(&arguments.device.device, &[dtype])?;
    let mut drawer = device.drawer(STEP * dtype.size());
    arguments.draw.stream.say_default();
    let mut out = terminal::stdout();
    // An empty sample still says what is wrong with its distribution.
    let empty = drawer.draw(&draw.fills(start..start)?, 0)?;
    drawer.give_back(empty);
    while start < end {
        interrupt::check()?;
        let stop = end.min(start.saturating_add(STEP));
        let bytes = drawer.draw(&draw.fills(start..stop)?, (stop - start) * dtype.size())?;
        write(&mut out, &bytes, dtype, arguments.format)?;
        drawer.give_back(bytes);
        start = stop;
    }
    out.flush()?;
    Ok(())
}

fn write(out: &mut impl Write, bytes: &[u8], dtype: DType, format: Format) -> io::Result<()> {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    let size = usize::try_from(dtype.size()).unwrap_or(4);
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
