//! Where fills may lie: at any element, beside any neighbour, touching no byte of it.

use crate::harness::{Gpu, ONE_OF_EACH_SIZE, Test, spec};
use crate::support::initializers;
use libtest_mimic::Failed;
use wgpu_init::value::philox::philox4x32_10;
use wgpu_init::{DType, Fill, Initializer, Part, Seed, Shape, Stream, View};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("placement::every_offset_phase_and_short_length", every_offset_phase_and_short_length),
    ("placement::neighbours_that_share_words_in_one_record", neighbours_that_share_words_in_one_record),
    ("placement::far_inside_a_buffer_at_unaligned_offsets", far_inside_a_buffer_at_unaligned_offsets),
    ("placement::experts_that_are_tensors_of_their_own", experts_that_are_tensors_of_their_own),
    ("placement::up_to_the_last_element_of_the_buffer", up_to_the_last_element_of_the_buffer),
];

/// All offsets modulo 32, all phases within a Philox block, lengths up to three groups; poison around each.
fn every_offset_phase_and_short_length(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in ONE_OF_EACH_SIZE {
        let mut specs = Vec::new();
        let mut slot = 0;
        for phase in 0..4 {
            for step in 0..32 / dtype.size() {
                for length in 0..=48 / dtype.size() {
                    let initializers = initializers();
                    let initializer = initializers[specs.len() % initializers.len()];
                    specs.push(spec(initializer, dtype, phase..phase + length, slot + 4 + step * dtype.size()));
                    slot += 96;
                }
            }
        }
        gpu.check(slot, &[&specs])?;
    }
    Ok(())
}

/// Fills of 16 and 8 bits of odd lengths packed without a gap: nearly every boundary splits a 32-bit word between two fills or more.
fn neighbours_that_share_words_in_one_record(gpu: &Gpu) -> Result<(), Failed> {
    let initializers = initializers();
    let mut specs: Vec<Fill> = Vec::new();
    let mut offset = 2u64;
    for i in 0..3000u32 {
        let [length, which, dtype, first] = philox4x32_10([i, 0, 0, 0], [1, 2]);
        let dtype = if dtype % 2 == 0 { DType::F16 } else { DType::F8E5M2 };
        let (length, first) = (u64::from(length % 41), u64::from(first % 1000));
        let initializer = initializers[which as usize % initializers.len()];
        offset = offset.next_multiple_of(dtype.size());
        specs.push(spec(initializer, dtype, first..first + length, offset));
        offset += length * dtype.size();
    }
    gpu.check((offset + 64).next_multiple_of(4), &[&specs])
}

/// Stacked weights of odd sizes, each counted from its own beginning, also where they stand in columns or transposed.
fn experts_that_are_tensors_of_their_own(gpu: &Gpu) -> Result<(), Failed> {
    let stacked = Shape::new([5, 2 * 9, 23])?;
    let elements = stacked.elements();
    let stream = |expert, block| Stream::new(expert * 2 + block);
    for dtype in ONE_OF_EACH_SIZE {
        let laws = [Initializer::orthogonal(1.0), Initializer::sparse(0.4, 0.5), Initializer::power_law(1.0, 2.0, 0.5)];
        for law in initializers().into_iter().chain(laws) {
            let parts = Part::experts(&stacked, 2, &law, stream)?;
            let key = |fill: Fill| fill.keyed(Seed::new(3), Stream::new(99)).dtype(dtype);
            let whole = Part::fills(&parts, elements, &(7..elements), 4, key);
            gpu.check(elements * 4 + 8, &[&whole])?;
            for view in [View::new(&stacked).part(2, 3..17)?, View::new(&stacked).permuted([0, 2, 1])?] {
                let fills: Vec<Fill> =
                    parts.iter().map(|part| key(Fill::of_part(elements, part)).at(4).view(view.clone())).collect();
                gpu.check(elements * 4 + 8, &[&fills])?;
            }
        }
    }
    Ok(())
}

/// Past the first binding alignment, at offsets that are a multiple of nothing but the element's size.
fn far_inside_a_buffer_at_unaligned_offsets(gpu: &Gpu) -> Result<(), Failed> {
    for offset in [250, 254, 258, 65_530, 1_000_002] {
        gpu.check(1_100_000, &[&[spec(Initializer::normal(0.0, 1.0), DType::F16, 1..20_002, offset)]])?;
    }
    for offset in [252, 260, 65_540, 1_000_004] {
        gpu.check(1_100_000, &[&[spec(Initializer::normal(0.0, 1.0), DType::F32, 1..20_002, offset)]])?;
    }
    Ok(())
}

fn up_to_the_last_element_of_the_buffer(gpu: &Gpu) -> Result<(), Failed> {
    for dtype in ONE_OF_EACH_SIZE {
        for words in [1u64, 2, 3, 4, 5, 7, 63, 64, 65, 1023] {
            let elements = words * 4 / dtype.size();
            gpu.check(words * 4, &[&[spec(Initializer::uniform(0.0, 1.0), dtype, 0..elements, 0)]])?;
        }
    }
    Ok(())
}
