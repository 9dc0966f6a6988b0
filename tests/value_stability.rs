//! Bits are an API: golden values, pinned as text.
//!
//! A difference means that `VALUES_VERSION` must be bumped and the change told under *Values* in the changelog. With
//! `WGPU_INIT_BLESS=1` the file is written anew.

mod support;

use std::fmt::Write;
use wgpu_init::cpu::reference;
use wgpu_init::{DType, Error, Fill, Initializer, Seed, Shape, Stream, VALUES_VERSION};

const GOLDEN: &str = include_str!("data/values.golden");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/values.golden");

fn text() -> String {
    let mut text = format!(
        "# Values version {VALUES_VERSION}. seed, stream, index, dtype, bits, initializer; then seed, member, fold_in.\n\
         # Written by tests/value_stability.rs with WGPU_INIT_BLESS=1; version 1 was checked against an independent\n\
         # implementation in Python, tests/independent/values.py, written from docs/decisions/0001 alone.\n"
    );
    let mut initializers = support::initializers();
    initializers.extend([
        Initializer::uniform(-65504.0, 0.0),
        // Some numbers of each dtype wide, so that values round to `high` and are clamped.
        Initializer::uniform(1.0, 1.0 + 2f64.powi(-22)),
        Initializer::uniform(1.0, 1.0 + 2f64.powi(-6)),
        Initializer::normal(0.0, 1.0),
        Initializer::normal(3e-5, 1e-5),
        Initializer::trunc_normal(0.0, 1.0, 2.0, 100.0),
        Initializer::trunc_normal(-0.1, 0.3, -0.55, 0.2),
        // So narrow that values round to `high` and are clamped.
        Initializer::log_uniform(1.0, 1.0 + 2f64.powi(-22)),
        Initializer::log_of_uniform(1.0, 16.0),
        support::parse("a_log(16)"),
        support::parse("s4d_inv(32)"),
        support::parse("sinusoids_interleaved(10000,6)"),
        Initializer::rg_lru(0.9, 0.999),
        support::parse("sinusoids_concatenated(10000,6)"),
        support::parse("power_law(-6,-1,0.7,11)"),
        support::parse("power_law_open(0,1,0.35,12)"),
        support::parse("zigzag(0.7,0,0.1,13)"),
        support::parse("power_law_heads(-5.5,0.5,1.6,2.5,4,12)"),
    ]);
    let seeds = [(0, Stream::new(0)), (0x0123_4567_89ab_cdef, Stream::from_name("h.0.attn.weight"))];
    let indices = (0..9).chain([
        63,
        64,
        1000,
        100_003,
        u64::from(u32::MAX),
        1 << 32,
        (1 << 34) - 1,
        1 << 34,
        (1 << 62) + 5,
        u64::MAX - 1,
    ]);
    for (seed, stream) in seeds {
        for initializer in &initializers {
            for dtype in DType::ALL.iter().copied() {
                let whole = Shape::new([u64::MAX]).expect("a shape");
                let fill = Fill::new(whole, *initializer).expect("valid parameters");
                let fill = fill.keyed(Seed::new(seed), stream).dtype(dtype);
                for index in indices.clone() {
                    let one = fill.clone().elements(index..index + 1);
                    let mut elements = match reference::elements(&one) {
                        Err(Error::Overflow { .. }) if dtype.size() == 1 => continue,
                        elements => elements.expect("parameters fit the dtype"),
                    };
                    let bits = elements.next().expect("one element");
                    let stream = stream.get();
                    writeln!(text, "{seed:#x} {stream:#x} {index} {dtype} {bits:08x} {initializer}").expect("a string");
                }
            }
        }
    }
    for (seed, member) in [(0, 0), (0, 1), (42, 7), (u64::MAX, (1 << 62) - 1)] {
        writeln!(text, "fold_in {seed:#x} {member} {:#018x}", Seed::new(seed).fold_in(member).get()).expect("a string");
    }
    views(&mut text);
    text
}

/// What lies in the memory of views: the bits of each element, one behind the other, `-` where there is none.
fn views(text: &mut String) {
    text.push_str("# view seed, stream, dtype, shape, what of it, how it lies in memory, bits there, initializer.\n");
    let initializers = [
        Initializer::constant(0.1),
        Initializer::uniform(-0.1, 0.1),
        Initializer::normal(-1.0, 0.5),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
        Initializer::log_uniform(0.001, 0.1),
        support::parse("ramp(-1,0.25,7)"),
        support::parse("sinusoids_interleaved(10000,6)"),
    ];
    let (seed, stream) = (0x0123_4567_89ab_cdef, Stream::from_name("h.0.attn.weight"));
    for (number, row) in support::views::rows().iter().enumerate() {
        for (law, initializer) in initializers.iter().enumerate() {
            // Each row and each law in all dtypes, not each of one in each of the other.
            let dtype = DType::ALL[(number + law) % DType::ALL.len()];
            let shape = Shape::new(row.dims).expect("a shape");
            let fill = Fill::new(shape, *initializer).expect("valid parameters");
            let fill = fill.keyed(Seed::new(seed), stream).dtype(dtype).view(row.view());
            let mut memory = Vec::new();
            for (byte, bits) in reference::placed(&fill).expect("parameters fit the dtype") {
                let place = usize::try_from(byte / dtype.size()).expect("a small box");
                memory.resize(memory.len().max(place + 1), "-".to_owned());
                memory[place] = format!("{bits:x}");
            }
            let (stream, memory) = (stream.get(), memory.join(","));
            writeln!(text, "view {seed:#x} {stream:#x} {dtype} {row} {memory} {initializer}").expect("a string");
        }
    }
}

#[test]
fn values_are_the_golden_ones() {
    let now = text();
    if std::env::var_os("WGPU_INIT_BLESS").is_some() {
        std::fs::write(PATH, &now).expect("the golden file can be written");
        return;
    }
    for (number, (now, golden)) in now.lines().zip(GOLDEN.lines()).enumerate() {
        assert_eq!(now, golden, "line {}: a produced bit changed; see the head of this file", number + 1);
    }
    assert_eq!(now.lines().count(), GOLDEN.lines().count());
}
