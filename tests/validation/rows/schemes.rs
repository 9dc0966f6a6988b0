//! Schemes and layers.

use super::Row;
use wgpu_init::layer::{
    AdaptiveLogSoftmaxWithLoss, Bilinear, Cell, Conv, Conv1d, Conv2d, ConvTranspose1d, Embedding, Gate, GroupNorm,
    Layer, Linear, LinearCrossEntropyLoss, MultiheadAttention, Recurrent,
};
use wgpu_init::scheme::{FanMode, Fans, Layout, Mup, Nonlinearity, Spread};
use wgpu_init::{Initializer, Part, Result, Shape, scheme};

/// Schemes: their numbers, and shapes without fans.
pub(super) fn schemes() -> Vec<Row> {
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
        Row::call(
            "a slope whose square is infinite",
            "ScaleTooSmall",
            "kaiming: a gain of 0e0 is below the smallest",
            || {
                "kaiming_normal(fan_in,leaky_relu=1e200)"
                    .parse::<Initializer>()?
                    .distribution(&Shape::new([8, 8])?)
                    .map(|_| ())
            },
        ),
        Row::call("a slope of words", "UnknownNonlinearity", "leaky_relu=SLOPE", || {
            "leaky_relu=steep".parse::<Nonlinearity>().map(|_| ())
        }),
    ]
}

/// Counts of zero, base shapes that do not fit, and both as text.
pub(super) fn widths() -> Vec<Row> {
    type Give = fn() -> Result<Initializer>;
    let zero = |says: &'static str, give: Give| {
        Row::call(format!("no {says}"), "ZeroCount", format!("{says} is 0, it must be at least 1"), move || {
            give().map(|_| ())
        })
    };
    let mup = |says: &'static str, dims: &'static [u64], base: &'static [u64], give: fn(Mup) -> Result<Initializer>| {
        Row::call(format!("{dims:?} over {base:?}: {says}"), "InvalidBaseShape", says, move || {
            give(Mup::new(&Shape::new(dims)?, &Shape::new(base)?)?).map(|_| ())
        })
    };
    let text = |text: &'static str, says: &'static str| {
        Row::call(format!("scheme {text}"), "ParseInitializer", says, move || text.parse::<Initializer>().map(|_| ()))
    };
    let centred = "the law must be symmetric about 0";
    vec![
        zero("scaled_normal: n_layer", || scheme::scaled_normal(0.02, 0, 2)),
        zero("scaled_normal: branches", || scheme::scaled_normal(0.02, 12, 0)),
        zero("residual_normal: n_layer", || scheme::residual_normal(0.02, 0)),
        zero("small_init: d_model", || scheme::small_init(0)),
        zero("wang_init: n_layer", || scheme::wang_init(0, 8)),
        zero("wang_init: d_model", || scheme::wang_init(8, 0)),
        zero("logits_head: d_model", || scheme::logits_head(0)),
        zero("mitchell: d_in", || scheme::mitchell(0)),
        zero("mitchell_residual: d_in", || scheme::mitchell_residual(0, 3)),
        zero("full_megatron_residual: n_layer", || scheme::full_megatron_residual(0.02, 0)),
        zero("negative_log_bias: classes", || scheme::negative_log_bias(0)),
        mup("the ranks must be the same", &[8, 8], &[4], |mup| mup.normal(0.0, 1.0)),
        mup("every size must be at least 1", &[8, 8], &[4, 0], |mup| mup.normal(0.0, 1.0)),
        mup("at most two axes may grow", &[8, 8, 3], &[4, 4, 1], |mup| mup.normal(0.0, 1.0)),
        mup(centred, &[8, 8], &[4, 4], |mup| mup.normal(0.5, 1.0)),
        mup(centred, &[8, 8], &[4, 2], |mup| mup.uniform(0.0, 1.0)),
        mup(centred, &[8, 8], &[2, 4], |mup| mup.trunc_normal(0.0, 1.0, -1.0, 2.0)),
        mup("one must be the outputs", &[8, 8, 3], &[8, 4, 1], |mup| mup.xavier_normal(1.0)),
        mup("the mode must be fan_in or fan_out", &[8, 8], &[4, 4], |mup| {
            mup.kaiming_uniform(FanMode::FanAvg, Nonlinearity::Relu)
        }),
        Row::call("µP of a vector's fans", "FansNeedRank", "of rank 1", || {
            Mup::new(&Shape::new([8])?, &Shape::new([4])?)?.xavier_uniform(1.0).map(|_| ())
        }),
        Row::call("qkv of a vector", "FansNeedRank", "of rank 1", || scheme::moco_qkv(&Shape::new([8])?).map(|_| ())),
        text("small_init(0)", "small_init: d_model is 0, it must be at least 1"),
        text("small_init(10.5)", "d_model is 10.5, it must be a whole number from 0 to 2^53"),
        text("small_init(-1)", "d_model is -1, it must be a whole number"),
        text("wang_init(12)", "wang_init takes n_layer, d_model, not 1"),
        text("residual_normal(x,12)", "\"x\" is not a number"),
        text("residual_normal(0.02,nan)", "n_layer is NaN, it must be a whole number"),
        text("fan_in_normal(1)", "fan_in_normal takes no arguments, not 1"),
    ]
}

/// Sizes of layers that PyTorch refuses, and overrides that name nothing.
/// Blocks of rows.
pub(super) fn rows() -> Vec<Row> {
    let row = |variant, says: &str, dims: &'static [u64], blocks: &'static [(u64, u64)]| {
        Row::call(format!("rows: {says}"), variant, says, move || {
            let blocks = blocks.iter().map(|(start, end)| (*start..*end, Initializer::ones()));
            Part::blocks(&Shape::new(dims)?, blocks).map(|_| ())
        })
    };
    vec![
        row("RowsOutOfBounds", "rows 5..3 of the shape [9, 2]: they must be in order", &[9, 2], &[(5, 3)]),
        row("RowsOutOfBounds", "and inside 0..9", &[9, 2], &[(8, 10)]),
        row("RowsOutOfBounds", "a scalar has no rows", &[], &[(0, 1)]),
        row("RowsOverlap", "row 2 is in two parts", &[9, 2], &[(2, 4), (0, 3)]),
    ]
}

pub(super) fn layers() -> Vec<Row> {
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
        row("the kernel has 4 sizes", Conv::<4>::new(4, 4, 3).layer()),
        row("Conv: groups is 0", Conv2d::new(4, 4, 3).groups(0).layer()),
        row("in_channels is 3, it must be divisible by groups = 2", Conv1d::new(3, 4, 3).groups(2).layer()),
        row("out_channels is 6", ConvTranspose1d::new(4, 6, 3).groups(4).layer()),
        row("padding_idx is 10, it must be within the 10 rows", Embedding::new(10, 3).padding_idx(10).layer()),
        row("padding_idx is -11", Embedding::new(10, 3).padding_idx(-11).layer()),
        row("input_size is 0", lstm(0, 4).layer()),
        row("hidden_size is 0", lstm(4, 0).layer()),
        row("gates x hidden_size is 4 x 9223372036854775808", lstm(4, 1 << 63).layer()),
        row("num_layers is 65536, it must be at most 65535", lstm(4, 4).layers(65_536).layer()),
        row("num_layers is 0", lstm(4, 4).layers(0).layer()),
        row("smaller than hidden_size = 4", lstm(4, 4).proj_size(4).layer()),
        row("for LSTM only", Recurrent::new(Cell::Gru, 4, 4).proj_size(2).layer()),
        row(
            "Gru has no gate Forget, it has [Reset, Update, New]",
            Recurrent::new(Cell::Gru, 4, 4).gate("bias_ih_l0", Gate::Forget, Initializer::ones()).layer(),
        ),
        row(
            "weight_hr_l0 has no gates",
            lstm(4, 4).proj_size(2).gate("weight_hr_l0", Gate::Input, Initializer::ones()).layer(),
        ),
        row(
            "Recurrent: weight_hr_l0 has no gates",
            lstm(4, 4).proj_size(2).each_gate("weight_hr_l0", Initializer::ones()).layer(),
        ),
        row("no parameter \"bias_ih_l1\"", lstm(4, 4).gate("bias_ih_l1", Gate::Input, Initializer::ones()).layer()),
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
