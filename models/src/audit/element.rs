//! Stored elements as numbers, and the cells of the line that they stand for.

use super::lanes::{self, Columns, Sums};
use std::sync::OnceLock;
use wgpu_init::DType;

/// A floating-point format of a file that can be audited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Element {
    F64,
    Drawn(DType),
}

impl Element {
    /// By safetensors' spelling.
    pub(super) fn of(dtype: &str) -> Option<Self> {
        Some(match dtype {
            "F64" => Self::F64,
            "F32" => Self::Drawn(DType::F32),
            "F16" => Self::Drawn(DType::F16),
            "BF16" => Self::Drawn(DType::Bf16),
            "F8_E4M3" => Self::Drawn(DType::F8E4M3Fn),
            "F8_E5M2" => Self::Drawn(DType::F8E5M2),
            _ => return None,
        })
    }

    pub(super) const fn size(self) -> usize {
        match self {
            Self::F64 => 8,
            Self::Drawn(DType::F32) => 4,
            Self::Drawn(DType::F16 | DType::Bf16) => 2,
            Self::Drawn(_) => 1,
        }
    }

    /// What the library draws where such elements are wanted.
    pub(super) const fn drawn(self) -> DType {
        match self {
            Self::F64 => DType::F32,
            Self::Drawn(dtype) => dtype,
        }
    }

    /// The relative distance of two numbers beside each other, at most.
    pub(super) fn step(self) -> f64 {
        match self {
            // What it holds was mostly computed in f32.
            Self::F64 | Self::Drawn(DType::F32) => f64::exp2(-23.0),
            Self::Drawn(DType::F16) => f64::exp2(-10.0),
            Self::Drawn(DType::Bf16) => f64::exp2(-7.0),
            Self::Drawn(DType::F8E4M3Fn) => f64::exp2(-3.0),
            Self::Drawn(_) => f64::exp2(-2.0),
        }
    }

    /// The distance of numbers beside each other near 0.
    pub(super) fn tiny(self) -> f64 {
        match self {
            Self::F64 | Self::Drawn(DType::F32) => f64::exp2(-149.0),
            Self::Drawn(DType::F16) => f64::exp2(-24.0),
            Self::Drawn(DType::Bf16) => f64::exp2(-133.0),
            Self::Drawn(DType::F8E4M3Fn) => f64::exp2(-9.0),
            Self::Drawn(_) => f64::exp2(-16.0),
        }
    }

    /// Whether a bin of the spectrum is one number of the format, not a stretch of many.
    pub(super) const fn is_coarse(self) -> bool {
        !matches!(self, Self::F64 | Self::Drawn(DType::F32))
    }

    /// Bins that a spectrum has: the numbers of the format, or of the first 16 bits of f32.
    pub(super) const fn bins(self) -> usize {
        match self {
            Self::Drawn(DType::F8E4M3Fn | DType::F8E5M2) => 1 << 8,
            _ => 1 << 16,
        }
    }

    /// The number that a bin begins with, or is.
    pub(super) fn number(self, bin: u32) -> f64 {
        match self {
            Self::F64 | Self::Drawn(DType::F32) => f64::from(f32::from_bits(bin << 16)),
            Self::Drawn(dtype) => dtype.decode(bin),
        }
    }

    /// The bins of finite numbers in ascending order with the stretch of the line that each stands for. The one of −0 comes with that of 0.
    pub(super) fn cells(self) -> Vec<Cell> {
        let half = u32::try_from(self.bins() / 2).unwrap_or(u32::MAX);
        let positive: Vec<(u32, f64)> =
            (0..half).map(|bin| (bin, self.number(bin))).filter(|(_, number)| number.is_finite()).collect();
        let after = |at: usize| positive.get(at + 1).map_or(f64::INFINITY, |(_, number)| *number);
        let upper = |at: usize| {
            let (number, next) = (positive[at].1, after(at));
            if self.is_coarse() { f64::midpoint(number, next) } else { next }
        };
        // What is below a positive number belongs to the one before.
        let lower = |at: usize| upper(at - 1);
        let mut cells = Vec::with_capacity(2 * positive.len());
        for (at, (bin, value)) in positive.iter().enumerate().skip(1).rev() {
            cells.push(Cell { bin: bin + half, lower: -upper(at), upper: -lower(at), value: -value });
        }
        cells.push(Cell { bin: 0, lower: -upper(0), upper: upper(0), value: 0.0 });
        for (at, (bin, value)) in positive.iter().enumerate().skip(1) {
            cells.push(Cell { bin: *bin, lower: lower(at), upper: upper(at), value: *value });
        }
        cells
    }

    /// Numbers of little-endian bytes, added to the end. f64 is rounded to f32.
    pub(super) fn decode(self, bytes: &[u8], table: &[f32], into: &mut Vec<f32>) {
        match self {
            Self::Drawn(DType::F32) => {
                into.extend(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)));
            }
            Self::Drawn(DType::Bf16) => lanes::decode_bf16(bytes.as_chunks().0, into),
            Self::Drawn(DType::F16) => lanes::decode_f16(bytes.as_chunks().0, into),
            Self::Drawn(_) => into.extend(bytes.iter().map(|byte| table[usize::from(*byte)])),
            Self::F64 => {
                #[expect(clippy::cast_possible_truncation, reason = "as precise as the numbers were drawn")]
                let narrow = |eight: &[u8; 8]| f64::from_le_bytes(*eight) as f32;
                into.extend(bytes.as_chunks().0.iter().map(narrow));
            }
        }
    }

    /// Adds up elements of little-endian bytes; `numbers` are what a format is decoded to that has no pass of its own, and may be used for
    /// it.
    pub(super) fn add(self, bytes: &[u8], numbers: &[f32], shift: f32, columns: Columns<'_>) -> Sums {
        match self {
            Self::Drawn(DType::F32) => lanes::add_f32(bytes.as_chunks().0, shift, columns),
            Self::Drawn(DType::Bf16) => lanes::add_bf16(bytes.as_chunks().0, shift, columns),
            Self::Drawn(DType::F16) => lanes::add_f16(bytes.as_chunks().0, shift, columns),
            _ => lanes::add_numbers(numbers, shift, columns),
        }
    }

    /// Whether [`add`](Self::add) reads the bytes.
    pub(super) const fn has_pass(self) -> bool {
        matches!(self, Self::Drawn(DType::F32 | DType::Bf16 | DType::F16))
    }

    /// All numbers of a format that [`decode`](Self::decode) looks up.
    pub(super) fn table(self) -> &'static [f32] {
        static TABLES: [OnceLock<Vec<f32>>; 2] = [const { OnceLock::new() }; 2];
        let (dtype, table) = match self {
            Self::F64 | Self::Drawn(DType::F32 | DType::F16 | DType::Bf16) => return &[],
            Self::Drawn(dtype @ DType::F8E4M3Fn) => (dtype, &TABLES[0]),
            Self::Drawn(dtype) => (dtype, &TABLES[1]),
        };
        let bins = u32::try_from(self.bins()).unwrap_or(0);
        #[expect(clippy::cast_possible_truncation, reason = "exact: f32 has all numbers of fewer bits")]
        let numbers = || (0..bins).map(|bits| dtype.decode(bits) as f32).collect();
        table.get_or_init(numbers)
    }
}

/// A bin of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    pub(super) bin: u32,
    /// What lies between these is counted in it.
    pub(super) lower: f64,
    pub(super) upper: f64,
    /// The number itself, or the one of the stretch that is nearest to 0.
    pub(super) value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Element; 6] = [
        Element::F64,
        Element::Drawn(DType::F32),
        Element::Drawn(DType::F16),
        Element::Drawn(DType::Bf16),
        Element::Drawn(DType::F8E4M3Fn),
        Element::Drawn(DType::F8E5M2),
    ];

    /// Each of a format's numbers, and −0, infinities and NaN.
    #[test]
    fn every_element_is_decoded() {
        for element in ALL.into_iter().skip(2) {
            let Element::Drawn(dtype) = element else { continue };
            let (all, size) = (u32::try_from(element.bins()).unwrap_or(0), element.size());
            let bytes: Vec<u8> = (0..all).flat_map(|bits| bits.to_le_bytes().into_iter().take(size)).collect();
            let mut numbers = Vec::new();
            element.decode(&bytes, element.table(), &mut numbers);
            assert_eq!(numbers.len(), element.bins());
            for (bits, number) in (0..all).zip(numbers) {
                let expected = dtype.decode(bits);
                let (number, same) = (f64::from(number), f64::from(number).to_bits() == expected.to_bits());
                assert!(same || (number.is_nan() && expected.is_nan()), "{dtype} {bits:#x}: {number}, not {expected}");
            }
        }
    }

    #[test]
    fn cells_cover_the_line_in_order() {
        for element in ALL {
            let cells = element.cells();
            assert_eq!((cells[0].lower, cells[cells.len() - 1].upper), (f64::NEG_INFINITY, f64::INFINITY));
            for pair in cells.windows(2) {
                assert!(pair[0].upper == pair[1].lower && pair[0].lower < pair[0].upper, "{element:?}: {pair:?}");
            }
            assert!(cells.iter().all(|cell| cell.lower <= cell.value && cell.value <= cell.upper));
        }
    }
}
