//! Singular values of matrices of normals: the largest against Tracy and Widom's law, the smallest against Edelman's, and all of them
//! against Marchenko and Pastur's by sums over a matrix whose means are exact and whose spread is that of random matrices, much less than
//! that of independent numbers.
//!
//! λ are the eigenvalues of XᵀX/n of an n × p matrix X, y = p/n ≤ 1. They lie on [(1 − √y)², (1 + √y)²], which x = (λ − 1 − y)/(2√y) takes to
//! [−1, 1].

use crate::support::checks::{Battery, normal_p};
use crate::support::sample::{chi_square, kolmogorov};
use crate::table::{Level, Row};
use nalgebra::DMatrix;
use rayon::prelude::*;
use statrs::distribution::{ContinuousCDF, Gamma};
use statrs::function::gamma::digamma;
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

/// Mean and variance of Tracy and Widom's law of real matrices, and its fourth cumulant over the square of the variance (Bornemann, On the
/// numerical evaluation of distributions in random matrix theory, 2010).
const TRACY_WIDOM: [f64; 3] = [-1.206_533_574_582, 1.607_781_034_581, 0.165_242_938_4];

/// What is done to the elements of matrix number `i`.
type Fault<'a> = &'a (dyn Fn(u64, &mut [f32]) + Sync);

/// The eigenvalues of XᵀX/n of a matrix of normals, ascending.
fn spectrum(i: u64, [n, p]: [u64; 2], fault: Fault<'_>) -> Vec<f64> {
    let [rows, columns] = [n, p].map(|size| usize::try_from(size).expect("small"));
    let fill = Fill::new(Shape::new([n, p]).expect("a shape"), Initializer::normal(0.0, 1.0)).expect("valid");
    let mut elements = vec![0f32; rows * columns];
    let name = format!("model.layers.{i}.weight.{n}x{p}");
    CpuExecutor::new().run([(&mut elements, fill.named(Seed::new(2026), &name))]).expect("the target fits");
    fault(i, &mut elements);
    let x = DMatrix::from_row_iterator(rows, columns, elements.into_iter().map(f64::from));
    let mut values: Vec<f64> = (x.tr_mul(&x) / n as f64).symmetric_eigenvalues().iter().copied().collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// P(x or less) by Tracy and Widom's law, as a shifted gamma law has it to some thousandths (Chiani, Distribution of the largest eigenvalue for
/// real Wishart and Gaussian random matrices, 2014).
fn tracy_widom(x: f64) -> f64 {
    Gamma::new(46.446, 1.0 / 0.186_054).expect("a law").cdf((x + 9.848_01).max(0.0))
}

/// The greatest distance of the distribution function of some numbers from their law's, as a p-value.
fn distance(mut values: Vec<f64>, law: impl Fn(f64) -> f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let both = |(at, x): (usize, &f64)| {
        let through = law(*x);
        (through - at as f64 / n).abs().max((through - (at + 1) as f64 / n).abs())
    };
    kolmogorov(values.iter().enumerate().map(both).fold(0.0, f64::max), n)
}

/// p-values of the mean of numbers whose mean and variance are known, and of their squared distances from it, whose fourth cumulant over the
/// square of the variance is `kurtosis`.
fn mean_and_spread(battery: &mut Battery, name: &str, values: &[f64], [mean, variance, kurtosis]: [f64; 3]) {
    let n = values.len() as f64;
    let found = values.iter().sum::<f64>() / n;
    battery.note(format!("{name}, mean"), normal_p((found - mean) / (variance / n).sqrt()));
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2) / variance).sum();
    if kurtosis == 0.0 {
        battery.note(format!("{name}, spread"), chi_square(squares, values.len()));
    } else {
        battery.note(format!("{name}, spread"), normal_p((squares / n - 1.0) / ((2.0 + kurtosis) / n).sqrt()));
    }
}

/// The sum of 1/(x + k)² over all k from 0 on.
fn trigamma(x: f64) -> f64 {
    let far = x + 30.0;
    let near: f64 = (0..30).map(|k| (x + f64::from(k)).powi(-2)).sum();
    near + 1.0 / far + 0.5 / far.powi(2) + 1.0 / (6.0 * far.powi(3)) - 1.0 / (30.0 * far.powi(5))
}

/// All that is asked of so many matrices.
fn matrices(size: [u64; 2], count: u64, fault: Fault<'_>) -> Battery {
    let spectra: Vec<Vec<f64>> = (0..count).into_par_iter().map(|i| spectrum(i, size, fault)).collect();
    let [n, p] = size.map(|size| size as f64);
    let y = p / n;
    let mut battery = Battery::default();
    // Centre and unit that make the largest right to the second order (Ma, Accuracy of the Tracy–Widom limits for the extreme eigenvalues in
    // white Wishart matrices, 2012).
    let [a, b] = [n, p].map(|size| (size - 0.5).sqrt());
    let (centre, unit) = ((a + b).powi(2), (a + b) * (1.0 / a + 1.0 / b).cbrt());
    let largest: Vec<f64> = spectra.iter().map(|of| (n * of[of.len() - 1] - centre) / unit).collect();
    battery.note("largest", distance(largest.clone(), tracy_widom));
    mean_and_spread(&mut battery, "largest", &largest, TRACY_WIDOM);
    if size[0] == size[1] {
        // n λ of the smallest: Edelman, Eigenvalues and condition numbers of random matrices (1988).
        let smallest = spectra.iter().map(|of| n * n * of[0]).collect();
        battery.note("smallest", distance(smallest, |x| 1.0 - (-x / 2.0 - x.max(0.0).sqrt()).exp()));
    } else {
        // The logarithm of the determinant: a sum of those of independent chi-squares, so its moments are exact.
        let halves = (0..size[1]).map(|i| (n - i as f64) / 2.0);
        let mean: f64 = halves.clone().map(|half| digamma(half) + (2.0 / n).ln()).sum();
        let logarithms: Vec<f64> = spectra.iter().map(|of| of.iter().map(|x| x.ln()).sum()).collect();
        mean_and_spread(&mut battery, "log det", &logarithms, [mean, halves.map(trigamma).sum(), 0.0]);
    }
    // Sums of Chebyshev polynomials T₁ to T₃ of x: their means follow from the exact moments of real Wishart matrices, which Marchenko and Pastur's
    // law has in the limit; their variances are k/2 (Bai and Silverstein, CLT for linear spectral statistics, 2004).
    let moments = [p, p * (n + p + 1.0) / n, p * (n * n + p * p + 3.0 * n * p + 3.0 * (n + p) + 4.0) / (n * n)];
    for k in 1..=3 {
        let of = |sums: [f64; 3]| {
            // Sums of x, x² and x³ from those of λ, λ² and λ³.
            let (shift, scale) = (1.0 + y, 2.0 * y.sqrt());
            let one = (sums[0] - p * shift) / scale;
            let two = (sums[1] - 2.0 * shift * sums[0] + p * shift * shift) / (scale * scale);
            let three =
                (sums[2] - 3.0 * shift * sums[1] + 3.0 * shift * shift * sums[0] - p * shift.powi(3)) / scale.powi(3);
            [one, 2.0 * two - p, 4.0 * three - 3.0 * one][k - 1]
        };
        let sums = |values: &Vec<f64>| [1, 2, 3].map(|power| values.iter().map(|x| x.powi(power)).sum::<f64>());
        let found: Vec<f64> = spectra.iter().map(|values| of(sums(values))).collect();
        mean_and_spread(&mut battery, &format!("T{k}"), &found, [of(moments), k as f64 / 2.0, 0.0]);
    }
    battery
}

pub(crate) fn rows(level: Level) -> Vec<Row> {
    let count = level.size(11).max(128);
    let all = |test: &'static str, size: [u64; 2]| {
        let columns = usize::try_from(size[1]).expect("small");
        let twice = |_: u64, elements: &mut [f32]| elements.copy_within(..columns, columns);
        let larger = |_: u64, elements: &mut [f32]| elements.iter_mut().for_each(|x| *x *= 1.002);
        let every_other = |i: u64, elements: &mut [f32]| {
            let factor = if i.is_multiple_of(2) { 1.05 } else { 0.95 };
            elements.iter_mut().for_each(|x| *x *= factor);
        };
        let controls: [(&'static str, Fault<'_>); 3] = [
            ("one row of each is there twice", &twice),
            ("elements 0.2 % too large", &larger),
            ("5 % too large and too small in turn", &every_other),
        ];
        let wrong = controls.map(|(fault, make)| (fault, matrices(size, count, make)));
        Row::new(test, format!("{count} matrices"), matrices(size, count, &|_, _| ()), wrong)
    };
    vec![
        all(
            "singular values, 256 × 256: the largest (Tracy–Widom), the smallest (Edelman), sums (Marchenko–Pastur)",
            [256, 256],
        ),
        all("singular values, 384 × 128: the largest, the determinant, sums", [384, 128]),
    ]
}
