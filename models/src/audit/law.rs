//! The laws of independent values as functions on the line: what is the chance of a value at most x?

use super::probability::{normal_density, normal_point, normal_tail};
use wgpu_init::Distribution;

/// A law with its moments.
#[derive(Clone, Debug)]
pub(super) struct Law {
    form: Form,
    pub(super) mean: f64,
    pub(super) std: f64,
    /// The fourth central moment over the square of the variance: 3 for a normal.
    pub(super) kurtosis: f64,
    /// The skewness of `((x − mean)/std)²`: √8 for a normal.
    pub(super) squares_skewness: f64,
    /// How far rounding moves the mean.
    pub(super) bias: f64,
    /// Whether it is symmetric about its mean, so that sums of few values are near a normal law.
    pub(super) is_symmetric: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Uniform {
        low: f64,
        high: f64,
    },
    Normal {
        mean: f64,
        std: f64,
    },
    Truncated {
        mean: f64,
        std: f64,
        low: f64,
        high: f64,
    },
    LogUniform {
        low: f64,
        high: f64,
    },
    LogOfUniform {
        low: f64,
        high: f64,
    },
    /// The inverse of softplus of max(log-uniform, floor).
    DtBias {
        min: f64,
        max: f64,
        floor: f64,
    },
    /// ln(expm1(−½·ln s)), s uniform.
    RgLru {
        min: f64,
        max: f64,
    },
}

/// Standard deviations from the mean at which a window cuts nothing off.
const WIDE: f64 = 8.0;

impl Law {
    /// The law, if its values are independent, alike and continuous.
    pub(super) fn of(distribution: &Distribution) -> Option<Self> {
        let numbers: Vec<f64> = distribution.parameters().into_iter().map(|(_, number)| number).collect();
        let form = match (distribution.name(), numbers.as_slice()) {
            ("uniform", &[low, high]) => Form::Uniform { low, high },
            ("normal", &[mean, std]) => Form::Normal { mean, std },
            ("trunc_normal", &[mean, std, low, high]) => Form::Truncated { mean, std, low, high },
            ("log_uniform", &[low, high]) => Form::LogUniform { low, high },
            ("log_of_uniform", &[low, high]) => Form::LogOfUniform { low, high },
            ("dt_bias", &[min, max, floor]) => Form::DtBias { min, max, floor },
            ("rg_lru", &[min, max]) => Form::RgLru { min, max },
            _ => return None,
        };
        Some(Self::new(form))
    }

    pub(super) fn uniform(low: f64, high: f64) -> Self {
        Self::new(Form::Uniform { low, high })
    }

    pub(super) fn normal(mean: f64, std: f64) -> Self {
        Self::new(Form::Normal { mean, std })
    }

    pub(super) fn truncated(mean: f64, std: f64, low: f64, high: f64) -> Self {
        Self::new(Form::Truncated { mean, std, low, high })
    }

    fn new(form: Form) -> Self {
        let form = match form {
            Form::Truncated { mean, std, low, high } if (high - mean).min(mean - low) > WIDE * std => {
                Form::Normal { mean, std }
            }
            other => other,
        };
        let (mean, [m2, _, m4, _, m6]) = form.moments();
        let (kurtosis, sixth) = (m4 / (m2 * m2), m6 / (m2 * m2 * m2));
        let squares_skewness = (sixth - 3.0 * kurtosis + 2.0) / (kurtosis - 1.0).powf(1.5);
        let is_symmetric = match form {
            Form::Uniform { .. } | Form::Normal { .. } => true,
            Form::Truncated { mean, low, high, .. } => (low + high - 2.0 * mean).abs() <= 1e-9 * (high - low),
            _ => false,
        };
        Self { form, mean, std: m2.sqrt(), kurtosis, squares_skewness, bias: 0.0, is_symmetric }
    }

    /// The law of rounded values: each of `values` with its chance. The mean stays what it was: sums are about it.
    pub(super) fn rounded(&self, values: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let moment =
            |power: i32| values.clone().map(|(value, chance)| (value - self.mean).powi(power) * chance).sum::<f64>();
        let (m2, m4, m6) = (moment(2), moment(4), moment(6));
        let (kurtosis, sixth) = (m4 / (m2 * m2), m6 / (m2 * m2 * m2));
        let squares_skewness = (sixth - 3.0 * kurtosis + 2.0) / (kurtosis - 1.0).powf(1.5);
        Self { std: m2.sqrt(), kurtosis, squares_skewness, bias: moment(1), ..self.clone() }
    }

    /// `P(X ≤ x)`.
    pub(super) fn below(&self, x: f64) -> f64 {
        let part = |x: f64, low: f64, high: f64| ((x - low) / (high - low)).clamp(0.0, 1.0);
        match self.form {
            Form::Uniform { low, high } => part(x, low, high),
            Form::Normal { mean, std } => normal_tail((mean - x) / std),
            Form::Truncated { mean, std, low, high } => {
                let (a, b) = ((low - mean) / std, (high - mean) / std);
                let z = ((x - mean) / std).clamp(a, b);
                window(a, z) / window(a, b)
            }
            Form::LogUniform { low, high } => {
                if x > 0.0 {
                    part(x.ln(), low.ln(), high.ln())
                } else {
                    0.0
                }
            }
            Form::LogOfUniform { low, high } => part(x.exp(), low, high),
            Form::DtBias { min, max, floor } => {
                // Softplus; of a large number that number.
                let step = if x > 30.0 { x } else { x.exp().ln_1p() };
                if step < floor { 0.0 } else { part(step.ln(), min.ln(), max.ln()) }
            }
            Form::RgLru { min, max } => {
                let (least, most) = (min * min + 1e-8, max * max + 1e-8);
                1.0 - part((1.0 + x.exp()).powi(-2), least, most)
            }
        }
    }

    /// `P(X > x)`, also where it is tiny.
    pub(super) fn above(&self, x: f64) -> f64 {
        match self.form {
            Form::Normal { mean, std } => normal_tail((x - mean) / std),
            Form::Truncated { mean, std, low, high } => {
                let (a, b) = ((low - mean) / std, (high - mean) / std);
                let z = ((x - mean) / std).clamp(a, b);
                window(z, b) / window(a, b)
            }
            _ => 1.0 - self.below(x),
        }
    }

    /// The least and the greatest value, infinite for a normal.
    pub(super) fn support(&self) -> [f64; 2] {
        match self.form {
            Form::Uniform { low, high } | Form::LogUniform { low, high } | Form::Truncated { low, high, .. } => {
                [low, high]
            }
            Form::Normal { .. } => [f64::NEG_INFINITY, f64::INFINITY],
            Form::LogOfUniform { low, high } => [low.ln(), high.ln()],
            Form::DtBias { min, max, floor } => {
                [min.max(floor), max.max(floor)].map(|step| step + (-(-step).exp_m1()).ln())
            }
            Form::RgLru { min, max } => [max, min].map(|bound: f64| (-0.5 * (bound * bound + 1e-8).ln()).exp_m1().ln()),
        }
    }

    /// Whether a value has a chance of its own, as what a floor lifts.
    pub(super) fn has_atom(&self) -> bool {
        matches!(self.form, Form::DtBias { min, floor, .. } if floor > min)
    }
}

impl Form {
    /// The mean and the second to sixth central moments.
    fn moments(self) -> (f64, [f64; 5]) {
        match self {
            Self::Uniform { low, high } => {
                let half = (high - low) / 2.0;
                let [two, four, six] = [2, 4, 6].map(|power: i32| half.powi(power) / f64::from(power + 1));
                (f64::midpoint(low, high), [two, 0.0, four, 0.0, six])
            }
            Self::Normal { mean, std } => {
                let square = std * std;
                (mean, [square, 0.0, 3.0 * square * square, 0.0, 15.0 * square * square * square])
            }
            Self::Truncated { mean, std, low, high } => {
                let raw = truncated_moments((low - mean) / std, (high - mean) / std);
                let (shift, central) = centred(&raw);
                let scaled = |at: usize| central[at] * std.powi(i32::try_from(at).unwrap_or(0) + 2);
                (mean + shift * std, [0, 1, 2, 3, 4].map(scaled))
            }
            _ => self.sampled_moments(),
        }
    }

    /// By the midpoint rule over equally likely values.
    fn sampled_moments(self) -> (f64, [f64; 5]) {
        const POINTS: u32 = 1 << 14;
        let values: Vec<f64> = (0..POINTS).map(|at| self.point((f64::from(at) + 0.5) / f64::from(POINTS))).collect();
        let mean = values.iter().sum::<f64>() / f64::from(POINTS);
        let moment = |power: i32| values.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / f64::from(POINTS);
        (mean, [2, 3, 4, 5, 6].map(moment))
    }

    /// Where the chance of a lower value is `u`.
    fn point(self, u: f64) -> f64 {
        let log = |low: f64, high: f64| low.ln() + u * (high.ln() - low.ln());
        match self {
            Self::Uniform { low, high } => low + u * (high - low),
            Self::Normal { mean, std } | Self::Truncated { mean, std, .. } => mean + std * normal_point(1.0 - u),
            Self::LogUniform { low, high } => log(low, high).exp(),
            Self::LogOfUniform { low, high } => (low + u * (high - low)).ln(),
            Self::DtBias { min, max, floor } => {
                let step = log(min, max).exp().max(floor);
                step + (-(-step).exp_m1()).ln()
            }
            Self::RgLru { min, max } => {
                let (least, most) = (min * min + 1e-8, max * max + 1e-8);
                (-0.5 * (most - u * (most - least)).ln()).exp_m1().ln()
            }
        }
    }
}

/// `P(a < Z < b)`, in the tail where that keeps digits.
fn window(a: f64, b: f64) -> f64 {
    if a > 0.0 { normal_tail(a) - normal_tail(b) } else { normal_tail(-b) - normal_tail(-a) }
}

/// `E[Z^k]` for k = 0 to 6 of a standard normal in a window, by partial integration.
fn truncated_moments(a: f64, b: f64) -> [f64; 7] {
    let mass = window(a, b);
    let edge = |z: f64, power: i32| if z.is_finite() { z.powi(power) * normal_density(z) } else { 0.0 };
    let mut moments = [1.0, (edge(a, 0) - edge(b, 0)) / mass, 0.0, 0.0, 0.0, 0.0, 0.0];
    for (k, power) in (2..7).zip(1..) {
        moments[k] = f64::from(power) * moments[k - 2] + (edge(a, power) - edge(b, power)) / mass;
    }
    moments
}

/// The mean and the second to sixth central moments, from moments about 0.
fn centred(raw: &[f64; 7]) -> (f64, [f64; 5]) {
    const BINOMIAL: [[f64; 7]; 5] = [
        [1.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0],
        [1.0, 3.0, 3.0, 1.0, 0.0, 0.0, 0.0],
        [1.0, 4.0, 6.0, 4.0, 1.0, 0.0, 0.0],
        [1.0, 5.0, 10.0, 10.0, 5.0, 1.0, 0.0],
        [1.0, 6.0, 15.0, 20.0, 15.0, 6.0, 1.0],
    ];
    let mean = raw[1];
    let moment = |at: usize| {
        let terms =
            (0..=at + 2).map(|k| BINOMIAL[at][k] * raw[k] * (-mean).powi(i32::try_from(at + 2 - k).unwrap_or(0)));
        terms.sum()
    };
    (mean, [0, 1, 2, 3, 4].map(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu_init::{Initializer, Shape};

    const LAWS: [&str; 9] = [
        "uniform(-0.5,2)",
        "normal(1,0.02)",
        "trunc_normal(0,1,-2,2)",
        "trunc_normal(0,1,0.5,3)",
        "trunc_normal(0,0.02,-2,2)",
        "log_uniform(0.001,0.1)",
        "log_of_uniform(1,16)",
        "dt_bias(0.001,0.1,0.0001)",
        "rg_lru(0.9,0.999)",
    ];

    fn law(text: &str) -> (Law, Distribution) {
        let shape = Shape::new([1 << 18]).expect("a shape");
        let distribution = text.parse::<Initializer>().expect(text).distribution(&shape).expect("a law");
        (Law::of(&distribution).expect("independent"), distribution)
    }

    /// A sample of the library's own has the moments, and lies under the curve.
    #[test]
    fn samples_have_the_moments_and_the_curve() {
        use wgpu_init::{CpuExecutor, Fill, Seed};
        for text in LAWS {
            let (law, distribution) = law(text);
            let mut values = vec![0f32; 1 << 18];
            let fill = Fill::of(1 << 18, distribution).named(Seed::new(3), text);
            CpuExecutor::new().run([(&mut values, fill)]).expect("drawn");
            let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
            values.sort_by(f64::total_cmp);
            let n = values.len() as f64;
            let moment = |of: &dyn Fn(f64) -> f64| values.iter().map(|x| of(*x)).sum::<f64>() / n;
            let mean = moment(&|x| x);
            let standard = |x: f64| (x - law.mean) / law.std;
            let error = 5.0 / n.sqrt();
            assert!((mean - law.mean).abs() < law.std * error, "{text}: mean {mean}, {}", law.mean);
            let second = moment(&|x| standard(x).powi(2));
            assert!((second - 1.0).abs() < error * (law.kurtosis - 1.0).sqrt(), "{text}: {second}");
            let fourth = moment(&|x| standard(x).powi(4));
            assert!((fourth / law.kurtosis - 1.0).abs() < 0.06, "{text}: {fourth}, {}", law.kurtosis);
            let squares = moment(&|x| (standard(x).powi(2) - 1.0).powi(3)) / (law.kurtosis - 1.0).powf(1.5);
            assert!((squares - law.squares_skewness).abs() < 0.2, "{text}: {squares}, {}", law.squares_skewness);
            let at = |(place, x): (usize, &f64)| ((place as f64 + 0.5) / n - law.below(*x)).abs();
            let distance = values.iter().enumerate().map(at).fold(0.0, f64::max);
            assert!(distance < 2.0 / n.sqrt(), "{text}: {distance}");
            let both = |x: f64| (law.below(x) + law.above(x) - 1.0).abs();
            assert!(values.iter().step_by(1000).all(|x| both(*x) < 1e-12), "{text}");
            let [low, high] = law.support();
            assert!(low <= values[0] + 1e-6 && values[values.len() - 1] <= high + 1e-6, "{text}: {low} {high}");
            assert!(low.is_infinite() || (values[0] - low) < 0.01 * law.std * 10.0, "{text}: {low}");
        }
    }

    /// Known numbers: the standard deviation of a normal cut at two.
    #[test]
    fn truncated_moments_are_the_published_ones() {
        let (law, _) = law("trunc_normal(0,1,-2,2)");
        assert!((law.std - 0.879_625_661_034_239_8).abs() < 1e-12, "{}", law.std);
        assert!((Law::uniform(-1.0, 1.0).squares_skewness - 0.638_876_565_0).abs() < 1e-6);
        assert!((Law::normal(0.0, 3.0).squares_skewness - 8f64.sqrt()).abs() < 1e-12);
    }
}
