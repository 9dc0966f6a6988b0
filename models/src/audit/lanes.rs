//! Sums in lanes, which processors add up at once; compiled for several instruction sets (`docs/decisions/0010`).

use multiversion::multiversion;

/// Adds to the sums and the sums of squares of some columns.
#[multiversion(targets = "simd")]
pub(super) fn add(numbers: &[f32], shift: f32, sums: &mut [f32], squares: &mut [f32]) {
    for ((sum, square), x) in sums.iter_mut().zip(squares).zip(numbers) {
        let d = x - shift;
        *sum += d;
        *square += d * d;
    }
}

/// Numbers of bf16, added to the end.
#[multiversion(targets = "simd")]
pub(super) fn of_bf16(bytes: &[[u8; 2]], into: &mut Vec<f32>) {
    into.extend(bytes.iter().map(|two| f32::from_bits(u32::from(u16::from_le_bytes(*two)) << 16)));
}

/// Numbers of f16, added to the end.
#[multiversion(targets = "simd")]
pub(super) fn of_f16(bytes: &[[u8; 2]], into: &mut Vec<f32>) {
    into.extend(bytes.iter().map(|two| {
        let bits = u32::from(u16::from_le_bytes(*two));
        // The exponent is put right by a product, which is exact for subnormal numbers too.
        let number = f32::from_bits((bits & 0x7FFF) << 13) * f32::from_bits((127 + 112) << 23);
        let special = if bits & 0x7C00 == 0x7C00 { 0xFF << 23 } else { 0 };
        f32::from_bits(number.to_bits() | special | (bits & 0x8000) << 16)
    }));
}

/// All bits that some number has.
#[multiversion(targets = "simd")]
pub(super) fn bits(numbers: &[f32]) -> u32 {
    numbers.iter().fold(0, |bits, x| bits | x.to_bits())
}

/// Sums over some numbers.
pub(super) struct Sums {
    pub(super) sum: f64,
    pub(super) squares: f64,
    pub(super) neighbours: f64,
    pub(super) min: f32,
    pub(super) max: f32,
}

/// In lanes, which processors add up at once; NaN is passed over by the extremes.
#[multiversion(targets = "simd")]
pub(super) fn reduce(numbers: &[f32], shift: f32) -> Sums {
    const LANES: usize = 16;
    /// Lanes are f32: so many additions keep six digits.
    const RUN: usize = 64 * LANES;
    let mut all = Sums { sum: 0.0, squares: 0.0, neighbours: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY };
    for start in (0..numbers.len()).step_by(RUN) {
        let run = &numbers[start..numbers.len().min(start + RUN)];
        let next = &numbers[numbers.len().min(start + 1)..numbers.len().min(start + RUN + 1)];
        let (mut sum, mut squares, mut products) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
        let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
        let paired = next.len() / LANES * LANES;
        let (lanes, lanes_next) = (run[..paired].as_chunks::<LANES>().0, next[..paired].as_chunks::<LANES>().0);
        for (x, y) in lanes.iter().zip(lanes_next) {
            for lane in 0..LANES {
                let d = x[lane] - shift;
                sum[lane] += d;
                squares[lane] += d * d;
                products[lane] += d * (y[lane] - shift);
                min[lane] = if x[lane] < min[lane] { x[lane] } else { min[lane] };
                max[lane] = if x[lane] > max[lane] { x[lane] } else { max[lane] };
            }
        }
        for (at, x) in run.iter().enumerate().skip(paired) {
            let d = x - shift;
            sum[0] += d;
            squares[0] += d * d;
            products[0] += next.get(at).map_or(0.0, |y| d * (y - shift));
            (min[0], max[0]) = (min[0].min(*x), max[0].max(*x));
        }
        let total = |lanes: [f32; LANES]| lanes.into_iter().map(f64::from).sum::<f64>();
        all.sum += total(sum);
        all.squares += total(squares);
        all.neighbours += total(products);
        all.min = min.into_iter().fold(all.min, f32::min);
        all.max = max.into_iter().fold(all.max, f32::max);
    }
    all
}
