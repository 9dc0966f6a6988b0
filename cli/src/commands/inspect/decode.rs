//! The elements of a stored tensor as numbers.

use super::Located;
use crate::{interrupt, read};
use anyhow::Result;
use half::{bf16, f16};
use std::io::{Read, Seek, SeekFrom};

/// Bytes read at a time; a multiple of every element size.
const STEP: usize = 4 << 20;

/// Bytes to numbers.
#[derive(Clone, Copy)]
pub(super) struct Decoder {
    size: usize,
    decode: fn(&[u8]) -> f64,
}

impl Decoder {
    pub(super) fn of(dtype: &str) -> Option<Self> {
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

/// Calls `visit` with every element, reading a bounded number of bytes at a time.
pub(super) fn each(of: &Located<'_>, decoder: Decoder, mut visit: impl FnMut(f64)) -> Result<()> {
    let (mut file, tensor) = (read::open(of.file)?, of.stored);
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
