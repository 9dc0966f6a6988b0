//! The fast CPU executor against the plain reference, and its promises: the same bits however the work is cut, shared
//! or repeated; nothing but the asked-for bytes is touched.

mod support;

use rayon::ThreadPoolBuilder;
use wgpu_init::cpu::reference;
use wgpu_init::{CpuExecutor, DType, Error, Fill, Initializer, Seed, Shape, Stream};

const POISON: u8 = 0xA5;

/// A slice of a tensor of 2^64 − 1 elements.
fn fill(initializer: Initializer, dtype: DType, elements: std::ops::Range<u64>) -> Fill {
    let whole = Shape::new([u64::MAX]).expect("a shape");
    let fill = Fill::new(whole, initializer).expect("valid parameters");
    fill.keyed(Seed::new(0xdead_beef_0123_4567), Stream::new(0x89ab_cdef_7654_3210)).dtype(dtype).elements(elements)
}

fn bytes(elements: u64, dtype: DType) -> usize {
    usize::try_from(elements * dtype.size()).expect("small")
}

/// Runs one slice behind `skip` poisoned bytes; gives the bytes and checks the poison on both sides.
fn run(initializer: Initializer, dtype: DType, elements: std::ops::Range<u64>, skip: u64) -> Vec<u8> {
    let (before, length) = (usize::try_from(skip).expect("small"), bytes(elements.end - elements.start, dtype));
    let mut target = vec![POISON; before + length + 7];
    let fill = fill(initializer, dtype, elements).at(skip);
    CpuExecutor::new().run([(&mut target[..], fill)]).expect("a valid fill");
    assert!(target[..before].iter().chain(&target[before + length..]).all(|byte| *byte == POISON), "guard bytes");
    target[before..before + length].to_vec()
}

fn expected(initializer: Initializer, dtype: DType, elements: std::ops::Range<u64>) -> Vec<u8> {
    reference::bytes(&fill(initializer, dtype, elements)).expect("a valid fill")
}

#[test]
fn every_short_length_at_every_phase_equals_the_reference() {
    for initializer in support::initializers() {
        for dtype in DType::ALL.iter().copied() {
            for start in 0..9 {
                for length in 0..140 {
                    let elements = start..start + length;
                    assert_eq!(
                        run(initializer, dtype, elements.clone(), dtype.size() * (start % 3)),
                        expected(initializer, dtype, elements.clone()),
                        "{initializer} {dtype} {elements:?}"
                    );
                }
            }
        }
    }
}

/// Longer than several chunks of the executor, and not a multiple of anything.
#[test]
fn long_fills_equal_the_reference() {
    for initializer in support::initializers() {
        for dtype in DType::ALL.iter().copied() {
            let elements = 5..5 + 300_007;
            let got = run(initializer, dtype, elements.clone(), dtype.size());
            assert!(got == expected(initializer, dtype, elements), "{initializer} {dtype}");
        }
    }
}

#[test]
fn indices_past_every_boundary_equal_the_reference() {
    for boundary in [1 << 32, 1 << 34, 1 << 36, 1 << 62, 1 << 63, u64::MAX - 200] {
        for dtype in DType::ALL.iter().copied() {
            let elements = boundary - 150..boundary + 150;
            let initializer = Initializer::normal(0.0, 1.0);
            assert_eq!(
                run(initializer, dtype, elements.clone(), 0),
                expected(initializer, dtype, elements),
                "{boundary:#x} {dtype}"
            );
        }
    }
}

/// The 64-bit block counter must not be cut to 32 bits: elements 2^34 apart differ.
#[test]
fn far_elements_are_not_near_ones() {
    let near = run(Initializer::normal(0.0, 1.0), DType::F32, 0..64, 0);
    for distance in [1u64 << 32, 1 << 33, 1 << 34, 1 << 50, 1 << 63] {
        assert_ne!(near, run(Initializer::normal(0.0, 1.0), DType::F32, distance..distance + 64, 0), "{distance:#x}");
    }
}

#[test]
fn chunks_in_any_order_give_the_whole() {
    for dtype in DType::ALL.iter().copied() {
        let initializer = Initializer::trunc_normal(0.0, 1.0, -2.0, 1.0);
        let total = 50_021u64;
        let whole = run(initializer, dtype, 0..total, 0);
        for chunk in [1021u64, 4096, 33_333] {
            let mut pieced = vec![POISON; whole.len()];
            let starts: Vec<u64> = (0..total).step_by(usize::try_from(chunk).expect("small")).collect();
            // From the last to the first: order does not matter.
            for start in starts.into_iter().rev() {
                let elements = start..total.min(start + chunk);
                let at = bytes(start, dtype);
                let piece = &mut pieced[at..at + bytes(elements.end - start, dtype)];
                CpuExecutor::new().run([(piece, fill(initializer, dtype, elements))]).expect("a valid fill");
            }
            assert!(pieced == whole, "{dtype} in chunks of {chunk}");
        }
    }
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let initializer = Initializer::normal(0.0, 0.02);
    let results: Vec<_> = [1, 2, 3, 8]
        .into_iter()
        .map(|threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool");
            pool.install(|| run(initializer, DType::Bf16, 3..500_000, 2))
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]));
}

/// Two names are two streams; one name is one stream, in any batch, in any order.
#[test]
fn a_batch_gives_what_single_calls_give() {
    let names = ["a.weight", "b.weight", "c.weight"];
    fn make<'a>(name: &str, target: &'a mut [u8]) -> (&'a mut [u8], Fill) {
        let shape = Shape::new([1000, 3]).expect("a shape");
        let fill = Fill::new(shape, Initializer::uniform(-1.0, 1.0)).expect("valid parameters");
        (target, fill.named(Seed::new(3), name))
    }
    let singles: Vec<Vec<u8>> = names
        .iter()
        .map(|name| {
            let mut bytes = vec![0; 12_000];
            CpuExecutor::new().run([make(name, bytes.as_mut_slice())]).expect("a valid fill");
            bytes
        })
        .collect();
    assert!(singles[0] != singles[1] && singles[1] != singles[2]);
    let mut together = [vec![0; 12_000], vec![0; 12_000], vec![0; 12_000]];
    let fills = names.iter().zip(&mut together).rev().map(|(name, bytes)| make(name, bytes.as_mut_slice()));
    CpuExecutor::new().run(fills).expect("valid fills");
    assert_eq!(together.as_slice(), singles);
}

/// Specs of one arena: 16-bit neighbours that share 32-bit words, in no order, with holes.
fn neighbours() -> Vec<Fill> {
    let spec =
        |dtype, elements: std::ops::Range<u64>, offset, initializer| fill(initializer, dtype, elements).at(offset);
    vec![
        spec(DType::F16, 0..5, 20, Initializer::normal(0.0, 1.0)),
        spec(DType::Bf16, 7..10, 14, Initializer::uniform(-1.0, 1.0)),
        spec(DType::F32, 1..3, 4, Initializer::normal(0.0, 1.0)),
        spec(DType::F16, 0..1, 32, Initializer::constant(1.0)),
        spec(DType::F32, 9..9, 4, Initializer::normal(0.0, 1.0)),
    ]
}

#[test]
fn fills_of_one_arena_write_their_bytes_and_no_other() {
    let mut arena = vec![POISON; 40];
    let specs = neighbours();
    CpuExecutor::new().run_in(&mut arena, &specs).expect("valid fills");
    let mut expected = vec![POISON; 40];
    for (spec, start) in specs.iter().zip([20, 14, 4, 32, 4]) {
        let bytes = reference::bytes(spec).expect("a valid fill");
        expected[start..start + bytes.len()].copy_from_slice(&bytes);
    }
    assert_eq!(arena, expected);
}

#[test]
fn an_overlap_is_an_error_and_leaves_every_byte() {
    let mut specs = neighbours();
    specs.push(fill(Initializer::constant(0.0), DType::F16, 0..1).at(28));
    let mut arena = vec![POISON; 40];
    let error = CpuExecutor::new().run_in(&mut arena, &specs).expect_err("bytes 28..30 are written twice");
    assert_eq!(error.root(), &Error::Overlap { first: 0, second: 5, start: 28, end: 30 });
    assert!(arena.iter().all(|byte| *byte == POISON));
}

#[test]
fn a_bad_fill_behind_good_ones_leaves_every_byte() {
    let (mut good, mut short) = (vec![POISON; 400], vec![POISON; 399]);
    let normal = fill(Initializer::normal(0.0, 1.0), DType::F32, 0..100);
    let error =
        CpuExecutor::new().run([(&mut good[..], &normal), (&mut short[..], &normal)]).expect_err("one byte is missing");
    assert!(matches!(&error, Error::Fill { index: 1, .. }), "{error}");
    assert_eq!(error.root(), &Error::TargetTooSmall { start: 0, end: 400, size: 399 });
    assert!(good.iter().chain(&short).all(|byte| *byte == POISON));
}

#[cfg(feature = "rand")]
#[test]
fn a_rand_generator_continues_the_words_of_a_stream() {
    use rand::Rng;
    use wgpu_init::{PhiloxRng, value::word::value_word};
    let (seed, stream) = (Seed::new(5), Stream::from_name("x"));
    let word = |index| value_word(5, stream.get(), index);
    let mut rng = PhiloxRng::new(seed, stream, (1 << 34) - 2);
    for index in (1 << 34) - 2..(1 << 34) + 9 {
        assert_eq!((rng.index(), rng.next_u32()), (index, word(index)));
    }
    let mut rng = PhiloxRng::new(seed, stream, 3);
    assert_eq!(rng.next_u64(), u64::from(word(3)) | u64::from(word(4)) << 32);
    let mut bytes = [0; 6];
    rng.fill_bytes(&mut bytes);
    assert_eq!(bytes[..4], word(5).to_le_bytes());
    assert_eq!(bytes[4..], word(6).to_le_bytes()[..2]);
}

/// Slices of numbers take their own dtype and nothing else, and hold what bytes would.
#[test]
fn slices_of_numbers_are_targets_of_their_dtype() {
    let fill = |dtype| fill(Initializer::normal(0.0, 0.5), dtype, 0..100);
    let mut bytes = vec![0u8; 400];
    let mut singles = vec![0f32; 100];
    CpuExecutor::new().run([(&mut bytes, fill(DType::F32))]).expect("bytes");
    CpuExecutor::new().run([(&mut singles, fill(DType::F32))]).expect("f32");
    assert_eq!(bytemuck::cast_slice::<f32, u8>(&singles), bytes);
    let refused = CpuExecutor::new().run_in(&mut singles[..], [fill(DType::F16)]).expect_err("another dtype");
    let other = Error::OtherDType { target: DType::F32, fill: DType::F16 };
    assert_eq!(refused.root(), &other, "{refused}");
    assert_eq!(bytemuck::cast_slice::<f32, u8>(&singles), bytes, "nothing was written");
    let message =
        "the target holds f32 and the fill writes f16: give the fill `dtype(DType::F32)`, or a target of bytes";
    assert_eq!(other.to_string(), message);
    #[cfg(feature = "half")]
    {
        let mut halves = [half::f16::ZERO; 100];
        let mut brains = [half::bf16::ZERO; 100];
        CpuExecutor::new().run([(&mut halves, fill(DType::F16))]).expect("f16");
        CpuExecutor::new().run_in(&mut brains, [fill(DType::Bf16)]).expect("bf16");
        for (at, single) in singles.iter().enumerate() {
            assert!((halves[at].to_f32() - single).abs() < 1e-3 && (brains[at].to_f32() - single).abs() < 1e-2, "{at}");
        }
        let refused = CpuExecutor::new().run([(&mut halves, fill(DType::Bf16))]).expect_err("another dtype");
        assert!(matches!(refused.root(), Error::OtherDType { target: DType::F16, fill: DType::Bf16 }), "{refused}");
    }
}
