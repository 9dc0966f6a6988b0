//! Laws that the host computes: numbers, last axes, texts, and more of them than a device takes.

use super::Row;
use super::values::make;
use wgpu_init::plan::{self, Region, plan};
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

pub(super) fn computed() -> Vec<Row> {
    let numbers = [
        ("NotFinite", "log_uniform: low is NaN, it must be finite", Initializer::log_uniform(f64::NAN, 1.0)),
        ("NotFinite", "log_uniform: high is inf", Initializer::log_uniform(1.0, f64::INFINITY)),
        ("NotFinite", "dt_bias: floor is NaN", Initializer::dt_bias(0.001, 0.1, f64::NAN)),
        ("NotFinite", "ramp: step is inf", Initializer::ramp(0.0, f64::INFINITY)),
        ("NotFinite", "sinusoids: max_timescale is NaN", Initializer::sinusoids(f64::NAN)),
        ("NotPositive", "log_uniform: low is 0, it must be above zero", Initializer::log_uniform(0.0, 1.0)),
        ("NotPositive", "log_of_uniform: low is -1", Initializer::log_of_uniform(-1.0, 16.0)),
        ("NotPositive", "rg_lru: min is 0", Initializer::rg_lru(0.0, 0.5)),
        ("OutOfRange", "rg_lru: max is 1, it must be at most 0.99999999", Initializer::rg_lru(0.9, 1.0)),
        ("NotPositive", "dt_bias: min is 0", Initializer::dt_bias(0.0, 0.1, 1e-4)),
        ("NotPositive", "sinusoids: max_timescale is 0", Initializer::sinusoids(0.0)),
        ("NotPositive", "sinusoids_interleaved: max_timescale is -1", Initializer::sinusoids_interleaved(-1.0)),
        ("NotPositive", "sinusoids_concatenated: max_timescale is 0", Initializer::sinusoids_concatenated(0.0)),
        ("NotFinite", "power_law: end is NaN", Initializer::power_law(0.0, f64::NAN, 1.0)),
        ("NotPositive", "power_law: exponent is 0, it must be above zero", Initializer::power_law(0.0, 1.0, 0.0)),
        ("NotPositive", "power_law_open: exponent is -1", Initializer::power_law_open(0.0, 1.0, -1.0)),
        ("NotFinite", "zigzag: wave is inf", Initializer::zigzag(0.0, 1.0, f64::INFINITY)),
        ("OutOfRange", "power_law_heads: head is 1", Initializer::power_law_heads(0.0, 1.0, 1.0, 1.0, 1)),
        ("BoundsOutOfOrder", "log_uniform: low = 2 and high = 1", Initializer::log_uniform(2.0, 1.0)),
        ("BoundsOutOfOrder", "dt_bias: low = 0.2 and high = 0.1", Initializer::dt_bias(0.2, 0.1, 1e-4)),
        ("BoundsOutOfOrder", "log_of_uniform: low = 2 and high = 1", Initializer::log_of_uniform(2.0, 1.0)),
    ];
    let numbers = numbers.into_iter().map(|(variant, says, initializer)| {
        Row::call(format!("{initializer}"), variant, says, move || {
            initializer.distribution(&Shape::new([2, 8])?).map(|_| ())
        })
    });
    let axes = [
        (Initializer::a_log(), &[][..], "a_log: the last axis of the shape has 0 elements, at least one is needed"),
        (Initializer::ramp(0.0, 1.0), &[], "at least one is needed"),
        (Initializer::s4d_inv(), &[], "at least one is needed"),
        (Initializer::sinusoids(1e4), &[3, 5], "has 5 elements, an even number of at least 4 is needed"),
        (Initializer::sinusoids(1e4), &[3, 2], "has 2 elements, an even number of at least 4 is needed"),
        (Initializer::sinusoids_interleaved(1e4), &[3, 7], "has 7 elements, an even number is needed"),
        (Initializer::sinusoids_interleaved(1e4), &[], "has 0 elements, an even number is needed"),
        (Initializer::sinusoids_concatenated(1e4), &[3, 7], "has 7 elements, an even number is needed"),
        (Initializer::power_law(0.0, 1.0, 1.0), &[3, 1], "has 1 elements, at least two are needed"),
        (Initializer::power_law_open(0.0, 1.0, 1.0), &[], "at least one is needed"),
        (Initializer::zigzag(0.0, 1.0, 1.0), &[1], "at least two are needed"),
        (Initializer::power_law_heads(0.0, 1.0, 1.0, 1.0, 4), &[6], "has 6 elements, whole heads are needed"),
    ];
    let axes = axes.into_iter().map(|(initializer, dims, says)| {
        Row::call(format!("{initializer} for {dims:?}"), "UnsuitableLastAxis", says, move || {
            initializer.distribution(&Shape::new(dims)?).map(|_| ())
        })
    });
    let dtypes = [
        ("Overflow", "past the largest finite f16", Initializer::log_uniform(1.0, 65_530.0), DType::F16),
        ("Overflow", "log_uniform: values reach", Initializer::log_uniform(1.0, 1e39), DType::F32),
        ("Overflow", "zigzag: values reach", Initializer::zigzag(-2e38, -2e38, 2e38), DType::F32),
        ("Overflow", "ramp: values reach", Initializer::ramp(0.0, 1e38), DType::F32),
        ("Overflow", "orthogonal: values reach 5e2", Initializer::orthogonal(500.0), DType::F8E4M3Fn),
        ("NoValueBetween", "widen the bounds", Initializer::log_uniform(1.01, 1.011), DType::Bf16),
    ];
    let dtypes = dtypes.into_iter().map(|(variant, says, initializer, dtype)| {
        Row::call(format!("{initializer} {dtype}"), variant, says, move || {
            initializer.distribution(&Shape::new([2, 8])?)?.fits(dtype)
        })
    });
    numbers.chain(axes).chain(dtypes).chain(texts()).chain([resolved_axis(), too_many()]).collect()
}

fn texts() -> Vec<Row> {
    let cases = [
        ("log_uniform", "log_uniform takes low, high, not 0"),
        ("log_uniform(1,2,3)", "log_uniform takes low, high, not 3"),
        ("dt_bias(0.001,0.1)", "dt_bias takes min, max, floor, not 2"),
        ("a_log(1,2)", "a_log takes [length of the last axis], not 2"),
        ("a_log(1.5)", "a_log: length of the last axis is 1.5, it must be a whole number"),
        ("ramp(0,x)", "\"x\" is not a number"),
        ("sinusoids(10000,-4)", "sinusoids: length of the last axis is -4, it must be a whole number"),
        ("sinusoids", "sinusoids takes max_timescale, [length of the last axis], not 0"),
    ];
    let row = |(text, says): (&'static str, &str)| {
        Row::call(format!("initializer {text:?}"), "ParseInitializer", says, move || {
            text.parse::<Initializer>().map(|_| ())
        })
    };
    cases.into_iter().map(row).collect()
}

fn resolved_axis() -> Row {
    Row::call("a ramp along nothing", "UnsuitableLastAxis", "at least one is needed", || make("ramp(0,1,0)".parse()?))
}

/// Refused at once, not after minutes of logarithms.
fn too_many() -> Row {
    let says =
        "the table of fills and computed values: the device's max_buffer_size is 268435456, at least 2147483648 is";
    Row::call("4 GiB of computed values", "DeviceLimit", says, || {
        let fill = Fill::new(Shape::new([1 << 30])?, Initializer::log_uniform(1.0, 2.0))?;
        let mut device = plan::Device::default();
        device.max_binding_size = 1 << 32;
        let region = Region { buffer: 0, bytes: 0..1 << 32 };
        plan(&[1 << 32], [(region, fill.named(Seed::new(1), "w"))], &device).map(|_| ())
    })
}
