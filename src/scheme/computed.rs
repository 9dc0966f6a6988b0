//! Computed laws as expressions, `sinusoids(10000)`, and the last axis of a shape that they run along.
//!
//! A resolved law names the length of that axis, `sinusoids(10000,384)`, so that it stays itself whatever tensor it is given to.

use crate::value::computed::Computed;
use crate::{Distribution, Result, Shape};
use core::fmt;

const NAMES: [(&str, Computed); 8] = [
    ("log_uniform", Computed::LogUniform { low: 0.0, high: 0.0 }),
    ("dt_bias", Computed::DtBias { min: 0.0, max: 0.0, floor: 0.0 }),
    ("log_of_uniform", Computed::LogOfUniform { low: 0.0, high: 0.0 }),
    ("a_log", Computed::ALog { period: None }),
    ("ramp", Computed::Ramp { start: 0.0, step: 0.0, period: None }),
    ("s4d_inv", Computed::S4dInv { period: None }),
    ("sinusoids", Computed::Sinusoids { max_timescale: 0.0, period: None }),
    ("sinusoids_interleaved", Computed::SinusoidsInterleaved { max_timescale: 0.0, period: None }),
];

impl Computed {
    /// The law for a tensor of this shape. A tensor without elements has none and gets zeros.
    pub(crate) fn distribution(&self, shape: &Shape) -> Result<Distribution> {
        if shape.elements() == 0 {
            return Distribution::constant(0.0);
        }
        let own = shape.dims().last().copied().unwrap_or(0);
        Distribution::computed(self.with_period(self.period().flatten().unwrap_or(own)))
    }

    /// The law of this name; `None` if the name belongs to none.
    pub(crate) fn parse(name: &str, arguments: &[&str]) -> Result<Option<Self>, String> {
        let Some((_, law)) = NAMES.iter().find(|(known, _)| *known == name) else { return Ok(None) };
        let wanted: Vec<&str> = law.numbers().iter().map(|(parameter, _)| *parameter).collect();
        let (numbers, period) = match law.period() {
            Some(_) if arguments.len() == wanted.len() + 1 => {
                let text = arguments[wanted.len()];
                let reason = || format!("{text:?} is not the length of a last axis");
                (&arguments[..wanted.len()], Some(text.parse::<u64>().map_err(|_| reason())?))
            }
            _ => (arguments, None),
        };
        if numbers.len() != wanted.len() {
            let last = if law.period().is_some() {
                "and, where it is not the tensor's own, the last axis' length"
            } else {
                ""
            };
            let all = if wanted.is_empty() { "no numbers".to_owned() } else { wanted.join(", ") };
            return Err(format!("{name} takes {}, not {}", format!("{all} {last}").trim_end(), arguments.len()));
        }
        let mut values = Vec::with_capacity(numbers.len());
        for text in numbers {
            values.push(text.parse::<f64>().map_err(|_| format!("{text:?} is not a number"))?);
        }
        Ok(Some(law.with_numbers(&values).with_period(period)))
    }
}

impl<P: Copy + Into<Option<u64>>> fmt::Display for Computed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Stft { kernel, .. } = self {
            // Its sizes are the tensor's own.
            return f.write_str(&kernel.text());
        }
        let numbers = self.numbers().into_iter().map(|(_, number)| number.to_string());
        let period = self.period().and_then(Into::into).map(|period| period.to_string());
        let arguments: Vec<String> = numbers.chain(period).collect();
        match arguments.as_slice() {
            [] => write!(f, "{}", self.name()),
            arguments => write!(f, "{}({})", self.name(), arguments.join(",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_is_called_what_it_calls_itself() {
        for (name, law) in NAMES {
            assert_eq!(name, law.name());
            assert!(name.parse::<crate::Initializer>().is_err() || law.numbers().is_empty(), "{name}");
        }
    }
}
