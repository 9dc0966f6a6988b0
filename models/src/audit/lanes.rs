//! One pass over the elements of a row, in lanes, which processors add up at once; compiled for several instruction sets
//! (`docs/decisions/0010`).

use multiversion::multiversion;

/// Lanes that processors have.
const LANES: usize = 16;
/// Lanes are f32: so many additions keep six digits.
const RUN: usize = 64 * LANES;

/// What is known of some elements of a row.
pub(super) struct Sums {
    /// Of x − shift.
    pub(super) sum: f64,
    pub(super) squares: f64,
    /// NaN is passed over.
    pub(super) min: f32,
    pub(super) max: f32,
    /// All bits that some number has.
    pub(super) bits: u32,
}

/// Sums and sums of squares of the elements' columns, to be added to; as many as elements, or none where columns mean nothing.
pub(super) type Columns<'a> = [&'a mut [f32]; 2];

#[inline(always)]
fn bf16(two: [u8; 2]) -> f32 {
    f32::from_bits(u32::from(u16::from_le_bytes(two)) << 16)
}

#[inline(always)]
fn f16(two: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(two));
    // The exponent is put right by a product, which is exact for subnormal numbers too.
    let number = f32::from_bits((bits & 0x7FFF) << 13) * f32::from_bits((127 + 112) << 23);
    let special = if bits & 0x7C00 == 0x7C00 { 0xFF << 23 } else { 0 };
    f32::from_bits(number.to_bits() | special | (bits & 0x8000) << 16)
}

/// The same of a finite number; what is infinite or no number becomes one from 2^16 on.
#[inline(always)]
fn finite_f16(two: [u8; 2]) -> f32 {
    // The sign comes along on the left of what is shifted.
    let bits = i32::from(i16::from_le_bytes(two)) << 13;
    f32::from_bits(bits.cast_unsigned() & 0x8FFF_FFFF) * f32::from_bits((127 + 112) << 23)
}

/// Numbers of bf16, added to the end.
#[multiversion(targets = "simd")]
pub(super) fn decode_bf16(bytes: &[[u8; 2]], into: &mut Vec<f32>) {
    into.extend(bytes.iter().map(|two| bf16(*two)));
}

/// Numbers of f16, added to the end.
#[multiversion(targets = "simd")]
pub(super) fn decode_f16(bytes: &[[u8; 2]], into: &mut Vec<f32>) {
    into.extend(bytes.iter().map(|two| f16(*two)));
}

/// Adds up elements of bf16.
#[multiversion(targets = "simd")]
pub(super) fn add_bf16(bytes: &[[u8; 2]], shift: f32, columns: Columns<'_>) -> Sums {
    add(bytes, bf16, shift, columns)
}

/// Adds up elements of f16. Of columns with infinities or NaN the sums are without meaning.
#[multiversion(targets = "simd")]
pub(super) fn add_f16(bytes: &[[u8; 2]], shift: f32, columns: Columns<'_>) -> Sums {
    let sums = add(bytes, finite_f16, shift, columns);
    if sums.min.abs().max(sums.max.abs()) < 65_536.0 { sums } else { add(bytes, f16, shift, [&mut [], &mut []]) }
}

/// Adds up elements of f32.
#[multiversion(targets = "simd")]
pub(super) fn add_f32(bytes: &[[u8; 4]], shift: f32, columns: Columns<'_>) -> Sums {
    add(bytes, f32::from_le_bytes, shift, columns)
}

/// Adds up numbers.
#[multiversion(targets = "simd")]
pub(super) fn add_numbers(numbers: &[f32], shift: f32, columns: Columns<'_>) -> Sums {
    add(numbers, |x| x, shift, columns)
}

#[inline(always)]
fn add<T: Copy>(elements: &[T], number: impl Fn(T) -> f32, shift: f32, [sums, squares]: Columns<'_>) -> Sums {
    let mut all = Sums { sum: 0.0, squares: 0.0, min: f32::INFINITY, max: f32::NEG_INFINITY, bits: 0 };
    let (mut sums, mut squares) = (sums.chunks_mut(RUN), squares.chunks_mut(RUN));
    let mut distances = [0f32; RUN];
    for run in elements.chunks(RUN) {
        run_of(run, &number, shift, &mut all, &mut distances);
        // A second loop over what is near: one for both is not made of vectors by the compiler, and takes three times as long.
        if let (Some(sums), Some(squares)) = (sums.next(), squares.next()) {
            for ((d, sum), square) in distances.iter().zip(sums).zip(squares) {
                *sum += d;
                *square += d * d;
            }
        }
    }
    all
}

/// Adds up at most [`RUN`] elements.
#[inline(always)]
fn run_of<T: Copy>(run: &[T], number: impl Fn(T) -> f32, shift: f32, all: &mut Sums, distances: &mut [f32; RUN]) {
    let (lanes, rest) = run.as_chunks::<LANES>();
    // Arrays of this function alone stay in registers.
    let (mut sum, mut square, mut bits) = ([0f32; LANES], [0f32; LANES], [0u32; LANES]);
    let (mut min, mut max) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    let (distances_of_lanes, _) = distances.as_chunks_mut::<LANES>();
    for (elements, distances) in lanes.iter().zip(distances_of_lanes) {
        for lane in 0..LANES {
            let x = number(elements[lane]);
            let d = x - shift;
            distances[lane] = d;
            sum[lane] += d;
            square[lane] += d * d;
            min[lane] = if x < min[lane] { x } else { min[lane] };
            max[lane] = if x > max[lane] { x } else { max[lane] };
            bits[lane] |= x.to_bits();
        }
    }
    let done = run.len() - rest.len();
    for (element, distance) in rest.iter().zip(&mut distances[done..]) {
        let x = number(*element);
        let d = x - shift;
        *distance = d;
        sum[0] += d;
        square[0] += d * d;
        (min[0], max[0]) = (min[0].min(x), max[0].max(x));
        bits[0] |= x.to_bits();
    }
    all.sum += total(sum);
    all.squares += total(square);
    all.min = min.into_iter().fold(all.min, f32::min);
    all.max = max.into_iter().fold(all.max, f32::max);
    all.bits = bits.into_iter().fold(all.bits, |all, bits| all | bits);
}

#[inline(always)]
fn total(lanes: [f32; LANES]) -> f64 {
    lanes.into_iter().map(f64::from).sum()
}

/// The sum of the products of neighbours.
#[multiversion(targets = "simd")]
pub(super) fn neighbours(numbers: &[f32], shift: f32) -> f64 {
    let next = numbers.get(1..).unwrap_or_default();
    let mut all = 0.0;
    for (run, next) in numbers.chunks(RUN).zip(next.chunks(RUN)) {
        let mut products = [0f32; LANES];
        let ((lanes, rest), (lanes_next, rest_next)) =
            (run[..next.len()].as_chunks::<LANES>(), next.as_chunks::<LANES>());
        for (x, y) in lanes.iter().zip(lanes_next) {
            for lane in 0..LANES {
                products[lane] += (x[lane] - shift) * (y[lane] - shift);
            }
        }
        for (x, y) in rest.iter().zip(rest_next) {
            products[0] += (x - shift) * (y - shift);
        }
        all += total(products);
    }
    all
}
