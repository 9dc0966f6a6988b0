//! What one module is, by its tensors.

use super::Reading;
use super::module::Module;
use super::words::{Matrix, is_convolution, is_norm, last_word, matrix, words};

/// What is looked at.
pub(super) struct Context<'a> {
    /// The module's path.
    pub(super) path: &'a str,
    pub(super) module: &'a Module<'a>,
    /// The module that it is in.
    pub(super) parent: Option<&'a Module<'a>>,
    /// A module of the same list with a transposed matrix.
    pub(super) transposed: Option<&'a str>,
}

type Verdict = (Reading, String);

fn one(class: &'static str, evidence: impl Into<String>) -> Verdict {
    alike(class, &[], evidence)
}

fn alike(class: &'static str, alike: &'static [&'static str], evidence: impl Into<String>) -> Verdict {
    (Reading::One { class, alike }, evidence.into())
}

fn several(classes: &'static [&'static str], evidence: impl Into<String>) -> Verdict {
    (Reading::Several(classes), evidence.into())
}

fn bare(evidence: impl Into<String>) -> Verdict {
    (Reading::Bare, evidence.into())
}

const OF_A_BATCH: [&str; 5] = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
const OF_ATTENTION: [&str; 7] =
    ["in_proj_weight", "in_proj_bias", "q_proj_weight", "k_proj_weight", "v_proj_weight", "bias_k", "bias_v"];
const OF_A_CELL: [&str; 5] = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];
/// Sizes of a kernel of one dimension that is no matrix of a bilinear layer.
const LONGEST_KERNEL: u64 = 15;

/// What the module of a tensor is, which is called `leaf` in it.
pub(super) fn judge(leaf: &str, context: &Context<'_>) -> Verdict {
    let module = context.module;
    let among = |known: &'static [&'static str]| move |name: &str| known.contains(&name);
    if let Some(reason) = parametrised(leaf, context) {
        return bare(reason);
    }
    if module.get("running_mean").is_some() || module.get("running_var").is_some() {
        return match module.other_than(among(&OF_A_BATCH)) {
            None => batch_norm(module),
            Some(other) => {
                bare(format!("it has running statistics, and {other}, which no layer of torch.nn has beside them"))
            }
        };
    }
    if OF_A_CELL.iter().any(|name| leaf.starts_with(name)) {
        return recurrent(leaf, module);
    }
    if OF_ATTENTION.contains(&leaf) {
        return attention(module);
    }
    if leaf != "weight" && (leaf != "bias" || module.get("weight").is_none()) {
        return bare(format!("{:?} is no tensor of a layer of torch.nn", short(leaf)));
    }
    let Some(weight) = module.get("weight") else { return bare("a bias without a weight") };
    if let Some(other) = module.other_than(among(&["weight", "bias"])) {
        return bare(format!("its module also has {:?}, which no layer of torch.nn has", short(other)));
    }
    match module.get("bias") {
        Some(bias) => with_bias(weight, bias, context),
        None => without_bias(weight, context),
    }
}

/// The first characters of a name, which may be of any length.
fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

/// Weights that are computed of others: their values are no draws.
fn parametrised(leaf: &str, context: &Context<'_>) -> Option<&'static str> {
    let module = context.module;
    let has = |name: &str| module.get(name).is_some();
    if context.path.split('.').any(|part| part == "parametrizations") {
        return Some("a parametrised weight: what is stored is computed from what was drawn");
    }
    let norm = has("weight_g") && has("weight_v");
    let spectral = has("weight_orig") && (has("weight_u") || has("weight_v"));
    if (norm || spectral) && (leaf.starts_with("weight") || leaf == "bias") {
        return Some("a weight under weight_norm or spectral_norm: what is stored is computed from what was drawn");
    }
    None
}

fn batch_norm(module: &Module<'_>) -> Verdict {
    let sizes = ["running_mean", "running_var", "weight", "bias"].map(|leaf| module.get(leaf));
    let rows = sizes.iter().flatten().next().copied().unwrap_or_default();
    let fit = rows.len() == 1 && sizes.iter().flatten().all(|dims| *dims == rows);
    if !fit || sizes[0].is_none() || sizes[1].is_none() {
        return bare("running statistics whose sizes do not fit");
    }
    let same = &["BatchNorm1d", "BatchNorm3d", "SyncBatchNorm", "InstanceNorm2d"];
    alike("BatchNorm2d", same, "running_mean and running_var of one size")
}

fn recurrent(leaf: &str, module: &Module<'_>) -> Verdict {
    let end = OF_A_CELL.iter().find_map(|name| leaf.strip_prefix(name)).unwrap_or_default();
    let is_cell = end.is_empty();
    if !is_cell && !end.strip_prefix("_l").is_some_and(|layer| layer.starts_with(|first: char| first.is_ascii_digit()))
    {
        return bare(format!("{:?} is no tensor of a recurrent layer", short(leaf)));
    }
    // All layers of a module have the same number of gates: the first says it.
    let first = if is_cell { "" } else { "_l0" };
    let of = |name: &str| module.get(&format!("{name}{first}"));
    let (Some(&[rows, _]), Some(&[hidden_rows, outputs])) = (of("weight_ih"), of("weight_hh")) else {
        return bare("weights of a recurrent layer without the matrices of its first layer");
    };
    let hidden = match of("weight_hr") {
        Some(&[_, hidden]) => hidden,
        _ => outputs,
    };
    let gates = if hidden > 0 && rows == hidden_rows && rows % hidden == 0 { rows / hidden } else { 0 };
    let seen = format!("weight_ih{first} has {rows} rows for {hidden} hidden units");
    match (gates, is_cell) {
        (4, false) => one("LSTM", seen),
        (4, true) => one("LSTMCell", seen),
        (3, false) => one("GRU", seen),
        (3, true) => one("GRUCell", seen),
        (1, false) => one("RNN", seen),
        (1, true) => one("RNNCell", seen),
        _ => bare(format!("{seen}, which is no LSTM, GRU or RNN")),
    }
}

fn attention(module: &Module<'_>) -> Verdict {
    let is_matrix = |name: &str| module.get(name).is_some_and(|dims| dims.len() == 2);
    if let Some(other) = module.other_than(|name| OF_ATTENTION.contains(&name)) {
        return bare(format!(
            "projections of attention, and {:?}, which MultiheadAttention does not have",
            short(other)
        ));
    }
    match module.get("in_proj_weight") {
        Some(&[rows, width]) if width.checked_mul(3) == Some(rows) => {
            one("MultiheadAttention", "in_proj_weight has three times as many rows as columns")
        }
        None if ["q_proj_weight", "k_proj_weight", "v_proj_weight"].into_iter().all(is_matrix) => {
            one("MultiheadAttention", "q_proj_weight, k_proj_weight and v_proj_weight")
        }
        _ => bare("projections of attention whose sizes do not fit"),
    }
}

/// Same law: a weight of ones, a bias of zeros.
const NORMS: &[&str] = &["GroupNorm", "InstanceNorm2d", "BatchNorm2d"];

fn with_bias(weight: &[u64], bias: &[u64], context: &Context<'_>) -> Verdict {
    match (weight, bias) {
        (&[_], _) if words(last_word(context.path)).iter().any(|word| word == "grn") => several(
            &["LayerNorm", "GlobalResponseNorm"],
            "a weight and a bias of one axis, and a name of norms that begin with zeros",
        ),
        (&[size], &[_]) if weight == bias && size > 1 => {
            alike("LayerNorm", NORMS, "a weight of one axis and a bias of its size")
        }
        (&[_], _) => bare("a weight and a bias of one number, or of sizes that do not fit"),
        (&[outputs, inputs], &[rows]) => matrix_with_bias([outputs, inputs], rows, context),
        ([_, _, ..], _) if weight == bias => one("LayerNorm", "a weight and a bias of the same shape"),
        (&[first, second, _], &[rows]) => kernel(first, second, rows, weight, context),
        (&[first, second, _, _] | &[first, second, _, _, _], &[rows]) => kernel(first, second, rows, weight, context),
        _ => {
            bare(format!("a weight of {} axes and a bias of {}, as no layer of torch.nn has", weight.len(), bias.len()))
        }
    }
}

fn matrix_with_bias([outputs, inputs]: [u64; 2], rows: u64, context: &Context<'_>) -> Verdict {
    if rows == outputs && rows == inputs {
        if let Some(other) = context.transposed {
            let why = format!(
                "a square matrix with a bias, and {:?} of this list is stored as inputs x outputs",
                short(other)
            );
            return several(&["Linear", "Conv1D"], why);
        }
    } else if rows == inputs {
        return one("Conv1D", "the bias has the size of the second axis, as in Hugging Face's Conv1D");
    }
    if rows != outputs {
        return bare("a matrix and a bias whose size is that of no axis");
    }
    let is_output = last_word(context.path) == "out_proj" && context.path.ends_with("out_proj");
    let attends = |parent: &Module<'_>| parent.get("in_proj_weight").is_some() || parent.get("q_proj_weight").is_some();
    if is_output && context.parent.is_some_and(attends) {
        return one("NonDynamicallyQuantizableLinear", "the output of MultiheadAttention");
    }
    one("Linear", "a matrix and a bias of as many numbers as it has rows")
}

const CONVOLUTIONS: [(&str, &[&str]); 3] =
    [("Conv1d", &["ConvTranspose1d"]), ("Conv2d", &["ConvTranspose2d"]), ("Conv3d", &["ConvTranspose3d"])];
const TRANSPOSED: [&str; 3] = ["ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"];

fn kernel(first: u64, second: u64, rows: u64, weight: &[u64], context: &Context<'_>) -> Verdict {
    let at = weight.len() - 3;
    if rows == first {
        if let Some(doubt) = no_kernel(weight, context) {
            return doubt;
        }
        let (class, others) = CONVOLUTIONS[at];
        return alike(class, others, format!("a weight of {} axes and a bias of the size of the first", weight.len()));
    }
    // A transposed convolution in groups has groups · second outputs.
    let in_groups = second > 0 && rows.is_multiple_of(second) && first.is_multiple_of((rows / second).max(1));
    if in_groups {
        return one(TRANSPOSED[at], format!("a weight of {} axes and a bias of the size of the second", weight.len()));
    }
    bare("a weight of several axes and a bias whose size is that of no axis")
}

/// A weight of three axes may be that of a bilinear layer, or matrices of experts.
fn no_kernel(weight: &[u64], context: &Context<'_>) -> Option<Verdict> {
    let &[_, _, length] = weight else { return None };
    let word = last_word(context.path);
    if words(word).iter().any(|word| word.contains("bilinear")) {
        return Some(one("Bilinear", "a weight of three axes, and its name"));
    }
    if length > LONGEST_KERNEL && !is_convolution(word) {
        let why = format!("a weight of three axes, the last of size {length}");
        return Some(several(&["Conv1d", "Bilinear"], why));
    }
    None
}

fn without_bias(weight: &[u64], context: &Context<'_>) -> Verdict {
    let word = last_word(context.path);
    match weight {
        &[_] if is_norm(word) => {
            alike("RMSNorm", &["LayerNorm"], "a weight of one axis without a bias, and a name of a norm")
        }
        &[size] if size == 1 || words(word).iter().any(|word| word.contains("relu") || word == "act") => {
            several(&["PReLU", "RMSNorm"], "a weight of one axis without a bias, and no name of a norm")
        }
        &[_] => several(&["RMSNorm", "PReLU"], "a weight of one axis without a bias, and no name of a norm"),
        [_, _] if is_convolution(word) => bare("a matrix that is called a convolution"),
        [_, _] => match matrix(word) {
            Matrix::Linear => {
                one("Linear", format!("a matrix without a bias; {:?} is a name of projections", short(word)))
            }
            Matrix::Embedding => {
                one("Embedding", format!("a matrix without a bias; {:?} is a name of tables", short(word)))
            }
            Matrix::Either => several(
                &["Linear", "Embedding"],
                format!("a matrix without a bias, and {:?} may be a projection or a table", short(word)),
            ),
        },
        [_, _, _] | [_, _, _, _] | [_, _, _, _, _] => no_kernel(weight, context).unwrap_or_else(|| {
            let (class, others) = CONVOLUTIONS[weight.len() - 3];
            alike(class, others, format!("a weight of {} axes", weight.len()))
        }),
        _ => bare(format!("a weight of {} axes, as no layer of torch.nn has", weight.len())),
    }
}
