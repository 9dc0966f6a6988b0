//! Schemes as expressions: `kaiming_normal(fan_out,relu,in_out)`.
//!
//! A trailing `out_in` or `in_out` names the layout where it is not the library's own; custom axes have no text form and read
//! back as the layout `custom`, which is refused.

use super::{FanMode, Layout, Nonlinearity, Scheme, Spread};
use core::fmt;

const MODES: [(&str, FanMode); 4] = [
    ("fan_in", FanMode::FanIn),
    ("fan_out", FanMode::FanOut),
    ("fan_avg", FanMode::FanAvg),
    ("fan_geo_avg", FanMode::FanGeoAvg),
];
const SPREADS: [(&str, Spread); 3] =
    [("uniform", Spread::Uniform), ("normal", Spread::Normal), ("truncated_normal", Spread::TruncatedNormal)];
/// JAX's and Keras' names: scale and fan of `variance_scaling`.
const NAMED: [(&str, f64, FanMode); 3] =
    [("glorot", 1.0, FanMode::FanAvg), ("he", 2.0, FanMode::FanIn), ("lecun", 1.0, FanMode::FanIn)];

fn find<T: Copy>(names: &[(&str, T)], text: &str) -> Option<T> {
    names.iter().find(|(name, _)| *name == text).map(|(_, value)| *value)
}

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| *name)
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number"))
}

fn mode(text: &str) -> Result<FanMode, String> {
    find(&MODES, text).ok_or_else(|| format!("{text:?} is not one of fan_in, fan_out, fan_avg, fan_geo_avg"))
}

impl Scheme {
    /// The scheme of this name; `None` if the name belongs to none.
    pub(crate) fn parse(name: &str, arguments: &[&str]) -> Result<Option<Self>, String> {
        let (named, arguments) = match arguments.split_last() {
            Some((&"out_in", rest)) => (Some(Layout::OutIn), rest),
            Some((&"in_out", rest)) => (Some(Layout::InOut), rest),
            _ => (None, arguments),
        };
        let takes = |expected| Err(format!("{name} takes {expected}, not {}", arguments.len()));
        if name == "variance_scaling" {
            let &[scale, fan, spread] = arguments else {
                return takes(
                    "three arguments: scale, fan_in|fan_out|fan_avg|fan_geo_avg, uniform|normal|truncated_normal",
                );
            };
            let spread = find(&SPREADS, spread)
                .ok_or_else(|| format!("{spread:?} is not one of uniform, normal, truncated_normal"))?;
            let (scale, mode, layout) = (number(scale)?, mode(fan)?, named.unwrap_or(Layout::InOut));
            return Ok(Some(Self::VarianceScaling { scale, mode, spread, layout }));
        }
        let Some((family, law)) = name.rsplit_once('_') else { return Ok(None) };
        let spread = match law {
            "uniform" => Spread::Uniform,
            "normal" => Spread::Normal,
            _ => return Ok(None),
        };
        let (family, spread) = match (family.strip_suffix("_truncated"), spread) {
            (Some(family), Spread::Normal) => (family, Spread::TruncatedNormal),
            _ => (family, spread),
        };
        let layout = named.unwrap_or(Layout::OutIn);
        match (family, arguments) {
            ("xavier", []) => Ok(Some(Self::Xavier { gain: 1.0, spread, layout })),
            ("xavier", [gain]) => Ok(Some(Self::Xavier { gain: number(gain)?, spread, layout })),
            ("xavier", _) => takes("at most one argument, the gain"),
            ("kaiming", [] | [_] | [_, _]) => {
                let mode = arguments.first().map_or(Ok(FanMode::FanIn), |text| mode(text))?;
                let nonlinearity = match arguments.get(1) {
                    // PyTorch's default: leaky_relu with a = 0.
                    None => Nonlinearity::LeakyRelu { slope: 0.0 },
                    Some(text) => text.parse::<Nonlinearity>().map_err(|error| error.to_string())?,
                };
                Ok(Some(Self::Kaiming { mode, nonlinearity, spread, layout }))
            }
            ("kaiming", _) => takes("at most two arguments: fan_in|fan_out and a nonlinearity"),
            _ => {
                let Some((_, scale, mode)) = NAMED.into_iter().find(|(known, ..)| *known == family) else {
                    return Ok(None);
                };
                if !arguments.is_empty() {
                    return takes("no arguments but the layout");
                }
                let spread = if spread == Spread::Normal { Spread::TruncatedNormal } else { spread };
                let layout = named.unwrap_or(Layout::InOut);
                Ok(Some(Self::VarianceScaling { scale, mode, spread, layout }))
            }
        }
    }
}

/// The expression that [`Initializer`](crate::Initializer) reads back; what PyTorch has no name for is the general form of its
/// family.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = |layout: Layout, own: Layout| match layout {
            _ if layout == own => "",
            Layout::OutIn => ",out_in",
            Layout::InOut => ",in_out",
            Layout::Custom { .. } => ",custom",
        };
        match *self {
            Self::Xavier { gain, spread, layout } => {
                write!(f, "xavier_{}({gain}{})", name_of(&SPREADS, &spread), suffix(layout, Layout::OutIn))
            }
            Self::Kaiming { mode, nonlinearity, spread, layout } => {
                let (spread, mode) = (name_of(&SPREADS, &spread), name_of(&MODES, &mode));
                write!(f, "kaiming_{spread}({mode},{nonlinearity}{})", suffix(layout, Layout::OutIn))
            }
            Self::VarianceScaling { scale, mode, spread, layout } => {
                let (spread, mode) = (name_of(&SPREADS, &spread), name_of(&MODES, &mode));
                write!(f, "variance_scaling({scale},{mode},{spread}{})", suffix(layout, Layout::InOut))
            }
        }
    }
}
