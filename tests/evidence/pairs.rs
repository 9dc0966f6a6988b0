//! Many tensors at the same place: layers of one model, and one tensor under many seeds.

use crate::support::checks::{Battery, normal_p, normals};
use crate::support::sample::chi_square;
use crate::table::{Level, Row};
use crate::{Blocks, contract};
use rayon::prelude::*;
use wgpu_init::{Seed, Stream};

/// Correlations of each pair of tensors: of their normals, of the normals' squares, and equal bits of the words. For each kind the sum of squares over
/// all pairs, and the greatest.
fn pairs(keys: &[(u64, u64)], blocks: &impl Blocks, count: u64) -> Battery {
    let words: Vec<Vec<u32>> = keys
        .par_iter()
        .map(|(seed, stream)| (0..count / 4).flat_map(|block| blocks(*seed, *stream, block)).collect())
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "they are f32")]
    let values: Vec<Vec<f32>> =
        words.par_iter().map(|words| normals(words).into_iter().map(|x| x as f32).collect()).collect();
    let squares: Vec<Vec<f32>> = values
        .par_iter()
        .map(|values| values.iter().map(|x| (x * x - 1.0) * core::f32::consts::FRAC_1_SQRT_2).collect())
        .collect();
    let n = count as f64;
    let each = |of: &(dyn Fn(usize, usize) -> f64 + Sync)| -> Vec<f64> {
        (0..keys.len()).into_par_iter().flat_map_iter(|a| (0..a).map(move |b| of(a, b))).collect()
    };
    let correlation = |of: &Vec<Vec<f32>>, a: usize, b: usize| dot(&of[a], &of[b]) / n.sqrt();
    let bits = |a: usize, b: usize| {
        let unequal: u64 = words[a].iter().zip(&words[b]).map(|(a, b)| u64::from((a ^ b).count_ones())).sum();
        (unequal as f64 - 16.0 * n) / (8.0 * n).sqrt()
    };
    let mut battery = Battery::default();
    for (kind, z) in [
        ("values", each(&|a, b| correlation(&values, a, b))),
        ("squares", each(&|a, b| correlation(&squares, a, b))),
        ("bits", each(&bits)),
    ] {
        battery.note(format!("{kind}, sum of squares"), chi_square(z.iter().map(|z| z * z).sum(), z.len()));
        let greatest = z.iter().fold(0f64, |greatest, z| greatest.max(z.abs()));
        battery.note(format!("{kind}, the greatest"), (normal_p(greatest) * z.len() as f64).min(1.0));
    }
    battery
}

/// In lanes, for vector code.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.chunks(4096).zip(b.chunks(4096)) {
        let mut lanes = [0f32; 16];
        for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
            for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *lane += a * b;
            }
        }
        sum += lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>();
    }
    sum
}

const TENSORS: u64 = 512;

pub(crate) fn rows(level: Level) -> Vec<Row> {
    // Squares are far from normal in sums of fewer.
    let count = level.size(15).max(1 << 12);
    let layers: Vec<_> = (0..TENSORS)
        .map(|i| {
            let module = ["self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj", "mlp.down_proj"][(i % 4) as usize];
            (2026, Stream::from_name(&format!("model.layers.{}.{module}.weight", i / 4)).get())
        })
        .collect();
    let stream = Stream::from_name("transformer.wte.weight").get();
    // Half of them as people choose them, half as members of an ensemble have them.
    let seed = |i: u64| if i < TENSORS / 2 { i } else { Seed::new(2026).fold_in(i).get() };
    let seeds: Vec<_> = (0..TENSORS).map(|i| (seed(i), stream)).collect();
    let size = format!("{} pairs of {count} elements", TENSORS * (TENSORS - 1) / 2);
    // One word of so many is another layer's, or another seed's.
    let shared = |every: u64| {
        move |seed: u64, stream: u64, block: u64| {
            let mut words = contract(seed, stream, block);
            if block.is_multiple_of(every / 4) {
                words[0] = contract(seed, 0, block)[0];
            }
            words
        }
    };
    let shared_by_seeds = |every: u64| {
        move |seed: u64, stream: u64, block: u64| {
            let mut words = contract(seed, stream, block);
            if block.is_multiple_of(every / 4) {
                words[0] = contract(0, stream, block)[0];
            }
            words
        }
    };
    let faults = ["one word of 64 is the same in all", "one of 8"];
    vec![
        Row::new(
            "layers of one model: correlations of values, squares and bits",
            size.clone(),
            pairs(&layers, &contract, count),
            faults.into_iter().zip([pairs(&layers, &shared(64), count), pairs(&layers, &shared(8), count)]),
        ),
        Row::new(
            "one tensor under 512 seeds: the same",
            size,
            pairs(&seeds, &contract, count),
            faults
                .into_iter()
                .zip([pairs(&seeds, &shared_by_seeds(64), count), pairs(&seeds, &shared_by_seeds(8), count)]),
        ),
    ]
}
