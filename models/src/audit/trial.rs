//! Statistical tests of a stretch against the law that it should be drawn from.

use super::expectation::Expectation;
use super::law::Law;
use super::probability::{any_of, chi_squared_tails, kolmogorov, squares_tails, two_sided};
use super::sample::{DEPTH, HEAD, Lines, PAGE, Sample};
use super::spectrum::Spectrum;
use core::fmt;

/// What a test looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// The mean.
    Mean,
    /// The standard deviation about the law's mean.
    Std,
    /// The least value.
    Least,
    /// The greatest value.
    Greatest,
    /// The distance of the cumulated distribution from the law's (Kolmogorov and Smirnov).
    Shape,
    /// Values that come more often than they should, such as a value that others were cut off to.
    Frequencies,
    /// Numbers of the format that should be there and are not.
    Vacancies,
    /// The means of rows.
    RowMeans,
    /// The squared norms of rows.
    RowNorms,
    /// The means of columns.
    ColumnMeans,
    /// The squared norms of columns.
    ColumnNorms,
    /// Mean and variance of stretches of rows.
    Blocks,
    /// The products of neighbours in a row.
    Neighbours,
    /// Rows that are there twice.
    RepeatedRows,
    /// Columns that are there twice.
    RepeatedColumns,
    /// Pages of 4 KiB that are there twice.
    RepeatedPages,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Least => "least value",
            Self::Greatest => "greatest value",
            Self::Shape => "shape",
            Self::Frequencies => "frequencies",
            Self::Vacancies => "vacancies",
            Self::RowMeans => "row means",
            Self::RowNorms => "row norms",
            Self::ColumnMeans => "column means",
            Self::ColumnNorms => "column norms",
            Self::Blocks => "blocks of rows",
            Self::Neighbours => "neighbours",
            Self::RepeatedRows => "repeated rows",
            Self::RepeatedColumns => "repeated columns",
            Self::RepeatedPages => "repeated pages",
        })
    }
}

/// A test that was made.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trial {
    pub(super) check: Check,
    /// The chance, under the law, of what was seen or something that fits even less.
    pub(super) p: f64,
    /// What was seen, for a person.
    pub(super) seen: String,
}

/// Takes a test, its chance, and what was seen.
type Push<'a> = &'a mut dyn FnMut(Check, f64, &dyn Fn() -> String);

/// Elements of a sum whose law is taken for a normal one where the values' law is symmetric, and where it is not.
const FEW: f64 = 16.0;
const MANY: f64 = 5000.0;
/// No generator of normals reaches further than some bound: of 24-bit words 5.77, of 32-bit words 6.66 standard deviations. A greatest value
/// beyond this is not too small.
const REACH: f64 = 5.4;

/// The stretch has no NaN and no infinity.
/// What was seen is kept of tests with a chance of `told` at most.
pub(super) fn trials(sample: &Sample, expectation: &Expectation, told: f64) -> Vec<Trial> {
    let law = &expectation.law;
    let n = sample.grid.elements as f64;
    let counted = sample.counted as f64;
    let spectrum = Spectrum::new(sample, expectation);
    let mut all = Vec::new();
    let mut push = |check, p: f64, seen: &dyn Fn() -> String| {
        let seen = if p <= told { seen() } else { String::new() };
        all.push(Trial { check, p, seen });
    };
    let vacancies = spectrum.vacancies(counted);
    // Values on a lattice of their own: the law is compared as far as that lets it.
    let is_on_lattice = vacancies.is_some_and(|(empty, p)| p < 1e-9 && empty > 16);
    let slack = if is_on_lattice { spectrum.largest(counted) } else { spectrum.slack(law) };
    let [low, high] = law.support();
    let width = if low.is_finite() && high.is_finite() { high - low } else { 8.0 * law.std };
    if let Some((empty, p)) = vacancies {
        push(Check::Vacancies, p, &|| format!("{empty} numbers of the format that should be there are not"));
    }
    let enough = if law.is_symmetric { FEW } else { MANY };
    // Where everything is rounded to one number there is nothing to add up.
    let has_moments = law.std > 0.0 && law.kurtosis * FEW < n;
    if n >= enough && has_moments {
        let (mean, error) = (sample.sum / n, law.std / n.sqrt());
        let off = ((mean - law.bias).abs() - slack * width).max(0.0);
        push(Check::Mean, two_sided(off / error), &|| format!("mean {}", short(law.mean + mean)));
        let variance = law.std * law.std;
        let excess = sample.squares / variance - n;
        // What is moved by a step at the end of the law, in units of its variance.
        let moved = slack * n * width * sample.element.step() * low.abs().max(high.abs()).min(width * 1e6) / variance;
        let moved = if slack > 0.0 { moved } else { 0.0 };
        let spread = (n * (law.kurtosis - 1.0)).sqrt();
        let excess = excess.signum() * (excess.abs() - moved).max(0.0);
        let tails = squares_tails(excess / spread, law.squares_skewness / n.sqrt());
        let std = (sample.squares / n).sqrt();
        push(Check::Std, both(tails), &|| format!("std {} for {}", short(std), short(law.std)));
    }
    if !law.has_atom() {
        let (least, greatest) = extremes(sample, law, n, if is_on_lattice { slack * width } else { 0.0 });
        push(Check::Least, least, &|| format!("least {}", short(sample.min)));
        push(Check::Greatest, greatest, &|| format!("greatest {}", short(sample.max)));
    }
    let distance = spectrum.distance(counted);
    let seen = || format!("its distribution is up to {} beside the law's", short(distance));
    push(Check::Shape, kolmogorov(counted, (distance - slack).max(0.0)), &seen);
    if let Some(worst) = spectrum.frequencies(counted, is_on_lattice, law) {
        let seen =
            |(value, count, expected, _)| format!("{} comes {count} times for {}", short(value), short(expected));
        push(Check::Frequencies, worst.map_or(1.0, |(.., p)| p), &|| worst.map_or_else(String::new, seen));
    }
    let collision = spectrum.collision(counted);
    // Rows are measured by what the whole is: that it is as it should be was asked already.
    let own = Own::new(sample, n);
    if sample.grid.is_matrix && !is_on_lattice && has_moments && own.std > 0.0 {
        let columns = sample.grid.columns as f64;
        lines(&sample.rows, columns, law, &own, enough, [Check::RowMeans, Check::RowNorms], &mut push);
        let rows = n / columns;
        lines(&sample.columns(), rows, law, &own, enough, [Check::ColumnMeans, Check::ColumnNorms], &mut push);
    }
    if !is_on_lattice
        && has_moments
        && own.std > 0.0
        && let Some((p, seen)) = blocks(sample, law, &own, enough)
    {
        push(Check::Blocks, p, &|| seen.clone());
    }
    if sample.pairs >= MANY && !is_on_lattice && has_moments && own.std > 0.0 {
        let covariance = sample.neighbours / sample.pairs - own.offset * own.offset;
        let correlation = covariance / (own.std * own.std);
        let p = two_sided(correlation * sample.pairs.sqrt());
        push(Check::Neighbours, p, &|| format!("neighbours are correlated by {}", short(correlation)));
    }
    repeats(sample, collision, &mut push);
    all
}

/// The moments of the whole stretch.
struct Own {
    /// Of its mean from the shift.
    offset: f64,
    std: f64,
}

impl Own {
    fn new(sample: &Sample, n: f64) -> Self {
        let offset = sample.sum / n;
        Self { offset, std: (sample.squares / n - offset * offset).max(0.0).sqrt() }
    }
}

/// Twice the smaller tail.
fn both(tails: [f64; 2]) -> f64 {
    (2.0 * tails[0].min(tails[1])).min(1.0)
}

/// The chance of the extremes, corrected for both.
pub(super) fn chance_of_extremes(sample: &Sample, law: &Law) -> f64 {
    let (least, greatest) = extremes(sample, law, sample.grid.elements as f64, 0.0);
    (2.0 * least.min(greatest)).min(1.0)
}

/// By order statistics: `P(max ≤ m) = F(m)ⁿ`. `lattice` is the distance of numbers that are further apart than the format's.
fn extremes(sample: &Sample, law: &Law, n: f64, lattice: f64) -> (f64, f64) {
    let [low, high] = law.support();
    let reach = |value: f64| sample.element.step() * value.abs() + sample.element.tiny() + lattice;
    // What is rounded may go to the bound, and by an operation of its own beyond it.
    let slack = 4.0
        * sample.element.step()
        * (if low.is_finite() { low.abs() } else { 0.0 }).max(if high.is_finite() { high.abs() } else { 0.0 });
    let is_far = |value: f64| (value - law.mean).abs() > REACH * law.std;
    let [min, max] = [sample.min, sample.max];
    let least = if min < low - slack {
        0.0
    } else {
        let beyond = any_of(law.below(min + reach(min)), n);
        let within = if is_far(min) { 1.0 } else { (n * (-law.below(min - reach(min))).ln_1p()).exp() };
        // No value of a bounded law is too low; it may be too high.
        both([beyond.max(f64::from(u8::from(low.is_finite()))), within])
    };
    let greatest = if max > high + slack {
        0.0
    } else {
        let beyond = any_of(law.above(max - reach(max)), n);
        let within = if is_far(max) { 1.0 } else { (n * (-law.above(max + reach(max))).ln_1p()).exp() };
        both([beyond.max(f64::from(u8::from(high.is_finite()))), within])
    };
    (least, greatest)
}

/// Rows, or columns, of `length` elements.
fn lines(lines: &Lines, length: f64, law: &Law, own: &Own, enough: f64, [means, norms]: [Check; 2], push: Push<'_>) {
    if length < enough || length < FEW * law.kurtosis || lines.count < 2.0 {
        return;
    }
    let variance = own.std * own.std;
    // About the mean of the whole, which is that of the lines.
    let centred = (lines.sums_squared - lines.count * (length * own.offset).powi(2)).max(0.0);
    let farthest = (lines.farthest - length * own.offset.abs()).max(0.0) / (length * variance).sqrt();
    let of_one = any_of(two_sided(farthest), lines.count);
    let of_all = both(chi_squared_tails(centred / (length * variance), lines.count - 1.0));
    let ratio = (centred / (length * variance * (lines.count - 1.0))).sqrt();
    let seen = || {
        format!(
            "means lie {} times as far apart as they should, one {} standard errors off",
            short(ratio),
            short(farthest)
        )
    };
    push(means, (2.0 * of_one.min(of_all)).min(1.0), &seen);
    let spread = variance * (length * (law.kurtosis - 1.0)).sqrt();
    let standard = |squares: f64| (squares - length * (variance + own.offset * own.offset)) / spread;
    let skewness = law.squares_skewness / length.sqrt();
    let [below, above] =
        [squares_tails(standard(lines.least.0), skewness)[0], squares_tails(standard(lines.greatest.0), skewness)[1]];
    let std = |(squares, _): (f64, u64)| short((squares / length).sqrt());
    let (least, greatest) = (std(lines.least), std(lines.greatest));
    let seen = || format!("stds from {least} (number {}) to {greatest} (number {})", lines.least.1, lines.greatest.1);
    push(norms, any_of(below.min(above), 2.0 * lines.count), &seen);
}

/// The stretch of rows that fits least: halves, quarters and so on, down to what sums are kept of.
fn blocks(sample: &Sample, law: &Law, own: &Own, enough: f64) -> Option<(f64, String)> {
    let variance = own.std * own.std;
    let mut worst: Option<(f64, String)> = None;
    let mut count = 0.0;
    for parts in [2, 4, 8, 16, 32, 64, 128, 256] {
        let merged = sample.merged(parts);
        // Of fewer rows the whole was looked at already.
        if merged.len() < parts {
            break;
        }
        for (at, [sum, squares, n]) in merged.iter().enumerate().filter(|(_, [.., n])| *n >= enough.max(64.0)) {
            count += 1.0;
            let of_mean = two_sided((sum - n * own.offset) / (n * variance).sqrt());
            let centred = squares - 2.0 * own.offset * sum + n * own.offset * own.offset;
            let z = (centred - n * variance) / (variance * (n * (law.kurtosis - 1.0)).sqrt());
            let p = of_mean.min(both(squares_tails(z, law.squares_skewness / n.sqrt())));
            if worst.as_ref().is_none_or(|(least, _)| p < *least) {
                let (mean, std) = (short(sample.shift + sum / n), short((centred / n).sqrt()));
                worst = Some((p, format!("part {} of {parts} of its rows has mean {mean} and std {std}", at + 1)));
            }
        }
    }
    worst.map(|(p, seen)| (any_of(p, 2.0 * count), seen))
}

/// Rows, columns and pages that are there twice.
fn repeats(sample: &Sample, collision: f64, push: Push<'_>) {
    let mut test = |check, found: Repeats, elements: f64, what: &str| {
        let pairs = found.of * (found.of - 1.0) / 2.0;
        let p = if found.count > 0 { -(-pairs * collision.powf(elements)).exp_m1() } else { 1.0 };
        let [first, second] = found.pair;
        push(check, p, &|| format!("{} {what} are there before; {second} is as {first}", found.count));
    };
    let size = sample.element.size() as f64;
    if sample.grid.is_matrix {
        let head = (sample.grid.unit() as f64 * sample.grid.columns as f64).min(HEAD as f64 / size);
        let mut found = repeated(&sample.heads);
        found.pair = found.pair.map(|row| row * sample.grid.unit());
        test(Check::RepeatedRows, found, head, "rows");
        let heads = [(0, sample.column_heads.clone())];
        let rows = sample.grid.rows().min(DEPTH) as f64;
        // A hash of 64 bits says nothing of fewer bits than it has.
        if rows >= 8.0 {
            test(Check::RepeatedColumns, repeated(&heads), rows, "columns");
        }
    }
    test(Check::RepeatedPages, repeated(&sample.pages), PAGE as f64 / size, "pages of 4 KiB");
}

/// What was found twice.
struct Repeats {
    count: u64,
    /// Of how many.
    of: f64,
    /// The first two that are alike.
    pair: [u64; 2],
}

fn repeated(runs: &[(u64, Vec<u64>)]) -> Repeats {
    let each = runs.iter().flat_map(|(first, run)| run.iter().zip(*first..).map(|(hash, at)| (*hash, at)));
    let mut all: Vec<(u64, u64)> = each.collect();
    let of = all.len();
    all.sort_unstable();
    let same = all.windows(2).filter(|pair| pair[0].0 == pair[1].0);
    let count = same.clone().count() as u64;
    let pair = same.map(|pair| [pair[0].1, pair[1].1]).min_by_key(|pair| pair[1]).unwrap_or_default();
    Repeats { count, of: of as f64, pair }
}

/// Four digits.
pub(super) fn short(number: f64) -> String {
    if number != 0.0 && !(1e-3..1e5).contains(&number.abs()) {
        return format!("{number:.3e}");
    }
    let digits = if number == 0.0 { 0.0 } else { 3.0 - number.abs().log10().floor() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 6")]
    let digits = digits.clamp(0.0, 6.0) as usize;
    let text = format!("{number:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The distance of a stretch's cumulated distribution from a law's.
pub(super) fn distance(sample: &Sample, expectation: &Expectation) -> f64 {
    Spectrum::new(sample, expectation).distance(sample.counted as f64)
}
