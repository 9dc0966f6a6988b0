//! `sample`: elements of one tensor on standard output.

use crate::args::{DrawArguments, Format, SampleArguments};
use crate::device::Device;
use crate::{interrupt, terminal};
use anyhow::{Context, Result, anyhow, ensure};
use std::io::{self, Write};
use std::ops::Range;
use wgpu_init::{DType, Error, Fill, Shape};

/// Elements drawn at a time.
const STEP: u64 = 1 << 20;

impl DrawArguments {
    /// The elements asked for, as positions in a tensor of the given shape, or in one that has all there can be.
    pub(crate) fn elements(&self) -> Result<Range<u64>> {
        let end = self.offset.checked_add(self.count).context("offset + count is past the largest index, 2^64 - 1")?;
        let elements = self.whole()?.elements();
        ensure!(end <= elements, "elements {}..{end} were asked for, the shape has {elements}", self.offset);
        Ok(self.offset..end)
    }

    fn whole(&self) -> Result<Shape> {
        Ok(Shape::new(self.shape.as_ref().map_or_else(|| vec![u64::MAX], |dims| dims.0.clone()))?)
    }

    /// The fill of some elements at byte 0.
    pub(crate) fn fill(&self, elements: Range<u64>) -> Result<Fill> {
        let fill = Fill::new(self.whole()?, self.init).map_err(|error| match error {
            Error::FansNeedRank { .. } | Error::UnsuitableShape { .. } if self.shape.is_none() => {
                anyhow!("{} depends on the tensor's shape: say it with --shape, e.g. --shape 768,3072", self.init)
            }
            error => error.into(),
        })?;
        Ok(fill.keyed(self.seed, self.stream.get()).dtype(self.dtype).elements(elements))
    }
}

pub(crate) fn run(arguments: &SampleArguments) -> Result<()> {
    let draw = &arguments.draw;
    let Range { mut start, end } = draw.elements()?;
    let device = Device::open(&arguments.device.device)?;
    let mut drawer = device.drawer(STEP * draw.dtype.size());
    draw.stream.say_default();
    let mut out = terminal::stdout();
    // An empty sample still says what is wrong with its distribution.
    let empty = drawer.draw(&[draw.fill(start..start)?], 0)?;
    drawer.give_back(empty);
    while start < end {
        interrupt::check()?;
        let stop = end.min(start.saturating_add(STEP));
        let bytes = drawer.draw(&[draw.fill(start..stop)?], (stop - start) * draw.dtype.size())?;
        write(&mut out, &bytes, draw.dtype, arguments.format)?;
        drawer.give_back(bytes);
        start = stop;
    }
    out.flush()?;
    Ok(())
}

fn write(out: &mut impl Write, bytes: &[u8], dtype: DType, format: Format) -> io::Result<()> {
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    match (format, dtype) {
        (Format::Raw, _) => out.write_all(bytes),
        (Format::Hex, DType::F32) => bytes.chunks_exact(4).try_for_each(|b| writeln!(out, "{:08x}", word(b))),
        (Format::Hex, _) => bytes.chunks_exact(2).try_for_each(|b| writeln!(out, "{:04x}", word(b))),
        (Format::Text, _) => {
            let size = usize::try_from(dtype.size()).unwrap_or(4);
            bytes.chunks_exact(size).try_for_each(|b| match dtype {
                DType::F16 => writeln!(out, "{:?}", half::f16::from_le_bytes([b[0], b[1]])),
                DType::Bf16 => writeln!(out, "{:?}", half::bf16::from_le_bytes([b[0], b[1]])),
                // Of f32 this is the shortest text that reads back; others have no type of their own here.
                _ => writeln!(out, "{:?}", f32::from_bits(word(b))),
            })
        }
    }
}
