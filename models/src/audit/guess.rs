//! What law would explain a stretch that its own law does not.

use super::expectation::Expectation;
use super::law::Law;
use super::probability::kolmogorov;
use super::sample::Sample;
use super::trial::{chance_of_extremes, distance, short};
use wgpu_init::{Initializer, Shape};

/// What would explain the numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    pub(super) text: String,
    /// Whether it is the rule's own initializer for a part of the tensor.
    pub(super) is_shard: bool,
}

/// The chance below which a law does not explain the numbers.
const FITS: f64 = 1e-4;
/// Numbers of parts that tensors are shared by.
const PARTS: [u64; 10] = [2, 4, 8, 16, 32, 64, 3, 6, 12, 24];

/// Moments of what was seen.
struct Seen {
    n: f64,
    mean: f64,
    std: f64,
}

pub(super) fn guess(sample: &Sample, initializer: &Initializer, dims: &[u64]) -> Guess {
    let n = sample.grid.elements as f64;
    let offset = sample.sum / n;
    let variance = (sample.squares / n - offset * offset).max(0.0);
    let seen = Seen { n, mean: sample.shift + offset, std: variance.sqrt() };
    if !(seen.std > 0.0 && seen.std.is_finite()) {
        let (least, most) = (short(sample.min), short(sample.max));
        return Guess { text: format!("no law explains values from {least} to {most}"), is_shard: false };
    }
    if let Some(found) = of_other_shape(sample, &seen, initializer, dims) {
        return found;
    }
    let (law, name) = family(sample, &seen);
    let fits = explains(sample, &seen, &law);
    // Fitted numbers fit better than known ones.
    let explained = if fits { "explained by" } else { "no simple law explains it; the nearest is" };
    let scale = if fits { scale(&seen, &name, dims) } else { String::new() };
    Guess { text: format!("{explained} {}{scale}", name.text), is_shard: false }
}

/// Whether shape, mean and std are the law's.
fn explains(sample: &Sample, seen: &Seen, law: &Law) -> bool {
    let expectation = Expectation::new(law, sample.element);
    let of_mean = (seen.mean - law.mean).abs() <= 5.0 * law.std / seen.n.sqrt();
    let of_std = (seen.std / law.std - 1.0).abs() <= tolerance(seen, law.kurtosis);
    of_mean && of_std && kolmogorov(sample.counted as f64, distance(sample, &expectation)) > FITS
}

/// Relative error of a standard deviation.
fn tolerance(seen: &Seen, kurtosis: f64) -> f64 {
    5.0 * ((kurtosis - 1.0) / (4.0 * seen.n)).sqrt() + 1e-4
}

/// The rule's own initializer, for another shape than the tensor's.
fn of_other_shape(sample: &Sample, seen: &Seen, initializer: &Initializer, dims: &[u64]) -> Option<Guess> {
    let law_of = |dims: &[u64]| Law::of(&initializer.distribution(&Shape::new(dims).ok()?).ok()?);
    let own = law_of(dims)?;
    let fits = |dims: &[u64]| {
        let law = law_of(dims)?;
        // One that does not read the shape explains nothing.
        let differs = (law.std / own.std - 1.0).abs() > 1e-9;
        (differs && explains(sample, seen, &law)).then_some(())
    };
    let text = |what: String| format!("explained by {initializer} of {what}");
    for axis in 0..dims.len().min(3) {
        for parts in PARTS {
            let mut part = dims.to_vec();
            if part[axis].is_multiple_of(parts) && part[axis] > parts {
                part[axis] /= parts;
                if fits(&part).is_some() {
                    let what = format!("a part: axis {axis} in {parts}, the fans of {part:?}");
                    return Some(Guess { text: text(what), is_shard: true });
                }
            }
        }
    }
    if dims.len() >= 2 {
        let mut swapped = dims.to_vec();
        swapped.swap(0, 1);
        let other =
            [(&swapped[..], "its axes the other way round"), (&dims[1..], "each entry of its first axis by itself")];
        for (dims, what) in other {
            if fits(dims).is_some() {
                return Some(Guess { text: text(format!("{what}, the fans of {dims:?}")), is_shard: false });
            }
        }
        for parts in PARTS {
            let mut whole = dims.to_vec();
            whole[0] = whole[0].saturating_mul(parts);
            if fits(&whole).is_some() {
                let what = format!("{parts} such tensors together, the fans of {whole:?}");
                return Some(Guess { text: text(what), is_shard: false });
            }
        }
    }
    None
}

/// A fitted law in words.
struct Fitted {
    text: String,
    is_uniform: bool,
    /// What a truncated normal is called by, over the standard deviation that it has.
    named: f64,
}

/// The nearest of the usual families, with the stretch's own numbers.
fn family(sample: &Sample, seen: &Seen) -> (Law, Fitted) {
    let centre = if seen.mean.abs() < 5.0 * seen.std / seen.n.sqrt() { 0.0 } else { seen.mean };
    let far = (sample.max - centre).max(centre - sample.min);
    // The farthest of n values is one n-th of the way from the bound.
    let bound = far * (1.0 + 1.0 / seen.n);
    let mut all = vec![
        (
            Law::normal(centre, seen.std),
            Fitted { text: format!("normal({}, {})", short(centre), short(seen.std)), is_uniform: false, named: 1.0 },
        ),
        (
            Law::uniform(centre - bound, centre + bound),
            Fitted {
                text: format!("uniform({}, {})", short(centre - bound), short(centre + bound)),
                is_uniform: true,
                named: 1.0,
            },
        ),
    ];
    for (window, part) in [(2.0, 0.879_625_661_034_239_8), (3.0, 0.986_578_219_5)] {
        let (std, cut) = (seen.std / part, window * seen.std / part);
        let text = format!("trunc_normal({}, {}) at ±{window} std", short(centre), short(std));
        all.push((
            Law::truncated(centre, std, centre - cut, centre + cut),
            Fitted { text, is_uniform: false, named: 1.0 / part },
        ));
    }
    // The simplest that fits, else the nearest.
    let fits = |law: &Law| explains(sample, seen, law) && chance_of_extremes(sample, law) > FITS;
    let near = |law: &Law| distance(sample, &Expectation::new(law, sample.element));
    let at = all.iter().position(|(law, _)| fits(law)).or_else(|| {
        let distances: Vec<f64> = all.iter().map(|(law, _)| near(law)).collect();
        (0..all.len()).min_by(|a, b| distances[*a].total_cmp(&distances[*b]))
    });
    all.swap_remove(at.unwrap_or(0))
}

/// Where a scale is known from: `: kaiming_uniform(a=√5) of fan_in 768`.
fn scale(seen: &Seen, fitted: &Fitted, dims: &[u64]) -> String {
    let near = |std: f64| (seen.std / std - 1.0).abs() <= tolerance(seen, if fitted.is_uniform { 1.8 } else { 3.0 });
    let mut known = Vec::new();
    if let [first, second, ..] = dims {
        let taps: u64 = dims[2..].iter().product();
        let fans = [("fan_in", second * taps), ("fan_out", first * taps)];
        for (name, fan) in fans {
            let fan_std = 1.0 / (fan as f64).sqrt();
            let spread = if fitted.is_uniform { "uniform" } else { "normal" };
            for (factor, scheme) in [
                (1.0 / 3f64.sqrt(), format!("kaiming_{spread}(a=√5)")),
                (1.0, format!("lecun_{spread}")),
                (2f64.sqrt(), format!("he_{spread}")),
            ] {
                if near(factor * fan_std) {
                    known.push(format!("{scheme} of {name} {fan}"));
                }
            }
        }
        let both = (first + second) as f64 * taps as f64;
        if near((2.0 / both).sqrt()) {
            known.push("xavier of both fans".to_owned());
        }
    }
    if !fitted.is_uniform {
        let neat = [1.0, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01, 0.006, 0.005, 0.002, 0.001];
        known.extend(neat.into_iter().filter(|std| near(*std / fitted.named)).map(|std| format!("std {std}")));
        let layers = (1..=128u32).find(|layers| near(0.02 / (2.0 * f64::from(*layers)).sqrt()));
        if known.is_empty() {
            known.extend(layers.map(|layers| format!("0.02/√(2·{layers}), as of {layers} layers")));
        }
    }
    known.truncate(2);
    if known.is_empty() { String::new() } else { format!(": {}", known.join(", or ")) }
}
