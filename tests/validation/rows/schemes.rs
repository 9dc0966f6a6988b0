//! Schemes and layers.

use super::Row;
use wgpu_init::layer::{
    AdaptiveLogSoftmaxWithLoss, Bilinear, Cell, Conv, ConvTranspose, Embedding, GroupNorm, Layer, Linear,
    LinearCrossEntropyLoss, MultiheadAttention, Recurrent,
};
use wgpu_init::scheme::{FanMode, Fans, Layout, Nonlinearity, Spread};
use wgpu_init::{Initializer, Result, Shape};

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
        Row::call("a slope of words", "UnknownNonlinearity", "leaky_relu=SLOPE", || {
            "leaky_relu=steep".parse::<Nonlinearity>().map(|_| ())
        }),
    ]
}

/// Sizes of layers that PyTorch refuses, and overrides that name nothing.
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
