//! One source, compiled for several instruction sets; the best one of this machine is called (`docs/decisions/0010`).

use super::lanes;
use super::view::Batch;
use crate::fill::Job;
use crate::value::program::Affine;
use multiversion::multiversion;

/// Writes the little-endian elements of a uniform, normal or truncated `job`, which starts with a block's first, into `bytes`.
#[multiversion(targets = "simd")]
pub(super) fn fill_blocks(job: &Job<Affine>, bytes: &mut [u8]) {
    lanes::fill(job, bytes);
}

/// Draws the elements of some blocks and stores them at their places.
#[multiversion(targets = "simd")]
pub(super) fn fill_batch(job: &Job<Affine>, batch: &Batch, bytes: &mut [u8]) {
    lanes::fill_blocks(job, batch, bytes);
}

#[cfg(test)]
mod tests {
    use super::super::reference;
    use super::*;
    use crate::value::program::{Elementwise, Program};
    use crate::{DType, Fill, Initializer, Seed, Shape, Stream};

    /// A level that a test can ask for. A machine without it runs the default, as the macro makes of every list.
    #[multiversion(targets("x86_64+avx+avx2+bmi1+bmi2+f16c+fma+lzcnt+movbe+popcnt+sse3+sse4.1+sse4.2+ssse3"))]
    fn fill_v3(job: &Job<Affine>, bytes: &mut [u8]) {
        lanes::fill(job, bytes);
    }

    #[multiversion(targets("x86_64+popcnt+sse3+sse4.1+sse4.2+ssse3"))]
    fn fill_v2(job: &Job<Affine>, bytes: &mut [u8]) {
        lanes::fill(job, bytes);
    }

    fn fill_default(job: &Job<Affine>, bytes: &mut [u8]) {
        lanes::fill(job, bytes);
    }

    type Level = (&'static str, fn(&Job<Affine>, &mut [u8]));
    const LEVELS: [Level; 4] = [("best", fill_blocks), ("v3", fill_v3), ("v2", fill_v2), ("default", fill_default)];

    fn fill(initializer: Initializer, dtype: DType, elements: core::ops::Range<u64>) -> Fill {
        let whole = Shape::new([u64::MAX]).expect("a shape");
        let fill = Fill::new(whole, initializer).expect("valid parameters");
        let fill = fill.keyed(Seed::new(0xdead_beef_0123_4567), Stream::new(0x89ab_cdef_7654_3210));
        fill.dtype(dtype).elements(elements)
    }

    /// Each law, with and without a shift, with bounds that rounding reaches, at zero and among subnormals of the dtypes.
    const INITIALIZERS: [Initializer; 12] = [
        Initializer::uniform(-0.1, 0.1),
        Initializer::uniform(0.0, 1.0),
        Initializer::uniform(-1.0, 0.0),
        Initializer::uniform(1.0, 1.01),
        Initializer::uniform(-1e-5, 3e-7),
        Initializer::normal(0.0, 0.02),
        Initializer::normal(-1.0, 0.5),
        Initializer::normal(0.0, 1e-6),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
        Initializer::trunc_normal(-1.0, 0.5, -1.001, 0.0),
        Initializer::trunc_normal(0.0, 1.0, -100.0, 100.0),
    ];

    const RANGES: [core::ops::Range<u64>; 10] = [
        0..1000,
        4..5,
        8..11,
        4..132,
        0..512,
        0..513,
        0..1024,
        (1 << 34) - 72..(1 << 34) + 70,
        u64::MAX - 67..u64::MAX,
        u64::MAX - 999..u64::MAX,
    ];

    #[test]
    fn every_instruction_set_gives_the_bits_of_the_reference() {
        for initializer in INITIALIZERS {
            for dtype in DType::ALL {
                // Of one batch, of as many as are drawn one by one, of more, and at both ends of the numbers.
                for elements in RANGES {
                    let fill = fill(initializer, *dtype, elements.clone());
                    let (job, expected) =
                        (fill.resolve().expect("a fill").job, reference::bytes(&fill).expect("a fill"));
                    let Program::Elementwise(Elementwise::Affine(affine)) = job.program else {
                        panic!("{initializer} is not affine")
                    };
                    for (level, fill) in LEVELS {
                        let mut bytes = vec![0xA5; expected.len()];
                        fill(&job.with(affine), &mut bytes);
                        assert!(bytes == expected, "{level}: {initializer} {dtype} {elements:?}");
                    }
                }
            }
        }
    }
}
