//! Numbers that others have published, or that the contract pins, against the CPU code. The same rows run on every adapter in
//! `tests/gpu/`.

mod support;

use sha2::{Digest, Sha256};
use support::constants::constants;
use support::known::philox4x32;
use wgpu_init::value::normal::{TABLE, TABLE_BYTES, normal_unit};
use wgpu_init::value::philox;
use wgpu_init::value::truncated::truncate_word;
use wgpu_init::value::uniform::uniform_unit;
use wgpu_init::value::word::{Purpose, block_words, value_word};
use wgpu_init::{DType, Initializer, Seed, Stream};

#[test]
fn philox_gives_random123s_answers() {
    for answer in philox4x32() {
        assert_eq!(philox::philox4x32(answer.rounds, answer.counter, answer.key), answer.expected, "{answer:x?}");
    }
}

/// With stream 0 the layout is that of PyTorch's stateless Philox: counter (offset low, offset high, 0, 0), key (seed low, high).
#[test]
fn a_word_is_one_of_four_of_its_block() {
    let (seed, block) = (0x0123_4567_89ab_cdef, 0x0fed_cba9_8765_4321);
    let words = philox::philox4x32_10([0x8765_4321, 0x0fed_cba9, 0, 0], [0x89ab_cdef, 0x0123_4567]);
    for (lane, word) in words.into_iter().enumerate() {
        assert_eq!(value_word(seed, 0, block * 4 + lane as u64), word, "lane {lane}");
    }
    let words = philox::philox4x32_10([0x8765_4321, 0x0fed_cba9, 0xdddd_cccc, 0xbbbb_aaaa], [0x89ab_cdef, 0x0123_4567]);
    assert_eq!(block_words(seed, 0xbbbb_aaaa_dddd_cccc, Purpose::Values, block), words);
}

#[test]
fn fold_in_is_a_block_of_its_own_purpose() {
    let words = philox::philox4x32_10([5, 3 << 30, 0, 0], [7, 0]);
    assert_eq!(Seed::new(7).fold_in(5).get(), u64::from(words[0]) | u64::from(words[1]) << 32);
    let members: std::collections::BTreeSet<_> = (0..1000).map(|member| Seed::new(7).fold_in(member).get()).collect();
    assert_eq!(members.len(), 1000);
}

/// Test vectors of the FNV reference code.
#[test]
fn streams_are_fnv_1a_64() {
    for (name, stream) in [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
    {
        assert_eq!(Stream::from_name(name).get(), stream, "{name:?}");
    }
}

#[test]
fn the_table_is_the_normative_one() {
    let digest = Sha256::digest(TABLE_BYTES);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "2494917357240194100bafded0e3fe5d973754447e8849d7675e3f37be0b9315");
    assert_eq!(TABLE.iter().filter(|row| **row != [0, 0]).count(), 1664, "reachable rows");
}

/// Three runs that together use every row of the table; `GpuExecutor::self_test` has the same numbers.
#[test]
fn normal_units_have_the_pinned_hashes() {
    for (stride, expected) in
        [(65_537, 0xe10e_e0d9_7291_1715), (64, 0xf3e4_260a_cf66_5f90), (1u32, 0x403a_c53d_966c_5e7b)]
    {
        let bytes = (0..65_536u32).flat_map(|i| normal_unit(i.wrapping_mul(stride)).to_le_bytes());
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        assert_eq!(hash, expected, "stride {stride}");
    }
}

#[test]
fn uniform_units_are_odd_and_symmetric() {
    for top in 0..1u32 << 24 {
        let word = top << 8 | 0x5A;
        let k = uniform_unit(word);
        assert!(k % 2 != 0 && k.abs() < 1 << 24, "{word:#x}: {k}");
        assert_eq!(uniform_unit(!word), -k, "{word:#x}");
    }
}

#[test]
fn truncation_windows_are_the_pinned_ones() {
    for (low, high, first, range) in [
        (-2.0, 2.0, 0x05D2_F3C6, 0xF45A_1874),
        (-3.0, 3.0, 0x0058_7786, 0xFF4F_10F4),
        (2.0, 1e30, 0xFA2D_0C10, 0x05D2_F3F0),
        (-1e30, 1e30, 0, 0),
    ] {
        let record = constants(Initializer::trunc_normal(0.0, 1.0, low, high), DType::F32).record;
        assert_eq!((record.window_low, record.window_range), (first, range), "[{low}, {high}]");
    }
}

#[test]
fn truncation_reaches_both_ends_in_order_and_is_antisymmetric() {
    let (low, range) = (0x05D2_F3C6_u32, 0xF45A_1874_u32);
    assert_eq!(truncate_word(0, low, range), low);
    assert_eq!(truncate_word(u32::MAX, low, range), low + (range - 1));
    let mut before = low;
    for i in 0..=0xFFFF_u32 {
        let word = i * 65_537;
        let inside = truncate_word(word, low, range);
        assert!(inside >= before, "{word:#x}");
        assert_eq!(truncate_word(!word, low, range), !inside, "{word:#x}");
        before = inside;
    }
    assert_eq!(truncate_word(0x1234_5678, 0, 0), 0x1234_5678, "the whole lattice leaves a word");
}
