//! Parameters of distributions, alone and with a dtype.

use super::Row;
use crate::host::Host;
use wgpu_init::{DType, Fill, Initializer, Result, Shape};

/// Every parameter of every distribution as NaN and as both infinities.
pub(super) fn not_finite() -> Vec<Row> {
    type With = fn(f64) -> Initializer;
    let parameters: [(&str, &str, With); 9] = [
        ("constant", "value", Initializer::constant),
        ("uniform", "low", |x| Initializer::uniform(x, 1.0)),
        ("uniform", "high", |x| Initializer::uniform(0.0, x)),
        ("normal", "mean", |x| Initializer::normal(x, 1.0)),
        ("normal", "std", |x| Initializer::normal(0.0, x)),
        ("trunc_normal", "mean", |x| Initializer::trunc_normal(x, 1.0, -1.0, 1.0)),
        ("trunc_normal", "std", |x| Initializer::trunc_normal(0.0, x, -1.0, 1.0)),
        ("trunc_normal", "low", |x| Initializer::trunc_normal(0.0, 1.0, x, 1.0)),
        ("trunc_normal", "high", |x| Initializer::trunc_normal(0.0, 1.0, -1.0, x)),
    ];
    let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let row = |(distribution, parameter, with): (&str, &str, With), value: f64| {
        let says = format!("{distribution}: {parameter} is {value}, it must be finite");
        Row::call(format!("{distribution} with {parameter} = {value}"), "NotFinite", says, move || make(with(value)))
    };
    parameters.into_iter().flat_map(|parameter| values.map(|value| row(parameter, value))).collect()
}

/// Parameters that are wrong whatever the dtype.
pub(super) fn parameters() -> Vec<Row> {
    let cases = [
        ("NegativeStd", "std is -1, it must be zero or more", Initializer::normal(0.0, -1.0)),
        ("NegativeStd", "it must be zero or more", Initializer::normal(0.0, -1e-300)),
        ("NegativeStd", "trunc_normal: std is -0.5", Initializer::trunc_normal(0.0, -0.5, -1.0, 1.0)),
        ("BoundsOutOfOrder", "low = 1 and high = -1, low must be below high", Initializer::uniform(1.0, -1.0)),
        ("BoundsOutOfOrder", "low must be below high", Initializer::uniform(1.0, 1.0 - f64::EPSILON)),
        ("BoundsOutOfOrder", "low = 2 and high = 2", Initializer::trunc_normal(0.0, 1.0, 2.0, 2.0)),
        ("BoundsOutOfOrder", "low = 0 and high = -0", Initializer::trunc_normal(0.0, 1.0, 0.0, -0.0)),
        ("BoundsOutOfOrder", "low = 2 and high = -2", Initializer::trunc_normal(0.0, 1.0, 2.0, -2.0)),
        ("BoundsOutOfOrder", "low = 1 and high = 1", Initializer::trunc_normal(1.0, 0.0, 1.0, 1.0)),
        ("WindowTooNarrow", "the window [1, 2] has a probability of 0 ", Initializer::trunc_normal(0.0, 0.0, 1.0, 2.0)),
    ];
    let row = |(variant, says, initializer): (&'static str, &str, Initializer)| {
        Row::call(format!("{initializer}"), variant, says, move || make(initializer))
    };
    cases.into_iter().map(row).collect()
}

/// Parameters that a dtype cannot hold: known when the fill is recorded.
pub(super) fn overflows() -> Vec<Row> {
    use DType::{Bf16, F8E4M3Fn, F8E5M2, F16, F32};
    let (wider, zero, bounds) = ("choose a wider dtype or a smaller scale", "use 0", "widen the bounds");
    let cases = [
        ("ScaleTooSmall", "use 0 for a constant", Initializer::normal(0.0, 1e-30), F32),
        ("ScaleTooSmall", "a std of 2.2250738585072014e-308", Initializer::normal(0.0, f64::MIN_POSITIVE), F16),
        ("ScaleTooSmall", "a (high - low) / 2 of 5e-31", Initializer::uniform(0.0, 1e-30), F32),
        ("ScaleTooSmall", "smallest supported, 2^-96", Initializer::trunc_normal(0.0, 1e-30, -1.0, 1.0), Bf16),
        ("ShiftTooSmall", "a mean of 1e-30", Initializer::normal(1e-30, 1.0), F32),
        ("ShiftTooSmall", "(low + high) / 2", Initializer::uniform(-1e-25, 1.000_01e-25), F32),
        ("ShiftTooSmall", zero, Initializer::normal(f64::MIN_POSITIVE, 1.0), Bf16),
        ("ShiftTooSmall", zero, Initializer::trunc_normal(-1e-38, 1.0, -1.0, 1.0), F16),
        ("Overflow", "past the largest finite f16, 6.5504e4", Initializer::constant(70_000.0), F16),
        ("Overflow", "values reach 6.552e4", Initializer::constant(65_520.0), F16),
        ("Overflow", "largest finite f32, 3.4028234", Initializer::constant(1e39), F32),
        ("Overflow", "largest finite bf16, 3.38953", Initializer::constant(-3.4e38), Bf16),
        ("Overflow", wider, Initializer::uniform(-1e5, 0.0), F16),
        ("Overflow", wider, Initializer::uniform(0.0, 65_505.0), F16),
        ("Overflow", wider, Initializer::uniform(0.0, 1e39), F32),
        ("Overflow", wider, Initializer::uniform(0.0, 3.4e38), Bf16),
        ("Overflow", wider, Initializer::normal(0.0, 11_000.0), F16),
        ("Overflow", wider, Initializer::normal(1e39, 1.0), F32),
        ("Overflow", wider, Initializer::normal(0.0, 1e39), F32),
        ("Overflow", wider, Initializer::normal(0.0, 1e38), F32),
        ("Overflow", wider, Initializer::normal(0.0, 5.36e37), Bf16),
        ("Overflow", wider, Initializer::trunc_normal(65_000.0, 1000.0, 60_000.0, 1e6), F16),
        // Tails saturate; parameters do not.
        ("Overflow", "past the largest finite f8_e4m3fn, 4.48e2", Initializer::constant(449.0), F8E4M3Fn),
        ("Overflow", "past the largest finite f8_e5m2, 5.7344e4", Initializer::constant(-57_345.0), F8E5M2),
        ("Overflow", wider, Initializer::uniform(-449.0, 0.0), F8E4M3Fn),
        ("Overflow", "values reach 5e2", Initializer::normal(500.0, 1.0), F8E4M3Fn),
        ("Overflow", wider, Initializer::normal(0.0, 500.0), F8E4M3Fn),
        ("Overflow", "values reach 1e3", Initializer::trunc_normal(0.0, 1.0, -2.0, 1000.0), F8E4M3Fn),
        ("Overflow", wider, Initializer::log_uniform(1.0, 60_000.0), F8E5M2),
        ("NoValueBetween", "no f8_e4m3fn number", Initializer::uniform(1.01, 1.12), F8E4M3Fn),
        ("NoValueBetween", "no f8_e5m2 number", Initializer::trunc_normal(1.0, 1.0, 1.01, 1.24), F8E5M2),
        ("NoValueBetween", "no f32 number lies between", Initializer::uniform(1.0 + 1e-9, 1.0 + 2e-9), F32),
        ("NoValueBetween", bounds, Initializer::uniform(1.0 - 1e-9, 1.0), F32),
        ("NoValueBetween", "no bf16 number", Initializer::uniform(1.001, 1.002), Bf16),
        ("NoValueBetween", "no f16 number", Initializer::uniform(1.000_1, 1.000_2), F16),
        ("NoValueBetween", bounds, Initializer::trunc_normal(1.0, 1.0, 1.000_1, 1.000_2), Bf16),
    ];
    cases.into_iter().map(|case| drawn(case.0, case.1, case.2, case.3)).collect()
}

/// Truncation windows of too small a probability.
pub(super) fn windows() -> Vec<Row> {
    let (more, nearer) = ("at least 1.5e-5 (2^-16) is needed", "widen it or move it nearer to the mean");
    let cases = [
        (
            "WindowTooNarrow",
            "has a probability of 0 under the normal",
            Initializer::trunc_normal(0.0, 1.0, 6.4, 9.0),
            DType::F32,
        ),
        (
            "WindowTooNarrow",
            "has a probability of 0 under the normal",
            Initializer::trunc_normal(0.0, 1.0, -9.0, -6.4),
            DType::F32,
        ),
        ("WindowTooNarrow", more, Initializer::trunc_normal(0.0, 1.0, 5.5, 6.5), DType::F32),
        ("WindowTooNarrow", more, Initializer::trunc_normal(0.0, 1.0, 0.0, 1e-6), DType::F32),
        ("WindowTooNarrow", nearer, Initializer::trunc_normal(100.0, 1.0, -1.0, 1.0), DType::Bf16),
        ("WindowTooNarrow", nearer, Initializer::trunc_normal(0.0, 0.02, 2.0, 3.0), DType::F16),
    ];
    cases.into_iter().map(|case| drawn(case.0, case.1, case.2, case.3)).collect()
}

/// A tensor of this initializer and dtype, recorded on a noop device.
fn drawn(variant: &'static str, says: &str, initializer: Initializer, dtype: DType) -> Row {
    Row::call(format!("{initializer} in {dtype}"), variant, says, move || {
        let host = Host::noop();
        host.record_and_go_on(&[host.drawn(initializer, dtype)?])
    })
}

/// Makes a fill of an initializer.
pub(super) fn make(initializer: Initializer) -> Result<()> {
    Fill::new(Shape::new([4])?, initializer).map(|_| ())
}
