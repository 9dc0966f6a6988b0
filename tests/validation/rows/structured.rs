//! Structures: shapes that PyTorch refuses too, numbers outside of what has a meaning.

use super::Row;
use wgpu_init::scheme::{Axes, Layout};
use wgpu_init::{DType, Initializer, Shape};

type Case = (&'static str, &'static [u64], &'static str);

pub(super) fn structured() -> Vec<Row> {
    // The first nine are PyTorch's own (its errors in tests/data/torch_init_functions.json).
    const SHAPES: [Case; 23] = [
        ("eye", &[3], "eye for the shape [3]: two axes are needed"),
        ("eye", &[2, 3, 4], "two axes are needed"),
        ("dirac", &[3], "3, 4 or 5 axes are needed"),
        ("dirac", &[3, 3], "3, 4 or 5 axes are needed"),
        ("dirac", &[1, 1, 1, 1, 1, 1], "3, 4 or 5 axes are needed"),
        ("dirac(2)", &[5, 3, 3], "the first axis must be divisible by groups = 2"),
        ("dirac(0)", &[4, 3, 3], "divisible by groups = 0"),
        ("orthogonal", &[3], "orthogonal for the shape [3]: 2 or more axes are needed"),
        ("orthogonal", &[], "2 or more axes are needed"),
        ("dirac", &[4, 3, 0], "the kernel must have at least one element"),
        ("sparse(0.1)", &[3], "sparse for the shape [3]: two axes are needed"),
        ("sparse_rows(0.1)", &[2, 3, 4], "sparse_rows for the shape [2, 3, 4]: two axes are needed"),
        ("orthogonal(1,batch=1)", &[3, 4], "3 or more axes are needed"),
        ("orthogonal", &[65_537, 2], "at most 65536 rows and columns, not 65537 x 2"),
        ("delta_orthogonal", &[3, 3], "3, 4 or 5 axes are needed"),
        ("delta_orthogonal", &[3, 4, 3], "the 4 input channels must not be more than the 3 outputs"),
        ("delta_orthogonal(1,in_out)", &[3, 4, 3], "the 4 input channels must not be more than the 3 outputs"),
        ("delta_orthogonal", &[60_000, 50_000, 3], "at most 2^32 - 1 elements"),
        ("eye", &[2, 1 << 32], "every size must be below 2^32"),
        ("stft_real", &[30, 17], "stft_real for the shape [30, 17]: three axes are needed, [frame_length, 1, bins]"),
        ("stft_imag", &[30, 2, 17], "three axes are needed"),
        ("stft_real", &[0, 1, 17], "the frame must have from 1 to 2^24 values"),
        ("stft_real", &[2, 1, 17], "the window is zero everywhere"),
    ];
    let shapes = SHAPES.into_iter().map(|(text, dims, says)| {
        Row::call(format!("{text} for {dims:?}"), "UnsuitableShape", says, move || {
            text.parse::<Initializer>()?.distribution(&Shape::new(dims)?).map(|_| ())
        })
    });
    let resolve =
        |initializer: Initializer, dtype| move || initializer.distribution(&Shape::new([4, 3, 2])?)?.fits(dtype);
    let square = |initializer: Initializer, dtype| move || initializer.distribution(&Shape::new([4, 3])?)?.fits(dtype);
    let custom = Layout::Custom { input: Axes::one(0), output: Axes::one(1), batch: Axes::NONE };
    let f32 = DType::F32;
    let others = [
        Row::call("sparsity 1.5", "OutOfRange", "sparse: sparsity is 1.5, it must be from 0 to 1", {
            square(Initializer::sparse(1.5, 0.01), f32)
        }),
        Row::call("sparsity -0.1", "OutOfRange", "sparsity is -0.1", square(Initializer::sparse_rows(-0.1, 0.01), f32)),
        Row::call("sparsity NaN", "NotFinite", "sparsity is NaN", square(Initializer::sparse(f64::NAN, 0.01), f32)),
        Row::call("sparse std -1", "NegativeStd", "std is -1", square(Initializer::sparse(0.5, -1.0), f32)),
        Row::call(
            "orthogonal gain inf",
            "NotFinite",
            "gain is inf",
            square(Initializer::orthogonal(f64::INFINITY), f32),
        ),
        Row::call("eye gain NaN", "NotFinite", "eye: gain is NaN", square(Initializer::eye(f64::NAN), f32)),
        Row::call("orthogonal gain 1e-30", "ScaleTooSmall", "gain", square(Initializer::orthogonal(1e-30), f32)),
        Row::call("orthogonal gain 70000 in f16", "Overflow", "f16", square(Initializer::orthogonal(7e4), DType::F16)),
        Row::call("delta_orthogonal gain 1e39", "Overflow", "f32", resolve(Initializer::delta_orthogonal(1e39), f32)),
        Row::call("orthogonal with custom axes", "UnsuitableShape", "the layout must be out_in or in_out", {
            square(Initializer::orthogonal(1.0).with_layout(custom), f32)
        }),
    ];
    let texts = [
        ("orthogonal(1,2)", "orthogonal takes [gain], [batch=axes], [out_in|in_out], not 2"),
        ("orthogonal(x)", "\"x\" is not a number"),
        ("orthogonal(1,batch=x)", "\"x\" is not a number"),
        ("dirac(1.5)", "dirac: groups is 1.5, it must be a whole number"),
        ("sparse", "sparse takes sparsity, [std], not 0"),
        ("eye(1,in_out)", "eye takes [gain], not 2"),
        ("stft_real(hann,none,periodic,1)", "takes [none|hann|hamming], [none|density|spectrum], [periodic], not 4"),
        (
            "kaiming_normal(fan_in,relu,1)",
            "takes [fan_in|fan_out|fan_avg|fan_geo_avg], [nonlinearity], [out_in|in_out|in=axes, out=axes, batch=axes], not 3",
        ),
        ("stft_real(kaiser)", "\"kaiser\" is not one of none|hann|hamming"),
    ];
    let texts = texts.into_iter().map(|(text, says)| {
        Row::call(format!("text {text}"), "ParseInitializer", says, move || text.parse::<Initializer>().map(|_| ()))
    });
    shapes.chain(others).chain(texts).collect()
}
