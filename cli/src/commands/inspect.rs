//! `inspect`: what is in a safetensors file.

use crate::args::InspectArguments;
use crate::terminal::{self, Plain, short};
use crate::{checkpoint, interrupt};
use anyhow::Result;
use half::{bf16, f16};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use wgpu_init_models::checkpoint::StoredTensor;

/// Bytes read at a time; a multiple of every element size.
const STEP: usize = 4 << 20;
const BINS: usize = 24;
/// A name may be as long as the file.
const WIDEST: usize = 120;

pub(crate) fn run(arguments: &InspectArguments) -> Result<()> {
    let (mut file, header) = checkpoint::open_complete(&arguments.file)?;
    let mut out = terminal::stdout();
    let mut metadata: Vec<_> = header.metadata().iter().collect();
    metadata.sort();
    for (key, value) in metadata {
        writeln!(out, "{} = {}", Plain(key), Plain(value))?;
    }
    let tensors = header.tensors();
    let names: Vec<String> = tensors.iter().map(|tensor| short(&tensor.name, WIDEST)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("tensor".len());
    writeln!(
        out,
        "{:width$}  {:>5}  {:>16}  {:>11}  {:>11}  {:>11}  {:>11}  histogram from min to max",
        "tensor", "dtype", "shape", "min", "max", "mean", "std"
    )?;
    for (tensor, name) in tensors.iter().zip(&names) {
        let dims: Vec<_> = tensor.shape.dims().iter().map(u64::to_string).collect();
        write!(out, "{name:width$}  {:>5}  {:>16}  ", tensor.dtype, dims.join("x"))?;
        match Decoder::of(&tensor.dtype) {
            Some(decoder) => writeln!(out, "{}", describe(&mut file, tensor, decoder)?)?,
            None => writeln!(out, "values of this dtype are not shown")?,
        }
    }
    out.flush()?;
    Ok(())
}

/// Bytes to numbers.
#[derive(Clone, Copy)]
struct Decoder {
    size: usize,
    decode: fn(&[u8]) -> f64,
}

impl Decoder {
    fn of(dtype: &str) -> Option<Self> {
        let (size, decode): (usize, fn(&[u8]) -> f64) = match dtype {
            "F16" => (2, |b| f16::from_le_bytes([b[0], b[1]]).into()),
            "BF16" => (2, |b| bf16::from_le_bytes([b[0], b[1]]).into()),
            "F32" => (4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).into()),
            "F64" => (8, |b| f64::from_bits(unsigned(b))),
            // The format is the upper half of f16.
            "F8_E5M2" => (1, |b| f16::from_le_bytes([0, b[0]]).into()),
            "F8_E4M3" => (1, |b| e4m3(b[0])),
            "BOOL" | "U8" => (1, |b| real(unsigned(b).into())),
            "U16" => (2, |b| real(unsigned(b).into())),
            "U32" => (4, |b| real(unsigned(b).into())),
            "U64" => (8, |b| real(unsigned(b).into())),
            "I8" => (1, |b| real(signed(b))),
            "I16" => (2, |b| real(signed(b))),
            "I32" => (4, |b| real(signed(b))),
            "I64" => (8, |b| real(signed(b))),
            _ => return None,
        };
        Some(Self { size, decode })
    }
}

fn unsigned(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

fn signed(bytes: &[u8]) -> i128 {
    let bits = 8 * bytes.len();
    let value = i128::from(unsigned(bytes));
    if value >> (bits - 1) == 1 { value - (1 << bits) } else { value }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
fn real(integer: i128) -> f64 {
    integer as f64
}

/// A sign, four bits of exponent, three of mantissa, no infinity (`float8_e4m3fn`).
fn e4m3(bits: u8) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 3 & 15), f64::from(bits & 7));
    let magnitude = match (exponent, bits & 7) {
        (15, 7) => f64::NAN,
        (0, _) => mantissa * f64::exp2(-9.0),
        _ => (8.0 + mantissa) * f64::exp2(f64::from(exponent - 10)),
    };
    if bits & 0x80 == 0 { magnitude } else { -magnitude }
}

fn describe(file: &mut File, tensor: &StoredTensor, decoder: Decoder) -> Result<String> {
    let mut moments = Moments::default();
    each(file, tensor, decoder, |value| moments.add(value))?;
    if moments.count == 0.0 {
        return Ok(format!("no finite elements, {} others", moments.non_finite));
    }
    let mut counts = [0u64; BINS];
    let scale = BINS as f64 / (moments.max - moments.min);
    each(file, tensor, decoder, |value| {
        if value.is_finite() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a saturating cast; NaN gives bin 0"
            )]
            let bin = ((value - moments.min) * scale) as usize;
            counts[bin.min(BINS - 1)] += 1;
        }
    })?;
    let others =
        if moments.non_finite > 0 { format!("  {} NaN or infinite", moments.non_finite) } else { String::new() };
    let [min, max, mean, std] = [moments.min, moments.max, moments.mean, moments.std()];
    Ok(format!("{min:>11.4e}  {max:>11.4e}  {mean:>11.4e}  {std:>11.4e}  {}{others}", bars(&counts)))
}

/// Running count, extremes, mean and variance (Welford 1962).
struct Moments {
    count: f64,
    min: f64,
    max: f64,
    mean: f64,
    squares: f64,
    non_finite: u64,
}

impl Default for Moments {
    fn default() -> Self {
        Self { count: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, mean: 0.0, squares: 0.0, non_finite: 0 }
    }
}

impl Moments {
    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            self.non_finite += 1;
            return;
        }
        self.count += 1.0;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// Standard deviation of the tensor itself (divided by n).
    fn std(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }
}

fn bars(counts: &[u64; BINS]) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    // A bin that is not empty shows.
    counts.iter().map(|count| BARS[usize::try_from((count * 8).div_ceil(most)).unwrap_or(8)]).collect()
}

/// Calls `visit` with every element, reading a bounded number of bytes at a time.
fn each(file: &mut File, tensor: &StoredTensor, decoder: Decoder, mut visit: impl FnMut(f64)) -> Result<()> {
    file.seek(SeekFrom::Start(tensor.bytes.start))?;
    let mut left = usize::try_from(tensor.bytes.end - tensor.bytes.start)?;
    let mut buffer = vec![0; left.min(STEP)];
    while left > 0 {
        interrupt::check()?;
        let bytes = &mut buffer[..left.min(STEP)];
        file.read_exact(bytes)?;
        bytes.chunks_exact(decoder.size).for_each(|element| visit((decoder.decode)(element)));
        left -= bytes.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Decoder, e4m3};

    #[test]
    fn numbers_of_every_dtype_are_read() {
        for (dtype, bytes, value) in [
            ("F8_E4M3", &[0x38][..], 1.0),
            ("F8_E4M3", &[0xFE], -448.0),
            ("F8_E4M3", &[0x01], f64::exp2(-9.0)),
            ("F8_E5M2", &[0x3C], 1.0),
            ("F8_E5M2", &[0xFB], -57344.0),
            ("F64", &1.5f64.to_le_bytes(), 1.5),
            ("BOOL", &[1], 1.0),
            ("U16", &[1, 2], 513.0),
            ("I8", &[0x80], -128.0),
            ("I64", &(-3i64).to_le_bytes(), -3.0),
            ("U64", &u64::MAX.to_le_bytes(), 18_446_744_073_709_551_616.0),
        ] {
            let decoder = Decoder::of(dtype).expect(dtype);
            assert_eq!(decoder.size, bytes.len(), "{dtype}");
            assert_eq!((decoder.decode)(bytes), value, "{dtype} {bytes:?}");
        }
        assert!(e4m3(0x7F).is_nan() && e4m3(0xFF).is_nan());
        assert!(Decoder::of("F4").is_none());
    }
}
