//! Parts that are tensors of their own: stacked experts are the experts one by one, whatever of them is written, and wherever.

use wgpu_init::cpu::reference;
use wgpu_init::scheme::{self, FanMode, Nonlinearity};
use wgpu_init::{CpuExecutor, DType, Error, Fill, Initializer, Part, Result, Seed, Shape, Stream, View};

const SEED: Seed = Seed::new(7);

fn shape(dims: &[u64]) -> Shape {
    Shape::new(dims).expect("a shape")
}

fn stream(expert: u64, block: u64) -> Stream {
    Stream::from_name(&format!("experts.{expert}.w{}.weight", block + 1))
}

/// Each law with an odd number of elements in a weight, so that none but the first begins at a block of words.
fn laws() -> Vec<Initializer> {
    vec![
        Initializer::normal(0.0, 0.02),
        Initializer::uniform(-0.1, 0.3),
        scheme::switch_normal(5).expect("valid"),
        Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Relu),
        Initializer::log_uniform(0.001, 0.1),
        Initializer::sparse(0.4, 0.5),
        Initializer::eye(1.0),
        Initializer::orthogonal(1.0),
        Initializer::power_law(1.0, 2.0, 0.5),
        Initializer::constant(0.5),
    ]
}

fn fills(stacked: &Shape, blocks: u64, law: Initializer, dtype: DType) -> Vec<Fill> {
    let parts = Part::experts(stacked, blocks, &law, stream).expect("a stack");
    let all = stacked.elements();
    // The whole tensor's stream is never drawn from.
    Part::fills(&parts, all, &(0..all), 0, |fill| fill.keyed(SEED, Stream::new(99)).dtype(dtype))
}

fn run(fills: &[Fill], bytes: u64) -> Vec<u8> {
    let mut memory = vec![0xA5; usize::try_from(bytes.next_multiple_of(4)).expect("small")];
    CpuExecutor::new().run_in(&mut memory, fills).expect("valid");
    memory.truncate(usize::try_from(bytes).expect("small"));
    memory
}

/// The weights one by one, one behind the other.
fn one_by_one(
    weight: &Shape,
    weights: impl IntoIterator<Item = (u64, u64)>,
    law: Initializer,
    dtype: DType,
) -> Vec<u8> {
    let of = |(expert, block)| {
        let fill = Fill::new(weight.clone(), law).expect("valid").keyed(SEED, stream(expert, block)).dtype(dtype);
        let plain = reference::bytes(&fill).expect("valid");
        assert_eq!(run(&[fill], weight.elements() * dtype.size()), plain, "{law} {dtype}");
        plain
    };
    weights.into_iter().flat_map(of).collect()
}

#[test]
fn a_stack_is_its_weights() {
    for law in laws() {
        for dtype in DType::ALL.iter().copied() {
            for (experts, blocks) in [(3, 1), (4, 2), (1, 3)] {
                let (stacked, weight) = (shape(&[experts, 7 * blocks, 5]), shape(&[7, 5]));
                let fills = fills(&stacked, blocks, law, dtype);
                assert_eq!(fills.len() as u64, experts * blocks);
                let bytes = stacked.elements() * dtype.size();
                let all = (0..experts).flat_map(|expert| (0..blocks).map(move |block| (expert, block)));
                let expected = one_by_one(&weight, all, law, dtype);
                assert_eq!(run(&fills, bytes), expected, "{law} {dtype} {experts} x {blocks}");
                let plain: Vec<u8> = fills.iter().flat_map(|fill| reference::bytes(fill).expect("valid")).collect();
                assert_eq!(plain, expected, "{law} {dtype}");
            }
        }
    }
}

/// Chunks of a stream, and shards and transpositions by views, hold what the whole holds.
#[test]
fn what_is_cut_from_a_stack_is_a_piece_of_it() -> Result<()> {
    let stacked = shape(&[3, 14, 5]);
    let elements = stacked.elements();
    for law in laws() {
        let whole = run(&fills(&stacked, 2, law, DType::F32), elements * 4);
        let at = |element: u64| whole[usize::try_from(element * 4).expect("small")..][..4].to_vec();
        let parts = Part::experts(&stacked, 2, &law, stream)?;
        for range in [0..1, 3..36, 34..36, 70..105, 99..210, 209..210] {
            let draw = |fill: Fill| fill.keyed(SEED, Stream::new(99));
            let got = run(&Part::fills(&parts, elements, &range, 0, draw), (range.end - range.start) * 4);
            let expected: Vec<u8> = range.clone().flat_map(at).collect();
            assert_eq!(got, expected, "{law} {range:?}");
        }
        // Columns 2 and 3 of every expert, and every weight transposed.
        let columns = View::new(&stacked).part(2, 2..4)?;
        let transposed = View::new(&stacked).permuted([0, 2, 1])?;
        for (view, places) in [
            (columns, (0..3 * 14 * 2).map(|at| at / 2 * 5 + 2 + at % 2).collect::<Vec<u64>>()),
            (transposed, (0..210).map(|at| at / 70 * 70 + at % 14 * 5 + at % 70 / 14).collect()),
        ] {
            let draw = |part: &Part| Fill::of_part(elements, part).keyed(SEED, Stream::new(99)).view(view.clone());
            let fills: Vec<Fill> = parts.iter().map(draw).collect();
            let expected: Vec<u8> = places.iter().copied().flat_map(at).collect();
            assert_eq!(run(&fills, places.len() as u64 * 4), expected, "{law}");
            for fill in &fills {
                for (byte, bits) in reference::placed(fill)? {
                    let byte = usize::try_from(byte).expect("small");
                    assert_eq!(expected[byte..byte + 4], bits.to_le_bytes(), "{law} {byte}");
                }
            }
        }
    }
    Ok(())
}

/// Fans are those of one weight, and a shape that is no stack is refused.
#[test]
fn shapes_of_stacks_are_checked() -> Result<()> {
    let he = Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Relu);
    let parts = Part::experts(&shape(&[8, 4, 50]), 2, &he, stream)?;
    assert_eq!(*parts[3].distribution(), he.distribution(&shape(&[2, 50]))?);
    assert_eq!((parts[3].elements().clone(), parts[3].stream()), (300..400, Some(stream(1, 1))));
    // Biases.
    assert_eq!(Part::experts(&shape(&[8, 4]), 1, &Initializer::ones(), stream)?.len(), 8);
    for (dims, blocks, says) in [
        (&[8][..], 1, "two or more axes are needed"),
        (&[8, 5, 3], 2, "must be divisible by the 2 weights"),
        (&[8, 5, 3], 0, "must be divisible by the 0 weights"),
    ] {
        let error = Part::experts(&shape(dims), blocks, &he, stream).expect_err("no stack");
        assert!(matches!(error, Error::UnsuitableShape { .. }) && error.to_string().contains(says), "{error}");
    }
    assert_eq!(Part::experts(&shape(&[0, 4, 5]), 1, &Initializer::ones(), stream), Ok(Vec::new()));
    Ok(())
}
