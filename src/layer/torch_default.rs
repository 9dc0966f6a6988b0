//! PyTorch's implicit initialisation, by the classes of the modules that own the parameters.

use super::convolution::Sizes;
use super::norm_classes::{ONES, ZEROS};
use super::{BatchNorm, Bilinear, Cell, Embedding, Layer, Linear, MultiheadAttention, PRelu, Parameter, Recurrent};
use crate::Initializer;
use std::collections::HashMap;

/// What PyTorch's constructors give each parameter, from its module's class, its name's last part and the shapes of its module;
/// `None` where nothing is known of the class.
///
/// | class | initializers |
/// | --- | --- |
/// | a layer of `torch.nn`, also its lazy form | those of its builder |
/// | `NonDynamicallyQuantizableLinear`, attention's output | as `Linear`, but a zero bias |
/// | `Conv1D` of Hugging Face (`pytorch_utils.py`), a transposed linear layer | N(0, 0.02²), a zero bias |
/// | a normalisation of transformers 5.24 whose source was read, e.g. `LlamaRMSNorm` | weight 1, bias 0 |
/// | one of those that add 1 to their weight, e.g. `Gemma2RMSNorm` | weight 0, bias 0 |
///
/// A name that ends in `RMSNorm` or `LayerNorm` says nothing by itself: some add 1 to their weight, some begin with another number.
///
/// What shapes do not tell is not seen: the zero row of an embedding's `padding_idx`, a `PReLU`'s `init`, and `Transformer`'s drawing
/// anew of its layers. A bias needs its weight in the list, whose shape has the fan_in.
///
/// ```
/// use wgpu_init::layer::{Parameter, torch_default};
/// use wgpu_init::{Initializer, Shape};
/// let list = [
///     Parameter::new("fc.weight", Shape::new([10, 64])?).in_module("Linear"),
///     Parameter::new("fc.bias", Shape::new([10])?).in_module("Linear"),
///     Parameter::new("scale", Shape::new([10])?),
/// ];
/// assert_eq!(torch_default(&list)[1..], [Some(Initializer::uniform(-0.125, 0.125)), None]);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[must_use]
pub fn torch_default(parameters: &[Parameter]) -> Vec<Option<Initializer>> {
    let weights: HashMap<&str, &[u64]> = parameters
        .iter()
        .filter(|parameter| split(&parameter.name).1 == "weight")
        .map(|parameter| (split(&parameter.name).0, parameter.shape.dims()))
        .collect();
    let default = |parameter: &Parameter| {
        let (module, leaf) = split(&parameter.name);
        let weight = weights.get(module).copied().unwrap_or_default();
        initializer(parameter.module.as_deref()?, leaf, parameter.shape.dims(), weight)
    };
    parameters.iter().map(default).collect()
}

/// The module's path and the parameter's own name.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

/// `dims` are the parameter's own, `weight` those of its module's `weight`, empty if there is none.
fn initializer(class: &str, leaf: &str, dims: &[u64], weight: &[u64]) -> Option<Initializer> {
    let class = eager(class);
    // Groups and biases do not matter here: fans are those of the weight as it is stored.
    let layer = match (class, weight) {
        ("Linear", &[outputs, inputs]) => Linear::new(inputs, outputs).layer(),
        ("NonDynamicallyQuantizableLinear", &[outputs, inputs]) => {
            Linear::new(inputs, outputs).bias(Initializer::zeros()).layer()
        }
        ("Conv1D", &[inputs, outputs]) => {
            let layer = Linear::new(inputs, outputs).weight(Initializer::normal(0.0, 0.02));
            layer.bias(Initializer::zeros()).layer()
        }
        ("Bilinear", &[outputs, first, second]) => Bilinear::new(first, second, outputs).layer(),
        ("Conv1d" | "Conv2d" | "Conv3d", &[outputs, inputs, ref kernel @ ..]) => {
            Sizes::new(inputs, outputs, kernel.to_vec()).convolution()
        }
        ("ConvTranspose1d" | "ConvTranspose2d" | "ConvTranspose3d", &[inputs, outputs, ref kernel @ ..]) => {
            Sizes::new(inputs, outputs, kernel.to_vec()).transposed()
        }
        ("Embedding" | "EmbeddingBag", &[rows, width]) => Embedding::new(rows, width).layer(),
        ("PReLU", _) => PRelu::new(1).layer(),
        ("RNN" | "RNNCell", _) => return recurrent(Cell::Rnn, leaf, dims),
        ("LSTM" | "LSTMCell", _) => return recurrent(Cell::Lstm, leaf, dims),
        ("GRU" | "GRUCell", _) => return recurrent(Cell::Gru, leaf, dims),
        ("MultiheadAttention", _) => return attention(leaf, dims),
        _ if has_statistics(class) => BatchNorm::new(1).layer(),
        ("LayerNorm" | "GroupNorm" | "RMSNorm", _) => return norm(leaf, Initializer::ones()),
        _ if ONES.binary_search(&class).is_ok() => return norm(leaf, Initializer::ones()),
        _ if ZEROS.binary_search(&class).is_ok() => return norm(leaf, Initializer::zeros()),
        _ => return None,
    };
    of(&layer.ok()?, leaf)
}

fn of(layer: &Layer, name: &str) -> Option<Initializer> {
    layer.parameters().iter().find(|parameter| parameter.name == name).map(|parameter| parameter.initializer)
}

/// The class that a lazy form becomes with its first input, for those that PyTorch has.
fn eager(class: &str) -> &str {
    match class.strip_prefix("Lazy") {
        Some(eager) if eager == "Linear" || eager.starts_with("Conv") || has_statistics(eager) => eager,
        _ => class,
    }
}

/// Normalisations over a batch begin with a weight of one, a bias of zero, and statistics of a standard normal.
fn has_statistics(class: &str) -> bool {
    let of_any_rank = ["BatchNorm", "InstanceNorm"]
        .into_iter()
        .any(|family| class.strip_prefix(family).is_some_and(|rank| matches!(rank, "1d" | "2d" | "3d")));
    of_any_rank || class == "SyncBatchNorm"
}

/// A normalisation with this weight. The running statistics are those of transformers' frozen batch norms.
fn norm(leaf: &str, weight: Initializer) -> Option<Initializer> {
    match leaf {
        "weight" => Some(weight),
        "bias" | "running_mean" => Some(Initializer::zeros()),
        "running_var" => Some(Initializer::ones()),
        _ => None,
    }
}

/// All tensors of a recurrent layer have the law of its hidden size, which stands in their own shape.
fn recurrent(cell: Cell, leaf: &str, dims: &[u64]) -> Option<Initializer> {
    let stacked = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].iter().any(|name| leaf.starts_with(name));
    let hidden = match dims {
        [rows, ..] if stacked => rows / cell.gates(),
        [_, hidden] if leaf.starts_with("weight_hr") => *hidden,
        _ => return None,
    };
    of(&Recurrent::new(cell, 1, hidden).layer().ok()?, "weight_ih_l0")
}

fn attention(leaf: &str, dims: &[u64]) -> Option<Initializer> {
    // The embedding's width is the last axis, but for the projections of keys and values, and plays no part in the scheme.
    let width = dims.last().copied()?;
    let (one, separate) =
        (MultiheadAttention::new(width, 1).bias_kv(), MultiheadAttention::new(width, 1).kdim(width.saturating_add(1)));
    of(&one.layer().ok()?, leaf).or_else(|| of(&separate.layer().ok()?, leaf))
}

#[cfg(test)]
mod tests {
    use super::{ONES, ZEROS};

    /// They are searched by halves.
    #[test]
    fn the_lists_of_norms_are_sorted_and_have_no_name_in_common() {
        assert!(ONES.is_sorted() && ZEROS.is_sorted());
        assert!(ZEROS.iter().all(|class| ONES.binary_search(class).is_err()));
    }
}
