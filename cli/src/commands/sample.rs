//! `sample`: elements of one tensor on standard output.

use crate::args::{DrawArguments, Format, SampleArguments};
use crate::device::Device;
use crate::interrupt;
use crate::stream::Drawer;
use anyhow::{Context, Result};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use wgpu_init::{DType, Fill, FillSpec, Shape};

/// Elements drawn at a time.
const STEP: u64 = 1 << 20;

impl DrawArguments {
    /// The elements asked for, as positions in a tensor that has all there can be.
    pub(crate) fn elements(&self) -> Result<Range<u64>> {
        let end = self.offset.checked_add(self.count).context("offset + count is past the largest index, 2^64 - 1")?;
        Ok(self.offset..end)
    }

    /// The fill of some elements at byte 0.
    pub(crate) fn spec(&self, elements: Range<u64>) -> Result<FillSpec> {
        let fill = Fill::new((), Shape::new([u64::MAX])?, self.init)?;
        Ok(fill.keyed(self.seed, self.stream.get()).dtype(self.dtype).elements(elements).into_parts().1)
    }
}

pub(crate) fn run(arguments: &SampleArguments) -> Result<()> {
    let draw = &arguments.draw;
    let Range { mut start, end } = draw.elements()?;
    let device = Device::open(&arguments.device.device)?;
    let mut drawer = Drawer::new(&device);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut bytes = Vec::new();
    // An empty sample still says what is wrong with its distribution.
    drawer.draw(&[draw.spec(start..start)?], 0, &mut bytes)?;
    while start < end {
        interrupt::check()?;
        let stop = end.min(start + STEP);
        drawer.draw(&[draw.spec(start..stop)?], (stop - start) * draw.dtype.size(), &mut bytes)?;
        write(&mut out, &bytes, draw.dtype, arguments.format)?;
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
