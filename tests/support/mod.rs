//! What the CPU tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod checks;
pub(crate) mod constants;
pub(crate) mod expression;
pub(crate) mod known;
pub(crate) mod law;
pub(crate) mod partition;
pub(crate) mod quantile;
pub(crate) mod replay;
pub(crate) mod sample;
pub(crate) mod views;

use wgpu_init::Initializer;

/// The initializers that every bit comparison runs over: each distribution, with and without a shift, with and without bounds
/// that rounding reaches.
pub(crate) fn initializers() -> Vec<Initializer> {
    vec![
        Initializer::constant(0.1),
        Initializer::uniform(-0.1, 0.1),
        Initializer::uniform(0.25, 3.5),
        Initializer::normal(0.0, 0.02),
        Initializer::normal(-1.0, 0.5),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
        Initializer::log_uniform(0.001, 0.1),
        Initializer::dt_bias(0.001, 0.1, 1e-4),
        parse("ramp(-1,0.25,7)"),
        parse("sinusoids(10000,384)"),
    ]
}

/// An initializer that has no constructor but its text.
pub(crate) fn parse(text: &str) -> Initializer {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}
