//! What the CPU tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod checks;
pub(crate) mod known;
pub(crate) mod law;
pub(crate) mod quantile;
pub(crate) mod sample;

use wgpu_init::value::computed::Computed;
use wgpu_init::{Constants, DType, Initializer, Shape};

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
        Initializer::Computed(Computed::Ramp { start: -1.0, step: 0.25, period: Some(7) }),
        Initializer::Computed(Computed::Sinusoids { max_timescale: 10_000.0, period: Some(384) }),
    ]
}

/// The constants of an initializer.
pub(crate) fn constants(initializer: Initializer, dtype: DType) -> Constants {
    let shape = Shape::new([1]).expect("a shape");
    let distribution = initializer.distribution(&shape).expect("valid parameters");
    Constants::new(&distribution, dtype).expect("parameters fit the dtype")
}
