//! PyTorch's names, shapes and classes.

use crate::zoo::Zoo;
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
        let lines = init.parameters(&module).expect("a list").into_iter().map(|parameter| {
            let class = parameter.module.unwrap_or_default();
            format!("{} {:?} {class}", parameter.name, parameter.shape.dims())
        });
        let lines: Vec<String> = lines.collect();
        assert_eq!(lines, LISTED.trim().lines().collect::<Vec<_>>());
    }
}
