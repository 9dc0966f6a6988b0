//! Tail probabilities of the statistics that are tested.

use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// The upper tail of the standard normal, `P(Z > z)`.
pub(super) fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z / core::f64::consts::SQRT_2)
}

/// The density of the standard normal.
pub(super) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * core::f64::consts::PI).sqrt()
}

/// Where the standard normal has this upper tail.
pub(super) fn normal_point(tail: f64) -> f64 {
    core::f64::consts::SQRT_2 * erfc_inv(2.0 * tail)
}

/// Both tails beyond a standardised value.
pub(super) fn two_sided(z: f64) -> f64 {
    (2.0 * normal_tail(z.abs())).min(1.0)
}

/// The tails below and above a standardised sum of squares of this skewness, by the law of Pearson's type III, which is exact for squares
/// of normals.
pub(super) fn squares_tails(z: f64, skewness: f64) -> [f64; 2] {
    let shape = 4.0 / (skewness * skewness);
    // A gamma law of so many degrees is a normal one in all digits that matter: everywhere, or where chances are not small.
    if shape >= 1e6 || shape.is_nan() || (shape >= 1e4 && z.abs() < 3.0) {
        return [normal_tail(-z), normal_tail(z)];
    }
    let at = shape + z * shape.sqrt();
    if at <= 0.0 {
        return [0.0, 1.0];
    }
    let tail = |of: Option<f64>| of.unwrap_or(1.0);
    [tail(checked_gamma_lr(shape, at).ok()), tail(checked_gamma_ur(shape, at).ok())]
}

/// `P(sup |Fₙ − F| ≥ d)` at most, for any law and any n: Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990).
pub(super) fn kolmogorov(n: f64, d: f64) -> f64 {
    (2.0 * (-2.0 * n * d * d).exp()).min(1.0)
}

/// `P(X ≥ count)` of a Poisson law.
pub(super) fn poisson_at_least(count: f64, mean: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    checked_gamma_lr(count, mean).unwrap_or(1.0)
}

/// `P(X ≤ count)` of a Poisson law.
pub(super) fn poisson_at_most(count: f64, mean: f64) -> f64 {
    if mean <= 0.0 { 1.0 } else { checked_gamma_ur(count + 1.0, mean).unwrap_or(1.0) }
}

/// The tails below and above of a chi-squared law.
pub(super) fn chi_squared_tails(value: f64, degrees: f64) -> [f64; 2] {
    squares_tails((value - degrees) / (2.0 * degrees).sqrt(), (8.0 / degrees).sqrt())
}

/// The chance of one or more of `count` independent events of this chance: `1 − (1 − p)^count`.
pub(super) fn any_of(p: f64, count: f64) -> f64 {
    if p >= 1.0 { 1.0 } else { -(count * (-p).ln_1p()).exp_m1() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against R 4's pnorm, pchisq, ppois.
    #[test]
    fn tails() {
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-6, "{a} is not {b}");
        near(normal_tail(6.0), 9.865_876_450_376_946e-10);
        near(normal_point(1e-7), 5.199_337_582_187_47);
        near(chi_squared_tails(30.0, 10.0)[1], 0.000_856_641_210_777_5);
        near(chi_squared_tails(1.0, 10.0)[0], 0.000_172_115_629_955_8);
        near(poisson_at_least(10.0, 2.0), 4.649_807_501_726_378e-5);
        near(poisson_at_most(2.0, 20.0), 4.555_150_256_1e-7);
        near(any_of(1e-12, 1000.0), 1e-9);
        near(kolmogorov(100.0, 0.2), 2.0 * (-8.0f64).exp());
    }

    #[test]
    fn of_many_degrees_both_forms_agree() {
        // Beside the border between them, at five standard deviations.
        let [low, high] = squares_tails(5.0, 2.001e-3);
        let [below, above] = squares_tails(5.0, 1.999e-3);
        assert!((low - below).abs() < 1e-7 && (high / above - 1.0).abs() < 0.05);
    }
}
