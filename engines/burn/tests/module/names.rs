//! PyTorch's names, shapes and classes.

use crate::zoo::{Zoo, held};
use burn::module::Module;
use burn::nn::conv::{DeformConv2d, DeformConv2dConfig};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig};
use burn::nn::{
    BiGru, BiGruConfig, BiRnn, BiRnnConfig, InstanceNorm, InstanceNormConfig, LinearConfig, Rnn, RnnConfig,
};
use burn::tensor::Device;
use wgpu_init::Seed;
use wgpu_init_burn::Init;
use wgpu_init_models::Recipe;

const LISTED: &str = "
embedding.weight [11, 5] Embedding
row.weight [7, 5] Linear
row.bias [7] Linear
col.weight [3, 7] Linear
col.bias [3] Linear
square.weight [5, 5] Linear
conv.weight [5, 3, 3, 3] Conv2d
conv.bias [5] Conv2d
up.weight [3, 5, 3] ConvTranspose1d
up.bias [5] ConvTranspose1d
norm.weight [7] LayerNorm
norm.bias [7] LayerNorm
batch.weight [5] BatchNorm2d
batch.bias [5] BatchNorm2d
batch.running_mean [5] BatchNorm2d
batch.running_var [5] BatchNorm2d
group.weight [3] GroupNorm
group.bias [3] GroupNorm
rms.weight [5] RMSNorm
act.weight [1] PReLU
list.0.weight [1, 3] Linear
list.0.bias [1] Linear
list.1.weight [2, 3] Linear
list.1.bias [2] Linear
lstm.weight_ih_l0 [12, 5] LSTM
lstm.bias_ih_l0 [12] LSTM
lstm.weight_hh_l0 [12, 3] LSTM
lstm.bias_hh_l0 [12] LSTM
both.weight_ih_l0 [20, 3] LSTM
both.bias_ih_l0 [20] LSTM
both.weight_hh_l0 [20, 5] LSTM
both.bias_hh_l0 [20] LSTM
both.weight_ih_l0_reverse [20, 3] LSTM
both.bias_ih_l0_reverse [20] LSTM
both.weight_hh_l0_reverse [20, 5] LSTM
both.bias_hh_l0_reverse [20] LSTM
gru.weight_ih_l0 [15, 3] GRU
gru.bias_ih_l0 [15] GRU
gru.weight_hh_l0 [15, 5] GRU
gru.bias_hh_l0 [15] GRU
attention.in_proj_weight [18, 6] MultiheadAttention
attention.in_proj_bias [18] MultiheadAttention
attention.out_proj.weight [6, 6] NonDynamicallyQuantizableLinear
attention.out_proj.bias [6] NonDynamicallyQuantizableLinear
";

/// The list of a module that was filled, or not yet, is PyTorch's of a module with the same fields.
#[test]
fn parameters_are_listed_as_pytorch_has_them() {
    let init = Init::cpu();
    let new = Zoo::new(&Device::flex());
    let filled = init.fill(new.clone(), Recipe::TorchDefault, Seed::new(1)).expect("filled");
    for module in [new, filled] {
        assert_eq!(lines(&init, &module), LISTED.trim().lines().collect::<Vec<_>>());
    }
}

fn lines(init: &Init, module: &impl Module) -> Vec<String> {
    let lines = init.parameters(module).expect("a list").into_iter().map(|parameter| {
        let class = parameter.module.unwrap_or_default();
        format!("{} {:?} {class}", parameter.name, parameter.shape.dims())
    });
    lines.collect()
}

/// What the zoo has no need of, since it is stored as its neighbours are.
#[derive(Module, Debug)]
struct More {
    rnn: Rnn,
    turns: BiRnn,
    gru: BiGru,
    instance: InstanceNorm,
    deform: DeformConv2d,
    encoder: TransformerEncoder,
    choice: Choice,
}

#[derive(Module, Debug)]
enum Choice {
    Norm(InstanceNorm),
    Deform(DeformConv2d),
}

const MORE: &str = "
rnn.weight_ih_l0 [5, 3] RNN
rnn.bias_ih_l0 [5] RNN
rnn.weight_hh_l0 [5, 5] RNN
rnn.bias_hh_l0 [5] RNN
turns.weight_ih_l0 [5, 3] RNN
turns.bias_ih_l0 [5] RNN
turns.weight_hh_l0 [5, 5] RNN
turns.bias_hh_l0 [5] RNN
turns.weight_ih_l0_reverse [5, 3] RNN
turns.bias_ih_l0_reverse [5] RNN
turns.weight_hh_l0_reverse [5, 5] RNN
turns.bias_hh_l0_reverse [5] RNN
gru.weight_ih_l0 [15, 3] GRU
gru.bias_ih_l0 [15] GRU
gru.weight_hh_l0 [15, 5] GRU
gru.bias_hh_l0 [15] GRU
gru.weight_ih_l0_reverse [15, 3] GRU
gru.bias_ih_l0_reverse [15] GRU
gru.weight_hh_l0_reverse [15, 5] GRU
gru.bias_hh_l0_reverse [15] GRU
instance.weight [2] InstanceNorm2d
instance.bias [2] InstanceNorm2d
deform.weight [3, 2, 1, 1] Conv2d
deform.bias [3] Conv2d
encoder.layers.0.mha.in_proj_weight [12, 4] MultiheadAttention
encoder.layers.0.mha.in_proj_bias [12] MultiheadAttention
encoder.layers.0.mha.out_proj.weight [4, 4] NonDynamicallyQuantizableLinear
encoder.layers.0.mha.out_proj.bias [4] NonDynamicallyQuantizableLinear
encoder.layers.0.pwff.linear_inner.weight [6, 4] Linear
encoder.layers.0.pwff.linear_inner.bias [6] Linear
encoder.layers.0.pwff.linear_outer.weight [4, 6] Linear
encoder.layers.0.pwff.linear_outer.bias [4] Linear
encoder.layers.0.norm_1.weight [4] LayerNorm
encoder.layers.0.norm_1.bias [4] LayerNorm
encoder.layers.0.norm_2.weight [4] LayerNorm
encoder.layers.0.norm_2.bias [4] LayerNorm
choice.weight [2] InstanceNorm2d
choice.bias [2] InstanceNorm2d
";

#[test]
fn other_layers_are_listed_as_pytorch_has_them() {
    let device = Device::flex();
    let instance = || InstanceNormConfig::new(2).init(&device);
    let more = More {
        rnn: RnnConfig::new(3, 5, true).init(&device),
        turns: BiRnnConfig::new(3, 5, true).init(&device),
        gru: BiGruConfig::new(3, 5, true).init(&device),
        instance: instance(),
        deform: DeformConv2dConfig::new([2, 3], [1, 1]).init(&device),
        encoder: TransformerEncoderConfig::new(4, 6, 2, 1).init(&device),
        choice: Choice::Norm(instance()),
    };
    assert_eq!(lines(&Init::cpu(), &more), MORE.trim().lines().collect::<Vec<_>>());
}

/// A name selects the numbers.
#[test]
fn other_names_give_other_numbers() {
    let named = |prefix: &'static str| {
        let init = Init::cpu().names(move |name| format!("{prefix}{name}"));
        let linear = LinearConfig::new(3, 5).init(&Device::flex());
        let names = init.parameters(&linear).expect("a list").into_iter().map(|one| one.name).collect::<Vec<_>>();
        (names, held(&init.fill(linear, Recipe::TorchDefault, Seed::new(1)).expect("filled")))
    };
    let ((names, numbers), (_, same), (_, others)) = (named("model."), named("model."), named("other."));
    assert_eq!(names, ["model.weight", "model.bias"]);
    assert!(numbers == same && numbers != others);
}
