//! Moments and tails of what all 2^32 words give, beside the exact integrals of the laws: no sample, so nothing is left to chance. The normal, the
//! uniform and truncated windows in f32; `./check --exhaustive` runs it and writes the tables of `docs/statistics.md`, and the ordinary tests take one
//! word of 2^12 and all that is far out.

mod support;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::fmt::Write;
use std::ops::Range;
use support::checks::{Law, report, upper_tail, words_from};
use support::constants::constants;
use wgpu_init::value::normal::normal_unit;
use wgpu_init::{DType, Initializer};

const WORDS: u64 = 1 << 32;
/// Words of one partial sum.
const SLICE: u64 = 1 << 20;
/// How far mean (in standard deviations), standard deviation (as a ratio), skewness and kurtosis may be from the law's over all words. A window that
/// holds a thousandth of the law has 2^22 words for it, and f32 has 24 bits.
const MOST: [f64; 4] = [4e-7, 4e-7, 2e-6, 8e-6];
/// The most that the count of words beyond a distance may differ from the integral: one at either end, and those whose exact value is within one
/// unit in the last place.
const TAILS: [f64; 12] = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.3];
const DOCUMENT: &str = "docs/statistics.md";
const START: &str = "<!-- tables of ./check --exhaustive -->\n";
const END: &str = "<!-- end of tables -->";

fn laws() -> [Initializer; 6] {
    [
        Initializer::normal(0.0, 1.0),
        Initializer::normal(-1.0, 0.02),
        Initializer::uniform(-1.0, 1.0),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
        Initializer::trunc_normal(0.0, 0.02, 0.06, 0.08),
    ]
}

/// Sums of the first four powers of (value − mean)/std, each value with a weight.
type Sums = [f64; 4];

fn add(sums: Sums, other: Sums) -> Sums {
    core::array::from_fn(|i| sums[i] + other[i])
}

/// Differences from the law: of the mean in standard deviations, of the standard deviation as a ratio, of skewness and of kurtosis.
fn differences(law: Initializer, words: impl Fn(&(dyn Fn(u32) -> Sums + Sync)) -> (f64, Sums)) -> [f64; 4] {
    let constants = constants(law, DType::F32);
    let (mean, std, exact) = Law::of(law).moments();
    let powers = |word: u32| {
        let unit = (f64::from(f32::from_bits(constants.element(word))) - mean) / std;
        [unit, unit.powi(2), unit.powi(3), unit.powi(4)]
    };
    let (n, sums) = words(&powers);
    let [a, b, c, d] = sums.map(|sum| sum / n);
    let variance = b - a * a;
    let third = c - 3.0 * a * b + 2.0 * a.powi(3);
    let fourth = d - 4.0 * a * c + 6.0 * a * a * b - 3.0 * a.powi(4);
    [a, variance.sqrt() - 1.0, third / variance.powf(1.5) - exact[3], fourth / variance.powi(2) - exact[4]]
}

/// All words.
fn all(powers: &(dyn Fn(u32) -> Sums + Sync)) -> (f64, Sums) {
    let slice = |range: Range<u64>| {
        let word = |word| powers(u32::try_from(word).expect("a word"));
        range.map(word).fold([0.0; 4], add)
    };
    let slices: Vec<Sums> = (0..WORDS / SLICE).into_par_iter().map(|i| slice(i * SLICE..(i + 1) * SLICE)).collect();
    (WORDS as f64, slices.into_iter().fold([0.0; 4], add))
}

/// The middle word of each 2^12, and every word of the outermost 2^20, where the middle one stands for others badly.
fn stratified(powers: &(dyn Fn(u32) -> Sums + Sync)) -> (f64, Sums) {
    const OUTER: u32 = 1 << 20;
    let middle = |stratum: u32| {
        // Between two words: the mean of both.
        let [a, b] = [0x7FF, 0x800].map(|low| powers(stratum << 12 | low));
        core::array::from_fn(|i| 2048.0 * (a[i] + b[i]))
    };
    let inner = (OUTER >> 12..(1 << 20) - (OUTER >> 12)).map(middle).fold([0.0; 4], add);
    let outer = (0..OUTER).chain(!0 - (OUTER - 1)..=!0).map(powers).fold([0.0; 4], add);
    (WORDS as f64, add(inner, outer))
}

fn verdict(law: Initializer, found: [f64; 4], most: [f64; 4]) -> Vec<String> {
    let names = ["mean", "standard deviation", "skewness", "kurtosis"];
    let wrong = names.iter().zip(found).zip(most).filter(|((_, found), most)| found.is_nan() || found.abs() > *most);
    wrong.map(|((name, found), most)| format!("{law}: {name} is off by {found:.2e}, at most {most:.0e}")).collect()
}

/// Words beyond a distance on both sides, and what the integral has of them.
fn tail(z: f64) -> (u64, f64) {
    let below = |word: u32| normal_unit(!word) ^ 0x8000_0000;
    (words_from(normal_unit, z) + words_from(below, z), 2.0 * upper_tail(z) * WORDS as f64)
}

/// What a tail may be off: one word at either end, and those within a unit in the last place.
fn slack(z: f64) -> f64 {
    2.0 + 2.0 * WORDS as f64 * (-z * z / 2.0).exp() / core::f64::consts::TAU.sqrt() * z * 2f64.powi(-23)
}

fn tails() -> (String, Vec<String>) {
    let mut text =
        String::from("| beyond | words | 2^32 times the integral | difference |\n| ---: | ---: | ---: | ---: |\n");
    let mut wrong = Vec::new();
    for z in TAILS {
        let (words, exact) = tail(z);
        let difference = words as f64 - exact;
        let _ = writeln!(text, "| {z} | {words} | {exact:.2} | {difference:+.2} |");
        if difference.abs() > slack(z) {
            wrong.push(format!("{words} words beyond {z}, {exact:.2} by the law"));
        }
    }
    (text, wrong)
}

#[test]
fn tails_have_as_many_words_as_the_integral_says() {
    let (text, wrong) = tails();
    report(text);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_part_of_all_words_has_the_moments_of_the_laws() {
    for law in laws() {
        let found = differences(law, stratified);
        report(format!("{law}: {found:?}"));
        let wrong = verdict(law, found, MOST.map(|most| 4.0 * most));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// What is off by a thousandth of a standard deviation, or cut a thousandth too early, does not pass.
#[test]
fn wrong_moments_are_seen() {
    for (drawn, law) in [
        (Initializer::normal(0.0, 1.000_01), laws()[0]),
        (Initializer::uniform(-1.0, 0.999_99), laws()[2]),
        (Initializer::trunc_normal(0.0, 0.02, -0.04, 0.039_99), laws()[3]),
        (Initializer::trunc_normal(0.5, 1.0, 0.000_01, 9.0), laws()[4]),
        (Initializer::trunc_normal(0.0, 0.02, 0.06, 0.0799), laws()[5]),
    ] {
        let constants = constants(drawn, DType::F32);
        let (mean, std, _) = Law::of(law).moments();
        let powers = |word: u32| {
            let unit = (f64::from(f32::from_bits(constants.element(word))) - mean) / std;
            [unit, unit.powi(2), unit.powi(3), unit.powi(4)]
        };
        let found = differences(law, |_| stratified(&powers));
        assert!(!verdict(law, found, MOST.map(|most| 4.0 * most)).is_empty(), "{drawn} passes for {law}: {found:?}");
    }
}

#[test]
#[ignore = "all 2^32 words: ./check --exhaustive"]
fn all_words_have_the_moments_of_the_laws() {
    let mut text = String::from(
        "| law, in f32 | mean | standard deviation | skewness | kurtosis | differences: mean, in standard deviations | of the deviation, as a ratio | of the skewness | of the kurtosis |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut wrong = Vec::new();
    for law in laws() {
        let found = differences(law, all);
        let (mean, std, exact) = Law::of(law).moments();
        let of = found.map(|found| format!("{found:+.1e}")).join(" | ");
        let _ = writeln!(text, "| `{law}` | {mean:.8} | {std:.8} | {:.6} | {:.6} | {of} |", exact[3], exact[4]);
        wrong.extend(verdict(law, found, MOST));
    }
    let (of_tails, wrong_tails) = tails();
    wrong.extend(wrong_tails);
    let text = format!("{text}\n{of_tails}");
    report(&text);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if std::env::var_os("WGPU_INIT_WRITE_DOCS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
        let document = std::fs::read_to_string(&path).expect("the document");
        let (before, rest) = document.split_once(START).expect("the start of the tables");
        let (_, after) = rest.split_once(END).expect("the end of the tables");
        std::fs::write(&path, format!("{before}{START}{text}{END}{after}")).expect("written");
    }
}
