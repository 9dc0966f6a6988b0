//! The table of bad inputs.

use crate::host::{Fills, Host, noop_device, panic_on_wgpu_errors};
use wgpu_init::gpu::GpuOptions;
use wgpu_init::layer::{
    AdaptiveLogSoftmaxWithLoss, Bilinear, Cell, Conv, ConvTranspose, Embedding, GroupNorm, Layer, Linear,
    LinearCrossEntropyLoss, MultiheadAttention, Recurrent,
};
use wgpu_init::model::{Parameter, Recipe};
use wgpu_init::plan::{self, plan};
use wgpu_init::scheme::{FanMode, Fans, Layout, Nonlinearity, Spread};
use wgpu_init::wgpu::{self, Features, Limits};
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{DType, Fill, GpuExecutor, Initializer, Result, Seed, Shape, Stream};

/// What is bad: a call, or fills that are valid until they are recorded.
pub(crate) enum Bad {
    Call(Box<dyn Fn() -> Result<()>>),
    Record(for<'a> fn(&'a Host) -> Result<Fills<'a>>),
}

/// A bad input, the variant of `Error` it gives (the root, where it is a fill of a list), and what the message must say.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) variant: &'static str,
    pub(crate) says: String,
    pub(crate) bad: Bad,
}

impl Row {
    pub(crate) fn call(
        name: impl Into<String>,
        variant: &'static str,
        says: impl Into<String>,
        bad: impl Fn() -> Result<()> + 'static,
    ) -> Self {
        Self { name: name.into(), variant, says: says.into(), bad: Bad::Call(Box::new(bad)) }
    }

    pub(crate) fn record(
        name: &str,
        variant: &'static str,
        says: &str,
        bad: for<'a> fn(&'a Host) -> Result<Fills<'a>>,
    ) -> Self {
        Self { name: name.into(), variant, says: says.into(), bad: Bad::Record(bad) }
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = not_finite();
    rows.extend(parameters());
    rows.extend(schemes());
    rows.extend(layers());
    rows.extend(overflows());
    rows.extend(windows());
    rows.extend(shapes());
    rows.extend(texts());
    rows.extend(recipes());
    rows.extend(slices_and_offsets());
    rows.extend(ranges());
    rows.extend(overlaps());
    rows.extend(small_devices());
    rows.extend(small_plans());
    rows.extend(chosen_shaders());
    rows.extend(devices());
    rows
}

/// Every parameter of every distribution as NaN and as both infinities.
fn not_finite() -> Vec<Row> {
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
fn parameters() -> Vec<Row> {
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
        ("WindowTooNarrow", "the window [1, 2] holds 0", Initializer::trunc_normal(0.0, 0.0, 1.0, 2.0)),
    ];
    let row = |(variant, says, initializer): (&'static str, &str, Initializer)| {
        Row::call(format!("{initializer}"), variant, says, move || make(initializer))
    };
    cases.into_iter().map(row).collect()
}

/// Parameters that a dtype cannot hold: known when the fill is recorded.
fn overflows() -> Vec<Row> {
    use DType::{Bf16, F16, F32};
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
        ("NoValueBetween", "no f32 number lies between", Initializer::uniform(1.0 + 1e-9, 1.0 + 2e-9), F32),
        ("NoValueBetween", bounds, Initializer::uniform(1.0 - 1e-9, 1.0), F32),
        ("NoValueBetween", "no bf16 number", Initializer::uniform(1.001, 1.002), Bf16),
        ("NoValueBetween", "no f16 number", Initializer::uniform(1.000_1, 1.000_2), F16),
        ("NoValueBetween", bounds, Initializer::trunc_normal(1.0, 1.0, 1.000_1, 1.000_2), Bf16),
    ];
    cases.into_iter().map(|case| drawn(case.0, case.1, case.2, case.3)).collect()
}

/// Schemes: their numbers, and shapes without fans.
fn schemes() -> Vec<Row> {
    let row = |variant, says: &str, initializer: Initializer, dims: &[u64]| {
        let dims = dims.to_vec();
        Row::call(format!("{initializer} of {dims:?}"), variant, says, move || {
            initializer.distribution(&Shape::new(dims.clone())?).map(|_| ())
        })
    };
    let xavier = Initializer::xavier_uniform;
    let kaiming = |gain| Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Gain { gain });
    let scaled = |scale| Initializer::variance_scaling(scale, FanMode::FanAvg, Spread::Normal);
    let fans = |dims: &[u64]| {
        let dims = dims.to_vec();
        Row::call(format!("fans of {dims:?}"), "ZeroFan", "a size is zero", move || {
            Fans::of(&Shape::new(dims.clone())?, Layout::OutIn).map(|_| ())
        })
    };
    vec![
        row("NotFinite", "xavier: gain is NaN", xavier(f64::NAN), &[3, 4]),
        row("NotFinite", "kaiming: gain is inf", kaiming(f64::INFINITY), &[3, 4]),
        row("NotFinite", "variance_scaling: scale is -inf", scaled(f64::NEG_INFINITY), &[3, 4]),
        row("NegativeScale", "xavier: gain is -1, it must be zero or more", xavier(-1.0), &[3, 4]),
        row("NegativeScale", "kaiming: gain is -0.5", kaiming(-0.5), &[3, 4]),
        row("NegativeScale", "variance_scaling: scale is -2", scaled(-2.0), &[3, 4]),
        row("FansNeedRank", "of rank 0", xavier(1.0), &[]),
        row("FansNeedRank", "give vectors an initializer without fans", xavier(1.0), &[7]),
        row("FansNeedRank", "of rank 1", Initializer::he_normal(), &[7]),
        fans(&[0, 3]),
        fans(&[3, 4, 0]),
        Row::call("a gain of gelu", "UnknownNonlinearity", "gain=NUMBER", || {
            "gelu".parse::<Nonlinearity>().map(|_| ())
        }),
        Row::call("a slope of words", "UnknownNonlinearity", "leaky_relu=SLOPE", || {
            "leaky_relu=steep".parse::<Nonlinearity>().map(|_| ())
        }),
    ]
}

/// Sizes of layers that PyTorch refuses, and overrides that name nothing.
fn layers() -> Vec<Row> {
    let row = |says: &str, layer: Result<Layer>| {
        Row::call(format!("layer: {says}"), "InvalidLayer", says, move || layer.clone().map(|_| ()))
    };
    let lstm = |input, hidden| Recurrent::new(Cell::Lstm, input, hidden);
    let softmax = |cutoffs: &[u64]| AdaptiveLogSoftmaxWithLoss::new(8, 20, cutoffs);
    vec![
        row(
            "Linear: there is no parameter \"wieght\"",
            Linear::new(3, 4).parameter("wieght", Initializer::zeros()).layer(),
        ),
        row("Bilinear: in1_features is 0", Bilinear::new(0, 4, 5).layer()),
        row("the kernel has 4 sizes", Conv::new(4, 4, [3; 4]).layer()),
        row("Conv: groups is 0", Conv::new(4, 4, [3, 3]).groups(0).layer()),
        row("in_channels is 3, it must be divisible by groups = 2", Conv::new(3, 4, [3]).groups(2).layer()),
        row("out_channels is 6", ConvTranspose::new(4, 6, [3]).groups(4).layer()),
        row("padding_idx is 10, it must be within the 10 rows", Embedding::new(10, 3).padding_idx(10).layer()),
        row("padding_idx is -11", Embedding::new(10, 3).padding_idx(-11).layer()),
        row("input_size is 0", lstm(0, 4).layer()),
        row("hidden_size is 0", lstm(4, 0).layer()),
        row("num_layers is 0", lstm(4, 4).layers(0).layer()),
        row("smaller than hidden_size = 4", lstm(4, 4).proj_size(4).layer()),
        row("for LSTM only", Recurrent::new(Cell::Gru, 4, 4).proj_size(2).layer()),
        row("num_channels is 4, it must be divisible by num_groups = 3", GroupNorm::new(3, 4).layer()),
        row("num_groups = 0", GroupNorm::new(0, 4).layer()),
        row("embed_dim is 0 and num_heads 1", MultiheadAttention::new(0, 1).layer()),
        row("embed_dim is 10, it must be divisible by num_heads = 3", MultiheadAttention::new(10, 3).layer()),
        row("embed_dim is too large", MultiheadAttention::new(u64::MAX, 1).layer()),
        row("cutoffs is empty", softmax(&[]).layer()),
        row("cutoffs are [10, 5]", softmax(&[10, 5]).layer()),
        row("below 20", softmax(&[20]).layer()),
        row("div_value is 0", softmax(&[5]).div_value(0.0).layer()),
        row("past 2^64", LinearCrossEntropyLoss::new(3, u64::MAX).out_features([2]).layer()),
    ]
}

/// Truncation windows with too few points of the lattice.
fn windows() -> Vec<Row> {
    let (more, nearer) = ("at least 65536 are needed", "widen it or move it nearer to the mean");
    let cases = [
        ("WindowTooNarrow", "holds 0 of the 2^32 points", Initializer::trunc_normal(0.0, 1.0, 6.4, 9.0), DType::F32),
        ("WindowTooNarrow", "holds 0 of the 2^32 points", Initializer::trunc_normal(0.0, 1.0, -9.0, -6.4), DType::F32),
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

fn shapes() -> Vec<Row> {
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
fn texts() -> Vec<Row> {
    let initializers = [
        ("", "\"\" is not an initializer"),
        ("gauss(0,1)", "\"gauss\" is not an initializer"),
        ("Normal(0,1)", "write e.g. normal(0,0.02)"),
        ("normal", "two arguments, mean and std, not 0"),
        ("normal()", "takes two arguments, mean and std, not 0"),
        ("normal(0)", "normal takes two arguments, mean and std, not 1"),
        ("normal(0,1,2)", "mean and std, not 3"),
        ("normal(0,1", "the closing parenthesis is missing"),
        ("normal(0,1) ,", "the closing parenthesis is missing"),
        ("normal 0,1)", "is not an initializer"),
        ("normal(0,1))", "\"1)\" is not a number"),
        ("normal((0,1)", "\"(0\" is not a number"),
        ("normal(0;1)", "\"0;1\" is not a number"),
        ("normal(0,,1)", "\"\" is not a number"),
        ("normal(0x1,1)", "\"0x1\" is not a number"),
        ("normal(0,1e)", "\"1e\" is not a number"),
        ("uniform(0.1)", "low and high, not 1"),
        ("trunc_normal(0,1,2)", "mean, std, low and high, not 3"),
        ("constant", "one argument, the value, not 0"),
        ("constant(1,2)", "the value, not 2"),
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
    let dtypes = ["", "f64", "float32", "bfloat16", "fp16", " f32", "f32 ", "BF 16"].into_iter().map(|text| {
        Row::call(format!("dtype {text:?}"), "ParseDType", "write f32, f16 or bf16", move || {
            text.parse::<DType>().map(|_| ())
        })
    });
    initializers.chain(read).chain(dtypes).collect()
}

fn recipes() -> Vec<Row> {
    let unknown = ["", "GPT2", "llama"].into_iter().map(|text| {
        Row::call(format!("recipe {text:?}"), "UnknownRecipe", "the recipes are gpt2", move || {
            text.parse::<Recipe>().map(|_| ())
        })
    });
    let unmatched = [
        ("one name", &["a.q_proj.weight"][..], "recipe gpt2: no rule for the parameters a.q_proj.weight"),
        ("all names that no rule knows", &["x", "h.0.ln_1.bias", "wte.weight", "y.z"][..], "parameters x, y.z"),
        ("a name without a module", &["weight"][..], "parameters weight"),
    ];
    let unmatched = unmatched.into_iter().map(|(name, parameters, says)| {
        Row::call(format!("unmatched: {name}"), "UnmatchedParameters", says, move || {
            let parameter = |name: &&str| Ok(Parameter { name: (*name).to_owned(), shape: Shape::new([2])? });
            let parameters = parameters.iter().map(parameter).collect::<Result<Vec<_>>>()?;
            Recipe::Gpt2.initializers(&parameters).map(|_| ())
        })
    });
    unknown.chain(unmatched).collect()
}

#[expect(clippy::reversed_empty_ranges, reason = "one row is about just that")]
fn slices_and_offsets() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("a normal fill without a key", "MissingKey", ".named(seed, name) or .keyed(seed, stream)", |host| {
            Ok(vec![host.normal([4])?])
        }),
        record("a uniform fill without a key", "MissingKey", "uniform draws random numbers", |host| {
            Ok(vec![Fill::new(&host.arena, Shape::new([4])?, Initializer::uniform(0.0, 1.0))?])
        }),
        record("a truncated fill without a key", "MissingKey", "trunc_normal draws random numbers", |host| {
            Ok(vec![Fill::new(&host.arena, Shape::new([4])?, Initializer::trunc_normal(0.0, 1.0, -1.0, 1.0))?])
        }),
        record(
            "a slice past the end",
            "SliceOutOfBounds",
            "elements 0..101 were asked for, the tensor has 100",
            |host| Ok(vec![host.keyed([10, 10])?.elements(0..101)]),
        ),
        record("an inverted slice", "SliceOutOfBounds", "elements 5..4 were asked for", |host| {
            Ok(vec![host.keyed([10])?.elements(5..4)])
        }),
        record("an empty slice past the end", "SliceOutOfBounds", "elements 11..11 were asked for", |host| {
            Ok(vec![host.keyed([10])?.elements(11..11)])
        }),
        record("a slice at the end of u64", "SliceOutOfBounds", "the tensor has 10", |host| {
            Ok(vec![host.keyed([10])?.elements(u64::MAX - 1..u64::MAX)])
        }),
        record("a slice of an empty tensor", "SliceOutOfBounds", "the tensor has 0", |host| {
            Ok(vec![host.keyed([5, 0])?.elements(0..1)])
        }),
        record("f32 at byte 1", "Misaligned", "the byte offset 1 is not a multiple of f32's 4 bytes", |host| {
            Ok(vec![host.keyed([4])?.at(1)])
        }),
        record("f32 at byte 2", "Misaligned", "offset 2 is not a multiple of f32's 4", |host| {
            Ok(vec![host.keyed([4])?.at(2)])
        }),
        record("f16 at byte 1", "Misaligned", "offset 1 is not a multiple of f16's 2", |host| {
            Ok(vec![host.keyed([4])?.dtype(DType::F16).at(1)])
        }),
        record("bf16 at byte 259", "Misaligned", "offset 259 is not a multiple of bf16's 2", |host| {
            Ok(vec![host.keyed([4])?.dtype(DType::Bf16).at(259)])
        }),
        record("no elements at byte 2", "Misaligned", "f32's 4", |host| Ok(vec![host.keyed([0])?.at(2)])),
        record("2^64 - 1 elements of f32", "OffsetOverflow", "18446744073709551615 elements of f32", |host| {
            Ok(vec![host.keyed([u64::MAX])?])
        }),
        record("the last offset for f32", "OffsetOverflow", "end past 2^64", |host| {
            Ok(vec![host.keyed([1])?.at(u64::MAX - 3)])
        }),
        record("the last offset for f16", "OffsetOverflow", "1 elements of f16 at byte offset", |host| {
            Ok(vec![host.keyed([1])?.dtype(DType::F16).at(u64::MAX - 1)])
        }),
    ]
}

fn ranges() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("one f32 too many", "TargetTooSmall", "bytes 0..1028 are to be written, the target has 1024", |host| {
            Ok(vec![host.keyed([257])?])
        }),
        record("one f16 too many", "TargetTooSmall", "bytes 2..1026 are", |host| {
            Ok(vec![host.keyed([512])?.dtype(DType::F16).at(2)])
        }),
        record("one bf16 at the end", "TargetTooSmall", "bytes 1024..1026 are", |host| {
            Ok(vec![host.keyed([1])?.dtype(DType::Bf16).at(1024)])
        }),
        record("an offset far past the end", "TargetTooSmall", "the target has 1024 bytes", |host| {
            Ok(vec![host.keyed([1])?.at(1 << 63)])
        }),
        record("a tensor of 2^62 - 1 elements", "TargetTooSmall", "bytes 0..18446744073709551612", |host| {
            Ok(vec![host.keyed([(1 << 62) - 1])?])
        }),
        record(
            "the halfword behind the last word",
            "IncompleteWord",
            "make the buffer's size a multiple of 4",
            |host| {
                let spec = host.keyed([3])?.dtype(DType::F16).at(1016).into_parts().1;
                Ok(vec![Fill::from_parts(&host.uneven, spec)])
            },
        ),
        record("all halfwords of an uneven buffer", "IncompleteWord", "a buffer of 1022 bytes", |host| {
            let spec = host.keyed([511])?.dtype(DType::Bf16).into_parts().1;
            Ok(vec![Fill::from_parts(&host.uneven, spec)])
        }),
        record("past the end of an uneven buffer", "TargetTooSmall", "the target has 1022 bytes", |host| {
            let spec = host.keyed([1])?.at(1020).into_parts().1;
            Ok(vec![Fill::from_parts(&host.uneven, spec)])
        }),
        record("a buffer without STORAGE", "MissingStorageUsage", "lacks STORAGE; add it", |host| {
            let spec = host.keyed([3])?.into_parts().1;
            Ok(vec![Fill::from_parts(&host.not_storage, spec)])
        }),
        record("no elements in a buffer without STORAGE", "MissingStorageUsage", "COPY_SRC | COPY_DST", |host| {
            let spec = host.keyed([0])?.into_parts().1;
            Ok(vec![host.keyed([3])?, Fill::from_parts(&host.not_storage, spec)])
        }),
        record("a bad fill behind good ones", "TargetTooSmall", "fill 2 (c): bytes 1024..1028", |host| {
            let named = |name| Ok(host.normal([1])?.named(Seed::new(0), name));
            Ok(vec![named("a")?, named("b")?.at(4), named("c")?.at(1024), named("d")?.at(8)])
        }),
        record("the first of two bad fills", "Misaligned", "fill 1:", |host| {
            Ok(vec![host.keyed([1])?, host.keyed([1])?.at(6), host.keyed([1])?.at(1024)])
        }),
    ]
}

fn overlaps() -> Vec<Row> {
    let record = Row::record;
    vec![
        record("the same fill twice", "Overlap", "fills 0 and 1 both write bytes 0..400 of one target", |host| {
            Ok(vec![host.keyed([100])?, host.keyed([100])?])
        }),
        record("the last element of the one before", "Overlap", "in two calls if that is meant", |host| {
            Ok(vec![host.keyed([100])?, host.keyed([1])?.at(396)])
        }),
        record("the first element of the one behind", "Overlap", "fills 0 and 1 both write bytes 300..304", |host| {
            Ok(vec![host.keyed([10])?.at(300), host.keyed([76])?])
        }),
        record("one halfword", "Overlap", "fills 0 and 1 both write bytes 14..16", |host| {
            Ok(vec![host.keyed([8])?.dtype(DType::F16), host.keyed([8])?.dtype(DType::Bf16).at(14)])
        }),
        record("one halfword of an f32", "Overlap", "both write bytes 2..4", |host| {
            Ok(vec![host.keyed([1])?, host.keyed([1])?.dtype(DType::F16).at(2)])
        }),
        record("one inside another", "Overlap", "both write bytes 512..516", |host| {
            Ok(vec![host.keyed([256])?, host.keyed([1])?.at(512)])
        }),
        record("the first and the last of many", "Overlap", "fills 0 and 3 both write bytes 12..16", |host| {
            let at = |offset| Ok(host.keyed([1])?.at(offset));
            Ok(vec![at(12)?, at(0)?, at(4)?, at(12)?, at(8)?])
        }),
        record("with other buffers in between", "Overlap", "fills 0 and 2 both write", |host| {
            let elsewhere = Fill::from_parts(&host.uneven, host.keyed([2])?.into_parts().1);
            Ok(vec![host.keyed([2])?, elsewhere, host.keyed([2])?.at(4)])
        }),
    ]
}

/// Devices whose limits are too small, as far as wgpu makes such a device.
fn small_devices() -> Vec<Row> {
    type Edit = fn(&mut Limits);
    let row = |name: &str, says: &str, edit: Edit| {
        let says = format!("the device's {says}");
        Row::call(format!("device: {name}"), "DeviceLimit", says, move || {
            let (device, _) = noop_device(|descriptor| edit(&mut descriptor.required_limits));
            panic_on_wgpu_errors(&device);
            GpuExecutor::new(&device).map(|_| ())
        })
    };
    vec![
        row("two storage buffers", "max_storage_buffers_per_shader_stage is 2, at least 3 is needed", |limits| {
            limits.max_storage_buffers_per_shader_stage = 2;
        }),
        row("no bind groups", "max_bind_groups is 0, at least 1 is needed", |limits| limits.max_bind_groups = 0),
        row("two bindings", "max_bindings_per_bind_group is 2, at least 3", |limits| {
            limits.max_bindings_per_bind_group = 2;
        }),
        row("no workgroups", "max_compute_workgroups_per_dimension is 0, at least 1", |limits| {
            limits.max_compute_workgroups_per_dimension = 0;
        }),
        row("no invocations", "max_compute_invocations_per_workgroup is 0, at least 1", |limits| {
            limits.max_compute_invocations_per_workgroup = 0;
        }),
        row("workgroups of no width", "max_compute_invocations_per_workgroup is 0", |limits| {
            limits.max_compute_workgroup_size_x = 0;
        }),
        row(
            "a binding too small for the table",
            "max_storage_buffer_binding_size is 16380, at least 16384",
            |limits| {
                limits.max_storage_buffer_binding_size = 16_380;
            },
        ),
        row(
            "no compute at all",
            "max_storage_buffers_per_shader_stage is 0, at least 3 is needed; request it",
            |limits| {
                *limits = Limits::downlevel_webgl2_defaults();
            },
        ),
    ]
}

/// Limits that only a host of its own can hand to the planner.
fn small_plans() -> Vec<Row> {
    type Edit = fn(&mut plan::Device);
    let row = |name: &str, says: &str, edit: Edit| {
        Row::call(format!("plan: {name}"), "DeviceLimit", says, move || {
            let mut device = plan::Device::default();
            edit(&mut device);
            let fill = Fill::new((), Shape::new([1000])?, Initializer::normal(0.0, 1.0))?;
            plan(&[4000], &[(0, fill.keyed(Seed::new(1), Stream::new(2)).spec())], &device).map(|_| ())
        })
    };
    vec![
        row(
            "no room for the table of fills",
            "max_buffer_size (for the table of fills) is 32, at least 64",
            |device| {
                device.max_buffer_size = 32;
            },
        ),
        row("a binding of no size", "max_storage_buffer_binding_size is 0", |device| device.max_binding_size = 0),
        row("a binding smaller than its alignment", "at least 272 is needed", |device| device.max_binding_size = 256),
        row("no workgroups", "max_compute_workgroups_per_dimension is 0", |device| {
            device.max_workgroups_per_dimension = 0;
        }),
        row("no invocations", "max_compute_invocations_per_workgroup is 0", |device| device.max_workgroup_size = 0),
    ]
}

/// Shaders that were asked for and that the device cannot run.
fn chosen_shaders() -> Vec<Row> {
    let native = || {
        let (device, _) = noop_device(|_| ());
        let options = GpuOptions { products: Some(Products::Native), table: None };
        GpuExecutor::with_options(&device, options).map(|_| ())
    };
    let table = || {
        let edit = |descriptor: &mut wgpu::DeviceDescriptor<'_>| {
            descriptor.required_limits.max_compute_workgroup_storage_size = 16_383;
            descriptor.required_features = Features::SHADER_INT64;
        };
        let (device, _) = noop_device(edit);
        let options = GpuOptions { products: None, table: Some(Table::Workgroup) };
        GpuExecutor::with_options(&device, options).map(|_| ())
    };
    let units = || {
        let (device, queue) = noop_device(|descriptor| descriptor.required_limits.max_buffer_size = 1 << 16);
        GpuExecutor::new(&device)?.normal_units(&queue, 0, 1, (1 << 14) + 1).map(|_| ())
    };
    vec![
        Row::call("the native path without SHADER_INT64", "DeviceLimit", "Features::SHADER_INT64 is 0", native),
        Row::call("the table in too little workgroup memory", "DeviceLimit", "storage_size is 16383", table),
        Row::call("more units than a binding holds", "DeviceLimit", "is 65536, at least 65540 is needed", units),
    ]
}

/// Devices that are not what they should be.
fn devices() -> Vec<Row> {
    let other = || {
        let [host, other] = Host::noop_pair();
        let mut encoder = other.encoder();
        let outcome = host.executor.record(&other.device, &mut encoder, &[other.keyed([4])?]);
        other.queue.submit([encoder.finish()]);
        outcome
    };
    let other_blocking = || {
        let [host, other] = Host::noop_pair();
        host.executor.fill_blocking(&other.device, &other.queue, &[])
    };
    let self_test = || {
        let host = Host::noop();
        host.executor.self_test(&host.queue)
    };
    let lost = || {
        let host = Host::noop();
        host.device.destroy();
        host.executor.fill_blocking(&host.device, &host.queue, &[])
    };
    vec![
        Row::call("another device", "WrongDevice", "make one executor for each device", other),
        Row::call("another device, blocking", "WrongDevice", "another wgpu::Device", other_blocking),
        Row::call("a device that computes nothing", "SelfTest", "use the CPU executor on this machine", self_test),
        Row::call("recording on a destroyed device", "DeviceFailed", "the device did not finish the work", || {
            let host = Host::noop();
            let mut encoder = host.encoder();
            host.device.destroy();
            host.executor.record(&host.device, &mut encoder, &[host.keyed([4])?])
        }),
        Row::call("an executor of a destroyed device", "DeviceFailed", "the device did not finish the work", || {
            let host = Host::noop();
            host.device.destroy();
            GpuExecutor::new(&host.device).map(|_| ())
        }),
        Row::call("a destroyed device", "DeviceFailed", "the device did not finish the work", lost),
    ]
}

/// Makes a fill of an initializer.
fn make(initializer: Initializer) -> Result<()> {
    Fill::new((), Shape::new([4])?, initializer).map(|_| ())
}
