//! Shapes, texts.

use super::Row;
use super::values::make;
use wgpu_init::{DType, Initializer, Shape};

pub(super) fn shapes() -> Vec<Row> {
    let row = |variant, says: &str, dims: &[u64]| {
        let dims = dims.to_vec();
        Row::call(format!("shape {dims:?}"), variant, says, move || Shape::new(dims.clone()).map(|_| ()))
    };
    vec![
        row("RankTooLarge", "rank 9 was given, at most 8 dimensions are supported: flatten some", &[1; 9]),
        row("RankTooLarge", "rank 100", &[0; 100]),
        row("TooManyElements", "[8589934592, 8589934592] has more than 2^64 - 1", &[1 << 33, 1 << 33]),
        row("TooManyElements", "more than 2^64 - 1 elements", &[u64::MAX, 2]),
        row("TooManyElements", "more than 2^64 - 1 elements", &[3, u64::MAX / 2, 1, 1, 1, 1, 1, 1]),
    ]
}

/// Text that is no initializer or no dtype.
pub(super) fn texts() -> Vec<Row> {
    let initializers = [
        ("", "\"\" is not an initializer"),
        ("gauss(0,1)", "\"gauss\" is not an initializer"),
        ("Normal(0,1)", "write e.g. normal(0,0.02)"),
        ("normal", "normal takes mean, std, not 0"),
        ("normal()", "normal takes mean, std, not 0"),
        ("normal(0)", "normal takes mean, std, not 1"),
        ("normal(0,1,2)", "normal takes mean, std, not 3"),
        ("normal(0,1", "the closing parenthesis is missing"),
        ("normal(0,1) ,", "the closing parenthesis is missing"),
        ("normal 0,1)", "is not an initializer"),
        ("normal(0,1))", "\"1)\" is not a number"),
        ("normal((0,1)", "\"(0,1\" is not a number"),
        ("normal(0;1)", "\"0;1\" is not a number"),
        ("normal(0,,1)", "\"\" is not a number"),
        ("normal(0x1,1)", "\"0x1\" is not a number"),
        ("normal(0,1e)", "\"1e\" is not a number"),
        ("uniform(0.1)", "uniform takes low, high, not 1"),
        ("trunc_normal(0,1,2)", "trunc_normal takes mean, std, low, high, not 3"),
        ("constant", "constant takes value, not 0"),
        ("constant(1,2)", "constant takes value, not 2"),
        ("zeros(1)", "zeros takes no arguments, not 1"),
        ("ones(1)", "ones takes no arguments"),
        ("zeros ones", "is not an initializer"),
    ];
    let initializers = initializers.into_iter().map(|(text, says)| {
        Row::call(format!("initializer {text:?}"), "ParseInitializer", says, move || {
            text.parse::<Initializer>().map(|_| ())
        })
    });
    // Readable, and refused a step later.
    let read = [("normal(nan,1)", "mean is NaN"), ("uniform(-inf,inf)", "low is -inf"), ("constant(1e999)", "is inf")];
    let read = read
        .into_iter()
        .map(|(text, says)| Row::call(format!("initializer {text:?}"), "NotFinite", says, move || make(text.parse()?)));
    let dtypes = ["", "f64", "float32", "bfloat16", "fp16", " f32", "f32 ", "BF 16", "f8", "f8_e4m3fnuz"];
    let dtypes = dtypes.into_iter().map(|text| {
        Row::call(format!("dtype {text:?}"), "ParseDType", "write f32, f16, bf16, f8_e4m3fn or f8_e5m2", move || {
            text.parse::<DType>().map(|_| ())
        })
    });
    initializers.chain(read).chain(dtypes).collect()
}
