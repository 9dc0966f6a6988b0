//! Initializers as text: what can be read prints as something that reads as the same, and gives a distribution or an error for any shape.

use crate::target::{edited, number};
use arbitrary::{Result, Unstructured};
use wgpu_init::{Distribution, Initializer, Shape};

const TEXTS: &[&str] = &[
    "normal(0,0.02)",
    "uniform(-0.1,0.1)",
    "trunc_normal(0,0.02,-0.04,0.04)",
    "constant(1)",
    "zeros",
    "ones",
    "xavier_uniform(1)",
    "xavier_normal(1,in_out)",
    "kaiming_normal(fan_out,relu)",
    "kaiming_uniform(fan_in,leaky_relu(0.2))",
    "he_normal(in=1,out=2,batch=0)",
    "lecun_uniform(out_in)",
    "variance_scaling(1,fan_avg,truncated_normal)",
    "xavier_uniform(in=0,out=(1,2))",
    "orthogonal(1)",
    "orthogonal_batch(1,1)",
    "delta_orthogonal(1)",
    "sparse(0.5,0.01)",
    "sparse_rows(0.5,0.01)",
    "eye(1)",
    "dirac(1)",
    "residual_normal(0.02,12)",
    "log_uniform(0.001,0.1)",
    "a_log",
    "dt_bias(0.001,0.1,0.0001)",
    "sinusoids(10000)",
    "ramp(-1,0.25,7)",
    "rg_lru(0.9,0.999)",
    "arange",
];
const WORDS: &[&str] = &[
    "(",
    ")",
    ",",
    "=",
    "-",
    "+",
    " ",
    "fan_in",
    "fan_out",
    "fan_avg",
    "fan_geo_avg",
    "out_in",
    "in_out",
    "in=1",
    "out=(0,1)",
    "batch=",
    "uniform",
    "normal",
    "truncated_normal",
    "relu",
    "leaky_relu(",
    "tanh",
    "inf",
    "NaN",
    "1e999",
    "-0",
    "é",
    "\0",
    "normal(",
    "mean=",
    "std=",
];

pub(crate) fn target(bytes: &[u8]) {
    // Bytes that end too early make no input.
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let base = *u.choose(TEXTS)?;
    let text = edited(u, base, WORDS)?;
    let Ok(initializer) = text.parse::<Initializer>() else { return Ok(()) };
    let printed = initializer.to_string();
    let again: Initializer = printed.parse().unwrap_or_else(|error| panic!("{text:?} prints {printed:?}: {error}"));
    // Texts are compared: NaN, which no distribution takes, is not even itself.
    assert_eq!(again.to_string(), printed, "{text:?} prints another one");
    let mut dims = Vec::new();
    for _ in 0..u.int_in_range(0..=5)? {
        dims.push(if u.ratio(1, 6)? { number(u)?.parse().unwrap_or(u64::MAX) } else { u.int_in_range(0..=40)? });
    }
    let Ok(shape) = Shape::new(dims) else { return Ok(()) };
    if let Ok(distribution) = initializer.distribution(&shape) {
        let printed = distribution.to_string();
        let again: Initializer = printed.parse().unwrap_or_else(|error| panic!("{text:?} is {printed:?}: {error}"));
        let again: Distribution = again.distribution(&shape).unwrap_or_else(|error| panic!("{printed:?}: {error}"));
        assert!(again == distribution, "{text:?} of {shape:?} is {printed:?}, which is another");
    }
    Ok(())
}
