//! `sample`: elements of one tensor on standard output.

use crate::args::{DrawArguments, Format, SampleArguments};
use crate::device::Device;
use crate::interrupt;
use anyhow::{Context, Result, anyhow, ensure};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use wgpu_init::{DType, Error, Fill, FillSpec, Shape};

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
        Ok(Shape::new(self.shape.clone().unwrap_or_else(|| vec![u64::MAX]))?)
    }

    /// The fill of some elements at byte 0. `export` rounds up to whole groups, beyond the shape's end where need be: that takes an
    /// initializer whose elements are the same for every shape.
    pub(crate) fn spec(&self, elements: Range<u64>) -> Result<FillSpec> {
        let whole = self.whole()?;
        let fill = if elements.end <= whole.elements() {
            Fill::new((), whole, self.init)
        } else {
            Fill::new((), Shape::new([u64::MAX])?, self.init.distribution(&whole)?.into())
        };
        let fill = fill.map_err(|error| match error {
            Error::FansNeedRank { .. } | Error::UnsuitableShape { .. } if self.shape.is_none() => {
                anyhow!("{} depends on the tensor's shape: say it with --shape, e.g. --shape 768,3072", self.init)
            }
            error => error.into(),
        })?;
        Ok(fill.keyed(self.seed, self.stream.get()).dtype(self.dtype).elements(elements).into_parts().1)
    }
}

pub(crate) fn run(arguments: &SampleArguments) -> Result<()> {
    let draw = &arguments.draw;
    let Range { mut start, end } = draw.elements()?;
    let device = Device::open(&arguments.device.device)?;
    let mut drawer = device.drawer(STEP * draw.dtype.size());
    let mut out = BufWriter::new(io::stdout().lock());
    // An empty sample still says what is wrong with its distribution.
    let empty = drawer.draw(&[draw.spec(start..start)?], 0)?;
    drawer.give_back(empty);
    while start < end {
        interrupt::check()?;
        let stop = end.min(start + STEP);
        let bytes = drawer.draw(&[draw.spec(start..stop)?], (stop - start) * draw.dtype.size())?;
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
        (Format::Text, DType::F32) => {
            bytes.chunks_exact(4).try_for_each(|b| writeln!(out, "{:?}", f32::from_bits(word(b))))
        }
        (Format::Text, DType::F16) => {
            bytes.chunks_exact(2).try_for_each(|b| writeln!(out, "{:?}", half::f16::from_le_bytes([b[0], b[1]])))
        }
        (Format::Text, DType::Bf16) => {
            bytes.chunks_exact(2).try_for_each(|b| writeln!(out, "{:?}", half::bf16::from_le_bytes([b[0], b[1]])))
        }
    }
}
