//! What the CPU tests share.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) mod checks;
pub(crate) mod known;
pub(crate) mod law;
pub(crate) mod quantile;
pub(crate) mod sample;

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
    ]
}

/// The constants of an initializer.
pub(crate) fn constants(initializer: Initializer, dtype: DType) -> Constants {
    let shape = Shape::new([1]).expect("a shape");
    let distribution = initializer.distribution(&shape).expect("valid parameters");
    Constants::new(&distribution, dtype).expect("parameters fit the dtype")
}
