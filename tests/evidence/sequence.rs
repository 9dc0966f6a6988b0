//! One stream's words in order, and what one bit of (seed, stream, index) changes.

use crate::support::checks::{Battery, normal_p, tail_count_p};
use crate::support::sample::chi_square;
use crate::table::{Level, Row};
use crate::{Blocks, contract, rounds};
use rayon::prelude::*;
use wgpu_init::Stream;

const SEED: u64 = 2026;

/// The words of blocks from 0 on.
fn words(blocks: &impl Blocks, stream: &str, count: u64) -> Vec<u32> {
    let stream = Stream::from_name(stream).get();
    (0..count / 4).into_par_iter().flat_map_iter(|block| blocks(SEED, stream, block)).collect()
}

/// Bits of a key, a stream and a block that an element can have.
const INPUTS: u32 = 64 + 64 + 62;

/// How the blocks are chosen in which one bit of the input is then flipped: as a hash chooses, and as a model does, with a small seed
/// and the first blocks.
fn base(is_random: bool, i: u64) -> [u64; 3] {
    if is_random {
        // SplitMix64: it must not be what is judged.
        return [1, 2, 3].map(|part| {
            let mut z = (3 * i + part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        });
    }
    [0, 0, i]
}

/// The i-th block whose own bit is 0, if it is one that is flipped: a pair that came twice would count twice.
fn without(block: u64, input: u32) -> u64 {
    let Some(bit) = input.checked_sub(128) else { return block };
    let below = block & ((1 << bit) - 1);
    (block - below) << 1 | below
}

/// Each bit of the output changes half of the time, whichever bit of the input does: chi-square over the output's 128 bits for each bit of
/// the input, and over how many of them change at a time.
fn avalanche(blocks: &impl Blocks, count: u64) -> Battery {
    let flips: Vec<_> = [true, false].into_iter().flat_map(|kind| (0..INPUTS).map(move |bit| (kind, bit))).collect();
    let judged: Vec<_> = flips
        .par_iter()
        .map(|(is_random, bit)| {
            let (mut ones, mut weights) = ([0u32; 128], [0u64; 129]);
            for i in 0..count {
                let [mut seed, mut stream, block] = base(*is_random, i);
                let mut block = if *is_random { block & (u64::MAX >> 2) } else { without(block, *bit) };
                let first = blocks(seed, stream, block);
                match bit {
                    0..64 => seed ^= 1 << bit,
                    64..128 => stream ^= 1 << (bit - 64),
                    _ => block ^= 1 << (bit - 128),
                }
                let second = blocks(seed, stream, block);
                let mut weight = 0;
                for word in 0..4 {
                    let changed = first[word] ^ second[word];
                    weight += changed.count_ones() as usize;
                    for (at, ones) in ones[32 * word..][..32].iter_mut().enumerate() {
                        *ones += (changed >> at) & 1;
                    }
                }
                weights[weight] += 1;
            }
            let n = count as f64;
            let sum = ones.iter().map(|ones| (f64::from(*ones) - n / 2.0).powi(2) / (n / 4.0)).sum();
            (chi_square(sum, 128), binomial(&weights, n))
        })
        .collect();
    let mut battery = Battery::default();
    for ((is_random, bit), (bits, weights)) in flips.into_iter().zip(judged) {
        let kind = if is_random { "anywhere" } else { "first blocks" };
        battery.note(format!("output bits: {kind}, input bit {bit}"), bits);
        battery.note(format!("how many: {kind}, input bit {bit}"), weights);
    }
    battery
}

/// Counts of 0 to 128 ones against the binomial distribution of fair bits.
fn binomial(counts: &[u64; 129], n: f64) -> f64 {
    let (mut sum, mut bins, mut expected, mut observed) = (0.0, 0usize, 0.0, 0u64);
    let mut probability = 2f64.powi(-128);
    let mut left = n;
    for (k, count) in counts.iter().enumerate() {
        expected += n * probability;
        observed += count;
        probability *= (128 - k) as f64 / (k + 1) as f64;
        if expected >= 16.0 && left - expected >= 16.0 {
            sum += (observed as f64 - expected).powi(2) / expected;
            left -= expected;
            (bins, expected, observed) = (bins + 1, 0.0, 0);
        }
    }
    chi_square(sum + (observed as f64 - left).powi(2) / left, bins)
}

/// Points of `DIMENSIONS` words one behind the other, by the top bits of each: chi-square over all cells.
fn serial<const DIMENSIONS: usize>(words: &[u32], bits: usize) -> f64 {
    let mut cells = vec![0u32; 1 << (bits * DIMENSIONS)];
    let mut n = 0u64;
    for point in words.chunks_exact(DIMENSIONS) {
        cells[point.iter().fold(0, |cell, word| cell << bits | (word >> (32 - bits)) as usize)] += 1;
        n += 1;
    }
    let expected = n as f64 / cells.len() as f64;
    let sum = cells.iter().map(|cell| (f64::from(*cell) - expected).powi(2) / expected).sum();
    chi_square(sum, cells.len() - 1)
}

fn serial_tests(blocks: &impl Blocks, count: u64) -> Battery {
    let words = words(blocks, "serial", count);
    let mut battery = Battery::default();
    battery.note("2-D", serial::<2>(&words, 10));
    battery.note("2-D from the second word on", serial::<2>(&words[1..], 10));
    battery.note("3-D", serial::<3>(&words, 6));
    battery.note("4-D, blocks", serial::<4>(&words, 5));
    // The low bits, which only f32 in the middle and the far tails show.
    let low: Vec<u32> = words.iter().map(|word| word.reverse_bits()).collect();
    battery.note("2-D of low bits", serial::<2>(&low, 10));
    battery.note("3-D of low bits", serial::<3>(&low, 6));
    battery
}

/// Equal bits of words at a distance.
fn lags(words: &[u32]) -> Battery {
    let lags: Vec<usize> = (1..=1000).collect();
    let z: Vec<f64> = lags
        .par_iter()
        .map(|lag| {
            let pairs = words.iter().zip(&words[*lag..]);
            let n = 32.0 * (words.len() - lag) as f64;
            let unequal: u64 = pairs.map(|(a, b)| u64::from((a ^ b).count_ones())).sum();
            (unequal as f64 - n / 2.0) / (n / 4.0).sqrt()
        })
        .collect();
    let mut battery = Battery::default();
    battery.note("all lags", chi_square(z.iter().map(|z| z * z).sum(), z.len()));
    for (lag, z) in lags.into_iter().zip(z) {
        battery.note(format!("one lag: {lag}"), normal_p(z));
    }
    battery
}

/// Rows of four elements, in many streams: none is there twice, and their first 40 bits are as often as chance has it.
fn duplicates(blocks: &impl Blocks, rows: u64) -> Battery {
    let of =
        |row: u64| blocks(SEED, row >> 12, row & 0xFFF).iter().fold(0u128, |all, word| all << 32 | u128::from(*word));
    let mut all: Vec<u128> = (0..rows).into_par_iter().map(of).collect();
    all.par_sort_unstable();
    let whole = all.chunk_by(|a, b| a == b).map(|run| run.len() as u64 - 1).sum::<u64>();
    let pairs = |run: &[u128]| run.len() as u64 * (run.len() as u64 - 1) / 2;
    let partly: u64 = all.chunk_by(|a, b| a >> 88 == b >> 88).map(pairs).sum();
    let mut battery = Battery::default();
    battery.note(format!("rows twice: {whole}"), if whole == 0 { 1.0 } else { 0.0 });
    // Of n(n − 1)/2 pairs 2^-40 are alike: as 2^-8 of the words of the lattice.
    battery.note(format!("pairs of 40 bits: {partly}"), tail_count_p(partly, (rows * (rows - 1) / 2) >> 8, 1));
    battery
}

/// The rank of a matrix of 64 × 64 bits.
fn rank(mut rows: [u64; 64]) -> usize {
    let mut rank = 0;
    for bit in 0..64 {
        let Some(found) = (rank..64).find(|row| rows[*row] >> bit & 1 == 1) else { continue };
        rows.swap(rank, found);
        let pivot = rows[rank];
        for row in &mut rows[rank + 1..] {
            *row ^= pivot & (*row >> bit & 1).wrapping_neg();
        }
        rank += 1;
    }
    rank
}

/// Matrices of the signs of 64 × 64 elements: as many of rank 64, 63, 62 and less as of fair bits.
fn ranks(words: &[u32], bit: u32) -> f64 {
    let sign = |word: &u32| u64::from(word >> bit & 1);
    let row = |words: &[u32]| words.iter().fold(0, |row, word| row << 1 | sign(word));
    let found = words.par_chunks_exact(64 * 64).map(|matrix| {
        let mut rows = [0; 64];
        for (to, words) in rows.iter_mut().zip(matrix.chunks_exact(64)) {
            *to = row(words);
        }
        (64 - rank(rows)).min(3)
    });
    let found: Vec<usize> = found.collect();
    // P(rank 64 − d) of fair bits: 2^(−d²) ∏ (1 − 2^(i−64))² / (1 − 2^(i−64+d)), over i below 64 − d.
    let law = |d: i32| -> f64 {
        let factor = |i: i32| (1.0 - 2f64.powi(i - 64)).powi(2) / (1.0 - 2f64.powi(i - 64 + d));
        2f64.powi(-d * d) * (0..64 - d).map(factor).product::<f64>()
    };
    let mut probabilities = [law(0), law(1), law(2), 0.0];
    probabilities[3] = 1.0 - probabilities.iter().sum::<f64>();
    let n = found.len() as f64;
    let sum = (0..4).map(|d| {
        let expected = n * probabilities[d];
        (found.iter().filter(|deficit| **deficit == d).count() as f64 - expected).powi(2) / expected
    });
    chi_square(sum.sum(), 3)
}

fn rank_tests(words: &[u32]) -> Battery {
    let mut battery = Battery::default();
    for bit in [31, 30, 16, 0] {
        battery.note(format!("bit {bit}"), ranks(words, bit));
    }
    battery
}

/// A generator of 32 bits of state that passes for a good one by each number: xorshift32.
fn xorshift(count: u64) -> Vec<u32> {
    let mut state = 1u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    (0..count).map(next).collect()
}

/// Multiples of an odd number, which are as even as numbers can be one by one.
fn weyl(_: u64, _: u64, block: u64) -> [u32; 4] {
    [0, 1, 2, 3].map(|word| {
        let [low, _] = wgpu_init::value::word::halves(4 * block + word);
        low.wrapping_mul(0x9e37_79b9)
    })
}

pub(crate) fn rows(level: Level) -> Vec<Row> {
    let (flips, points, lagged, duplicated) = (level.size(18), level.size(27), level.size(22), level.size(24));
    // Some hundred matrices at least.
    let signs = level.size(28).max(1 << 21);
    let of_lags = words(&contract, "lags", lagged);
    let mut delayed = of_lags.clone();
    // The word 777 places before shines through, in one bit of one word of 16.
    for i in (777..delayed.len()).step_by(16) {
        delayed[i] = delayed[i] & !1 | of_lags[i - 777] & 1;
    }
    vec![
        Row::new(
            "avalanche of each bit of seed, stream and index",
            format!("380 × {flips} pairs of blocks"),
            avalanche(&contract, flips),
            [("Philox of 6 rounds", avalanche(&rounds::<6>, flips)), ("of 3 rounds", avalanche(&rounds::<3>, flips))],
        ),
        Row::new(
            "serial: pairs, triples and blocks of words, high and low bits",
            format!("{points} words"),
            serial_tests(&contract, points),
            [
                ("Philox of 2 rounds", serial_tests(&rounds::<2>, points)),
                ("multiples of an odd number", serial_tests(&weyl, points)),
            ],
        ),
        Row::new(
            "lags 1–1000: equal bits",
            format!("{lagged} words"),
            lags(&of_lags),
            [("1 bit of 512 from 777 words before", lags(&delayed))],
        ),
        Row::new(
            "duplicate rows, and pairs of 40 bits",
            format!("{duplicated} rows of 4"),
            duplicates(&contract, duplicated),
            [(
                "12 bits of the stream left out",
                duplicates(&|seed, stream, block| contract(seed, stream & !0xFFF, block), duplicated),
            )],
        ),
        Row::new(
            "ranks of 64 × 64 matrices of signs and of three other bits",
            format!("4 × {} matrices", signs >> 12),
            rank_tests(&words(&contract, "ranks", signs)),
            [("xorshift32", rank_tests(&xorshift(1 << 21)))],
        ),
    ]
}

#[test]
fn the_rank_of_known_matrices() {
    let unit: [u64; 64] = core::array::from_fn(|i| 1 << i);
    assert_eq!(rank(unit), 64);
    assert_eq!(rank([5; 64]), 1);
    assert_eq!(rank(core::array::from_fn(|i| if i < 40 { unit[i] | unit[63] } else { unit[63] })), 41);
}
