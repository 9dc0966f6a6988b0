//! How initializers and distributions are written.

use super::{AXES, LAYOUTS, MODES, SCALINGS, SPREADS, WINDOWS, word_of};
use crate::distribution::{Law, Structured, axis_name, axis_numbers, stft_name};
use crate::fan::{Axes, Layout};
use crate::initializer::{Asked, Scheme};
use crate::value::computed::{AxisLaw, Computed};
use crate::value::stft::Stft;
use crate::{Distribution, Initializer, Shape};
use core::fmt;

impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Asked::Law(law) => write!(f, "{}", Distribution(law)),
            Asked::Scaled(scheme) => write_scheme(f, scheme),
            Asked::Axis { law, length } => write_axis(f, law, length),
            Asked::Stft(stft) => write_stft(f, stft),
            Asked::Structured(structured) => write_structured(f, structured),
        }
    }
}

impl fmt::Debug for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The expression that [`Initializer`] reads back to the same numbers, for a structure given the same shape.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Law::Constant { value } => write!(f, "constant({value})"),
            Law::Uniform { low, high } => write!(f, "uniform({low},{high})"),
            Law::Normal { mean, std } => write!(f, "normal({mean},{std})"),
            Law::TruncatedNormal { mean, std, low, high } => write!(f, "trunc_normal({mean},{std},{low},{high})"),
            Law::Computed(Computed::LogUniform { low, high }) => write!(f, "log_uniform({low},{high})"),
            Law::Computed(Computed::DtBias { min, max, floor }) => write!(f, "dt_bias({min},{max},{floor})"),
            Law::Computed(Computed::LogOfUniform { low, high }) => write!(f, "log_of_uniform({low},{high})"),
            Law::Computed(Computed::RgLru { min, max }) => write!(f, "rg_lru({min},{max})"),
            Law::Computed(Computed::Axis { law, length }) => write_axis(f, law, Some(length)),
            Law::Computed(Computed::Stft { kernel, .. }) => write_stft(f, kernel.stft),
            Law::Delta { asked, .. } | Law::Sparse { asked, .. } | Law::Orthogonal { asked, .. } => {
                write_structured(f, asked)
            }
        }
    }
}

impl fmt::Debug for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// `,in_out`, where it is not the scheme's own layout.
fn suffix(layout: Layout, own: Layout) -> String {
    let Layout::Custom { input, output, batch } = layout else {
        return if layout == own { String::new() } else { format!(",{}", word_of(LAYOUTS, &layout)) };
    };
    let axes = |axes: Axes| {
        let all: Vec<_> =
            (0..Shape::MAX_RANK).filter(|axis| axes.contains(*axis)).map(|axis| axis.to_string()).collect();
        if all.len() == 1 { all.concat() } else { format!("({})", all.join(",")) }
    };
    let named = AXES.into_iter().zip([input, output, batch]).filter(|(name, of)| *name != "batch" || *of != Axes::NONE);
    named.map(|(name, of)| format!(",{name}={}", axes(of))).collect()
}

/// What PyTorch has no name for is written as the general form of its family.
fn write_scheme(f: &mut fmt::Formatter<'_>, scheme: Scheme) -> fmt::Result {
    match scheme {
        Scheme::Xavier { gain, spread, layout } => {
            write!(f, "xavier_{}({gain}{})", word_of(SPREADS, &spread), suffix(layout, Layout::OutIn))
        }
        Scheme::Kaiming { mode, nonlinearity, spread, layout } => {
            let (spread, mode) = (word_of(SPREADS, &spread), word_of(MODES, &mode));
            write!(f, "kaiming_{spread}({mode},{nonlinearity}{})", suffix(layout, Layout::OutIn))
        }
        Scheme::VarianceScaling { scale, mode, spread, layout } => {
            let (spread, mode) = (word_of(SPREADS, &spread), word_of(MODES, &mode));
            write!(f, "variance_scaling({scale},{mode},{spread}{})", suffix(layout, Layout::InOut))
        }
    }
}

/// A resolved law names the length of its axis, `sinusoids(10000,384)`, so that it stays itself whatever tensor it is given to.
fn write_axis(f: &mut fmt::Formatter<'_>, law: AxisLaw, length: Option<u64>) -> fmt::Result {
    // A count is written as one: f64 has 53 bits.
    let text = |(name, number): (&str, f64)| match law {
        AxisLaw::PowerLawHeads { head, .. } if name == "head" => head.to_string(),
        _ => number.to_string(),
    };
    let numbers = axis_numbers(law).into_iter().map(text);
    let arguments: Vec<String> = numbers.chain(length.map(|length| length.to_string())).collect();
    f.write_str(axis_name(law))?;
    if arguments.is_empty() { Ok(()) } else { write!(f, "({})", arguments.join(",")) }
}

/// Its sizes are the tensor's own.
fn write_stft(f: &mut fmt::Formatter<'_>, stft: Stft) -> fmt::Result {
    let (window, scaling) = (word_of(WINDOWS, &stft.window), word_of(SCALINGS, &stft.scaling));
    write!(f, "{}({window},{scaling}{})", stft_name(stft), if stft.periodic { ",periodic" } else { "" })
}

fn write_structured(f: &mut fmt::Formatter<'_>, structured: Structured) -> fmt::Result {
    let name = structured.name();
    match structured {
        Structured::Eye { gain } => write!(f, "{name}({gain})"),
        Structured::Dirac { groups } => write!(f, "{name}({groups})"),
        Structured::Sparse { sparsity, std, .. } => write!(f, "{name}({sparsity},{std})"),
        Structured::UnitRows { gain } => write!(f, "{name}({gain})"),
        Structured::Orthogonal { gain, batch_axes, layout } => {
            let batch = if batch_axes == 0 { String::new() } else { format!(",batch={batch_axes}") };
            write!(f, "{name}({gain}{batch}{})", suffix(layout, Layout::OutIn))
        }
        Structured::DeltaOrthogonal { gain, layout } => write!(f, "{name}({gain}{})", suffix(layout, Layout::OutIn)),
    }
}
