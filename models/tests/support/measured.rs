//! Statistics of one real initialisation, and whether a distribution can have given them.

use serde_json::Value;
use statrs::distribution::{ContinuousCDF, Normal};
use std::path::Path;
use wgpu_init::{CpuExecutor, Distribution, Fill, Seed, Shape};
use wgpu_init_models::Parameter;

/// What the original library's tensor was seen to hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    mean: f64,
    std: f64,
    min: f64,
    max: f64,
    /// How many initialisations the statistics are of.
    pub(crate) copies: f64,
    /// Relative error of the numbers as they are written down.
    pub(crate) rounding: f64,
}

/// A model's parameters with what was measured, from `tests/data`; ResNet-50's list is one that the command bundles.
pub(crate) fn manifest(model: &str) -> Vec<(Parameter, Option<Measured>)> {
    let folder = if model == "resnet50" { "../cli/models" } else { "tests/data" };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(format!("{model}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let tensors = value["tensors"].as_object().expect("tensors");
    let parameter = |(name, tensor): (&String, &Value)| {
        let dims: Vec<u64> = tensor["shape"].as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
        let parameter = Parameter::new(name, Shape::new(dims).expect("a shape"));
        let parameter = parameter.in_module(tensor["module"].as_str().expect("a module class"));
        let number = |key: &str| tensor["measured"][key].as_f64();
        let measured = number("mean").map(|mean| Measured {
            mean,
            std: number("std").expect("std"),
            min: number("min").expect("min"),
            max: number("max").expect("max"),
            copies: 1.0,
            rounding: 0.0,
        });
        (parameter, measured)
    };
    tensors.iter().map(parameter).collect()
}

/// Standard errors of a difference that are let pass: over some thousand numbers, chance exceeds it once in 10^5 runs.
const ERRORS: f64 = 6.0;
/// Probability left to chance for each extreme.
const CHANCE: f64 = 1e-7;

impl Measured {
    /// Of [mean, std, min, max], written down with six digits.
    pub(crate) fn of([mean, std, min, max]: [f64; 4], copies: f64) -> Self {
        Self { mean, std, min, max, copies, rounding: 1e-5 }
    }

    /// What the statistics are of the others, if a part of the elements is 0.
    pub(crate) fn without_zeros(self, part: f64) -> Self {
        let others = 1.0 - part;
        let mean = self.mean / others;
        let std = ((self.std.powi(2) + self.mean.powi(2)) / others - mean.powi(2)).sqrt();
        Self { mean, std, copies: self.copies * others, ..self }
    }

    /// Whether `distribution` can have given these statistics for a tensor of this shape; else what does not fit.
    pub(crate) fn check(&self, distribution: &Distribution, shape: &Shape) -> Result<(), String> {
        let n = shape.elements() as f64 * self.copies;
        let numbers: Vec<f64> = distribution.parameters().into_iter().map(|(_, number)| number).collect();
        match (distribution.name(), numbers.as_slice()) {
            ("constant", &[value]) => {
                #[expect(clippy::cast_possible_truncation, reason = "the original is f32")]
                let value = f64::from(value as f32);
                self.same("a constant", [value, 0.0, value, value], 0.0)
            }
            ("uniform", &[low, high]) => {
                let (width, mean) = (high - low, (low + high) / 2.0);
                let std = width / 12f64.sqrt();
                self.moments(mean, std, std * (0.2 / n).sqrt(), n)?;
                // The distance of an extreme to its bound is exponential; f32 may round it away.
                let (reach, rounding) = (-CHANCE.ln() * width / n, width * self.rounding.max(1e-6));
                within("min", self.min, low - rounding, low + reach + rounding)?;
                within("max", self.max, high - reach - rounding, high + rounding)
            }
            ("normal", &[mean, std]) => self.normal(mean, std, n),
            // Bounds that a normal never reaches, as in ViT.
            ("trunc_normal", &[mean, std, low, high]) if (high - mean).min(mean - low) > 8.0 * std => {
                self.normal(mean, std, n)
            }
            _ if !distribution.is_random() => {
                let [mean, std, min, max] = statistics(distribution, shape);
                // The original computes in f32.
                self.same("fixed values", [mean, std, min, max], 2e-5)
            }
            _ => {
                let [mean, std, min, max] = statistics(distribution, shape);
                let error = 2f64.sqrt();
                let n = shape.elements() as f64;
                self.moments(mean, std, std * error / (2.0 * n).sqrt(), n / 2.0)?;
                // A sample of ours beside a sample of theirs: the ends of bounded laws.
                let reach = (max - min) * 60.0 / shape.elements() as f64;
                within("min", self.min, min - reach, min + reach)?;
                within("max", self.max, max - reach, max + reach)
            }
        }
    }

    fn normal(&self, mean: f64, std: f64, n: f64) -> Result<(), String> {
        self.moments(mean, std, std / (2.0 * n).sqrt(), n)?;
        let standard = Normal::new(0.0, 1.0).expect("standard");
        // P(max < q) = Φ(q)^n.
        let least = standard.inverse_cdf(CHANCE.powf(1.0 / n));
        let greatest = -standard.inverse_cdf(CHANCE / n);
        within("max", (self.max - mean) / std, least, greatest)?;
        within("-min", (mean - self.min) / std, least, greatest)
    }

    fn moments(&self, mean: f64, std: f64, std_error: f64, n: f64) -> Result<(), String> {
        let mean_error = std / n.sqrt();
        within("mean", self.mean, mean - ERRORS * mean_error, mean + ERRORS * mean_error)?;
        // Dividing by n or by n - 1 is within 1/n.
        let tolerance = ERRORS * std_error + std / n + std * self.rounding;
        within("std", self.std, std - tolerance, std + tolerance)
    }

    fn same(&self, what: &str, expected: [f64; 4], tolerance: f64) -> Result<(), String> {
        let got = [self.mean, self.std, self.min, self.max];
        let near = |(got, expected): (&f64, f64)| (got - expected).abs() <= tolerance + self.rounding * expected.abs();
        let equal = got.iter().zip(expected).all(near);
        if equal { Ok(()) } else { Err(format!("{what} with mean, std, min, max {expected:?} was {got:?}")) }
    }
}

fn within(what: &str, value: f64, low: f64, high: f64) -> Result<(), String> {
    if (low..=high).contains(&value) { Ok(()) } else { Err(format!("{what} {value} is not in {low}..{high}")) }
}

/// Mean, std, min and max of a tensor of ours.
fn statistics(distribution: &Distribution, shape: &Shape) -> [f64; 4] {
    let mut bytes = vec![0; usize::try_from(shape.elements()).expect("small") * 4];
    let fill = Fill::of(shape.elements(), *distribution).named(Seed::new(1), "sample");
    CpuExecutor::new().run([(bytes.as_mut_slice(), fill)]).expect("valid");
    let values: Vec<f64> =
        bytes.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
    let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap_or(f64::NAN);
    [mean, std, fold(f64::min), fold(f64::max)]
}
