//! What `torch.nn` layers were measured to hold after construction (`tests/data/torch_layer_defaults.json`, 632 tensors of 148
//! configurations), against the builders: names in order, shapes, roles, distributions, zero rows, copies.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::ops::Range;
use support::expression::parts;
use wgpu_init::layer::{
    AdaptiveLogSoftmaxWithLoss, BatchNorm, Bilinear, Cell, Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d,
    ConvTranspose3d, Embedding, GroupNorm, InstanceNorm, KernelSize, Layer, LayerNorm, LayerParameter, Linear,
    LinearCrossEntropyLoss, MultiheadAttention, PRelu, Parameter, Recurrent, RecurrentCell, RmsNorm, Role, Transformer,
    TransformerDecoder, TransformerDecoderLayer, TransformerEncoder, TransformerEncoderLayer, torch_default,
};
use wgpu_init::{Error, Initializer, Result};

fn data() -> Value {
    serde_json::from_str(include_str!("data/torch_layer_defaults.json")).expect("JSON")
}

/// The keyword arguments of a constructor.
struct Arguments<'a>(&'a Value);

impl Arguments<'_> {
    fn size(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_else(|| panic!("{name} of {}", self.0))
    }

    fn size_or(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).map_or(default, |_| self.size(name))
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.0.get(name).map_or(default, |value| value.as_bool().expect("a flag"))
    }

    fn sizes(&self, name: &str) -> Vec<u64> {
        let list = |list: &Vec<Value>| list.iter().map(|size| size.as_u64().expect("a size")).collect();
        self.0[name].as_array().map_or_else(|| vec![self.size(name)], list)
    }

    /// A size for each spatial dimension, or one for all.
    fn kernel<const RANK: usize>(&self) -> KernelSize<RANK> {
        match &self.sizes("kernel_size")[..] {
            [size] => (*size).into(),
            sizes => <[u64; RANK]>::try_from(sizes).expect("one for each dimension").into(),
        }
    }

    fn inner(&self, name: &str) -> Self {
        Self(&self.0[name])
    }
}

/// Calls `without_bias` where `bias=False` was given.
macro_rules! biased {
    ($arguments:expr, $builder:expr) => {{
        let builder = $builder;
        if $arguments.flag("bias", true) { builder } else { builder.without_bias() }
    }};
}

/// A convolution by its class.
macro_rules! convolution {
    ($arguments:expr, $class:ident) => {{
        let a = $arguments;
        let layer = $class::new(a.size("in_channels"), a.size("out_channels"), a.kernel());
        biased!(a, layer.groups(a.size_or("groups", 1))).layer()
    }};
}

fn encoder_layer(a: &Arguments<'_>) -> TransformerEncoderLayer {
    let layer = TransformerEncoderLayer::new(a.size("d_model"), a.size("nhead"));
    biased!(a, layer.dim_feedforward(a.size_or("dim_feedforward", 2048)))
}

fn decoder_layer(a: &Arguments<'_>) -> TransformerDecoderLayer {
    let layer = TransformerDecoderLayer::new(a.size("d_model"), a.size("nhead"));
    biased!(a, layer.dim_feedforward(a.size_or("dim_feedforward", 2048)))
}

fn recurrent(cell: Cell, a: &Arguments<'_>) -> Result<Layer> {
    let layer = Recurrent::new(cell, a.size("input_size"), a.size("hidden_size"));
    let layer = layer.layers(a.size_or("num_layers", 1)).proj_size(a.size_or("proj_size", 0));
    let layer = if a.flag("bidirectional", false) { layer.bidirectional() } else { layer };
    biased!(a, layer).layer()
}

fn cell(cell: Cell, a: &Arguments<'_>) -> Result<Layer> {
    biased!(a, RecurrentCell::new(cell, a.size("input_size"), a.size("hidden_size"))).layer()
}

fn attention(a: &Arguments<'_>) -> Result<Layer> {
    let embed = a.size("embed_dim");
    let layer = MultiheadAttention::new(embed, a.size("num_heads"));
    let layer = layer.kdim(a.size_or("kdim", embed)).vdim(a.size_or("vdim", embed));
    let layer = if a.flag("add_bias_kv", false) { layer.bias_kv() } else { layer };
    biased!(a, layer).layer()
}

fn adaptive(a: &Arguments<'_>) -> Result<Layer> {
    let layer = AdaptiveLogSoftmaxWithLoss::new(a.size("in_features"), a.size("n_classes"), a.sizes("cutoffs"));
    let layer = layer.div_value(a.0.get("div_value").map_or(4.0, |value| value.as_f64().expect("a number")));
    if a.flag("head_bias", false) { layer.head_bias() } else { layer }.layer()
}

fn embedding(a: &Arguments<'_>) -> Result<Layer> {
    let layer = Embedding::new(a.size("num_embeddings"), a.size("embedding_dim"));
    match a.0.get("padding_idx") {
        Some(row) => layer.padding_idx(row.as_i64().expect("a row")),
        None => layer,
    }
    .layer()
}

/// The builder that stands for a module of PyTorch; `None` if there is none.
fn build(module: &str, a: &Arguments<'_>) -> Option<Result<Layer>> {
    Some(match module {
        "Linear" => biased!(a, Linear::new(a.size("in_features"), a.size("out_features"))).layer(),
        "Bilinear" => {
            let layer = Bilinear::new(a.size("in1_features"), a.size("in2_features"), a.size("out_features"));
            biased!(a, layer).layer()
        }
        "Conv1d" => convolution!(a, Conv1d),
        "Conv2d" => convolution!(a, Conv2d),
        "Conv3d" => convolution!(a, Conv3d),
        "ConvTranspose1d" => convolution!(a, ConvTranspose1d),
        "ConvTranspose2d" => convolution!(a, ConvTranspose2d),
        "ConvTranspose3d" => convolution!(a, ConvTranspose3d),
        "Embedding" | "EmbeddingBag" => embedding(a),
        "RNN" => recurrent(Cell::Rnn, a),
        "LSTM" => recurrent(Cell::Lstm, a),
        "GRU" => recurrent(Cell::Gru, a),
        "RNNCell" => cell(Cell::Rnn, a),
        "LSTMCell" => cell(Cell::Lstm, a),
        "GRUCell" => cell(Cell::Gru, a),
        "BatchNorm1d" | "BatchNorm2d" | "BatchNorm3d" | "SyncBatchNorm" => {
            let layer = BatchNorm::new(a.size("num_features")).affine(a.flag("affine", true));
            biased!(a, layer.track_running_stats(a.flag("track_running_stats", true))).layer()
        }
        "InstanceNorm1d" | "InstanceNorm2d" | "InstanceNorm3d" => {
            let layer = InstanceNorm::new(a.size("num_features")).affine(a.flag("affine", false));
            biased!(a, layer.track_running_stats(a.flag("track_running_stats", false))).layer()
        }
        "LayerNorm" => {
            let layer = LayerNorm::new(a.sizes("normalized_shape")).affine(a.flag("elementwise_affine", true));
            biased!(a, layer).layer()
        }
        "GroupNorm" => {
            let layer = GroupNorm::new(a.size("num_groups"), a.size("num_channels")).affine(a.flag("affine", true));
            biased!(a, layer).layer()
        }
        "RMSNorm" => RmsNorm::new(a.sizes("normalized_shape")).affine(a.flag("elementwise_affine", true)).layer(),
        "PReLU" => {
            let layer = PRelu::new(a.size_or("num_parameters", 1));
            match a.0.get("init").and_then(Value::as_f64) {
                Some(init) => layer.weight(Initializer::constant(init)).layer(),
                None => layer.layer(),
            }
        }
        "MultiheadAttention" => attention(a),
        "TransformerEncoderLayer" => encoder_layer(a).layer(),
        "TransformerDecoderLayer" => decoder_layer(a).layer(),
        "TransformerEncoder" => {
            let stack = TransformerEncoder::new(&encoder_layer(&a.inner("encoder_layer")), a.size("num_layers"));
            if a.0.get("norm").is_some() { stack.with_norm() } else { stack }.layer()
        }
        "TransformerDecoder" => {
            let stack = TransformerDecoder::new(&decoder_layer(&a.inner("decoder_layer")), a.size("num_layers"));
            if a.0.get("norm").is_some() { stack.with_norm() } else { stack }.layer()
        }
        "Transformer" => {
            let (encoders, decoders) = (a.size("num_encoder_layers"), a.size("num_decoder_layers"));
            let layer = Transformer::new(a.size("d_model"), a.size("nhead"), encoders, decoders);
            biased!(a, layer.dim_feedforward(a.size_or("dim_feedforward", 2048))).layer()
        }
        "AdaptiveLogSoftmaxWithLoss" => adaptive(a),
        "LinearCrossEntropyLoss" => {
            let layer = LinearCrossEntropyLoss::new(a.size("in_features"), a.size("num_classes"));
            let layer =
                if a.0.get("out_features").is_some() { layer.out_features(a.sizes("out_features")) } else { layer };
            if a.flag("bias", false) { layer.with_bias() } else { layer }.layer()
        }
        _ => return None,
    })
}

/// The initializer of all rows but a padding row.
fn most(parameter: &LayerParameter) -> Initializer {
    let rows = parameter.initializers();
    rows.iter().max_by_key(|(rows, _)| rows.end - rows.start).expect("rows").1
}

/// One tensor against its record.
fn compare(got: &LayerParameter, record: &Value) {
    assert_eq!(got.name(), record["tensor"].as_str().expect("a name"), "{record}");
    let dims: Vec<u64> = record["shape"].as_array().expect("a shape").iter().filter_map(Value::as_u64).collect();
    assert_eq!(got.shape().dims(), dims, "{record}");
    let role = if record["kind"] == "buffer" { Role::Buffer } else { Role::Parameter };
    assert_eq!(got.role(), role, "{record}");
    // The row of `padding_idx` is one of several stretches of rows; the others have the tensor's initializer.
    let rows = got.initializers();
    let zero = |(rows, own): &(Range<u64>, Initializer)| rows.end == rows.start + 1 && *own == Initializer::zeros();
    let zero_row = if rows.len() > 1 { Some(rows.iter().find(|of| zero(of)).expect("zeros").0.start) } else { None };
    let of_rows = |of: &&(Range<u64>, Initializer)| Some(of.0.start) != zero_row;
    let initializer = rows.iter().find(of_rows).expect("other rows").1;
    assert!(rows.iter().filter(of_rows).all(|(_, own)| *own == initializer), "{record}: {rows:?}");
    assert_eq!(zero_row, record["special"][0]["row"].as_u64(), "{record}");
    assert_eq!(got.copy_of(), record["identical_to"].as_str(), "{record}");

    let expected = &record["distribution"];
    let is = |name: &str, got: f64| {
        let expected = expected[name].as_f64().expect("a number");
        assert!((got - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(), "{record}: {name} is {got}");
    };
    let distribution = initializer.distribution(got.shape()).expect("valid");
    let (name, numbers) = parts(distribution);
    match (expected["family"].as_str(), &*name, &numbers[..]) {
        (Some("uniform"), "uniform", &[low, high]) => {
            is("low", low);
            is("high", high);
        }
        (Some("normal"), "normal", &[mean, std]) => {
            is("mean", mean);
            is("std", std);
        }
        (Some("zeros" | "ones" | "constant"), "constant", &[value]) => is("value", value),
        (family, ..) => panic!("{record}: {distribution} is not {family:?}"),
    }
}

#[test]
fn every_layer_holds_what_pytorchs_does() {
    let data = data();
    let records = data["records"].as_array().expect("records");
    let (mut tensors, mut modules) = (0, BTreeSet::new());
    for config in data["configs"].as_array().expect("configurations") {
        let module = config["module"].as_str().expect("a module");
        let layer = build(module, &Arguments(&config["kwargs"])).unwrap_or_else(|| panic!("no builder for {module}"));
        let layer = layer.unwrap_or_else(|error| panic!("{config}: {error}"));
        let own: Vec<&Value> = records.iter().filter(|record| record["config"] == config["id"]).collect();
        let names = |layer: &Layer| layer.parameters().iter().map(|p| p.name().to_owned()).collect::<Vec<_>>();
        assert_eq!(layer.parameters().len(), own.len(), "{config}: {:?}", names(&layer));
        for (got, record) in layer.parameters().iter().zip(&own) {
            compare(got, record);
        }
        tensors += own.len();
        modules.insert(module);
    }
    assert_eq!((tensors, modules.len()), (632, 35));
}

/// Sizes that PyTorch refuses are refused; what it lets pass, passes. What only Python can get wrong is left out.
#[test]
fn edge_cases_are_pytorchs() {
    let python = ["weight_initializer", "padding", "padding_mode", "nonlinearity", "dropout"];
    let mut compared = 0;
    for case in data()["edge_cases"].as_array().expect("cases") {
        let arguments = case["kwargs"].as_object().expect("arguments");
        let negative =
            |(name, value): (&String, &Value)| name != "padding_idx" && value.as_i64().is_some_and(|n| n < 0);
        if python.iter().any(|name| arguments.contains_key(*name)) || arguments.iter().any(negative) {
            continue;
        }
        let module = case["module"].as_str().expect("a module");
        let got = build(module, &Arguments(&case["kwargs"])).expect("a builder");
        if case["outcome"] == "ok" {
            assert!(got.is_ok(), "{case}: {got:?}");
        } else {
            assert!(matches!(got, Err(Error::InvalidLayer { .. })), "{case}: {got:?}");
        }
        compared += 1;
    }
    assert!(compared >= 34, "{compared}");
}

#[test]
fn overrides_change_one_parameter_and_must_name_one() {
    let orthodox = Recurrent::new(Cell::Lstm, 4, 3).layer().expect("valid");
    let changed = Recurrent::new(Cell::Lstm, 4, 3).parameter("weight_hh_l0", Initializer::xavier_uniform(1.0));
    let changed = changed.layer().expect("valid");
    for (before, after) in orthodox.parameters().iter().zip(changed.parameters()) {
        assert_eq!(before != after, before.name() == "weight_hh_l0", "{}", before.name());
    }
    let error = Linear::new(3, 4).without_bias().bias(Initializer::zeros()).layer().expect_err("no bias");
    assert_eq!(error.to_string(), "Linear: there is no parameter \"bias\", it has weight");
}

/// The class of the module that owns a tensor, by the names that PyTorch's composite layers give their parts.
fn owner<'a>(module: &'a str, tensor: &str) -> &'a str {
    let Some((path, _)) = tensor.rsplit_once('.') else { return module };
    match path.rsplit('.').next().expect("a part") {
        "out_proj" => "NonDynamicallyQuantizableLinear",
        "self_attn" | "multihead_attn" => "MultiheadAttention",
        name if name.starts_with("norm") => "LayerNorm",
        // linear1, linear2, linear, head, and the two of each cluster's tail.
        _ => "Linear",
    }
}

/// Module classes alone say what the builders say, but for what `Transformer` draws anew and a PReLU's `init`.
#[test]
fn classes_and_shapes_give_what_the_layers_give() {
    let data = data();
    let (mut compared, mut redrawn) = (0, 0);
    for config in data["configs"].as_array().expect("configurations") {
        let module = config["module"].as_str().expect("a module");
        let layer = build(module, &Arguments(&config["kwargs"])).expect("a builder").expect("valid");
        let parameter = |own: &LayerParameter| {
            let name = format!("model.{}", own.name());
            Parameter::new(name, own.shape().clone()).in_module(owner(module, own.name()))
        };
        let list: Vec<Parameter> = layer.parameters().iter().map(parameter).collect();
        for (own, initializer) in layer.parameters().iter().zip(torch_default(&list)) {
            let Some(initializer) = initializer else { panic!("{config}: nothing is known of {}", own.name()) };
            let distribution = |initializer: Initializer| initializer.distribution(own.shape()).expect("valid");
            let anew =
                module == "Transformer" && own.shape().dims().len() > 1 && !own.name().ends_with("in_proj_weight");
            if anew || config["kwargs"].get("init").is_some() {
                redrawn += 1;
                assert_ne!(distribution(initializer), distribution(most(own)), "{config}: {}", own.name());
            } else {
                compared += 1;
                assert_eq!(distribution(initializer), distribution(most(own)), "{config}: {}", own.name());
            }
        }
    }
    assert_eq!(compared + redrawn, 632);
    assert!(redrawn < 60, "{redrawn}");
}

/// Every builder is in the table of the test above: the list of the module's exports is read from its source.
#[test]
fn every_builder_has_a_conformance_case() {
    let (exports, own) = (include_str!("../src/layer/mod.rs"), include_str!("torch_layers.rs"));
    let table = own.split("fn build(").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the table");
    let helpers = own.split("/// The initializer of all rows but").next().expect("the first half");
    let names = exports.split("pub use ").skip(1).flat_map(|export| {
        let list = export.split(';').next().expect("an export").split("::").nth(1).expect("names");
        list.trim_matches(['{', '}', ' ', '\n']).split(',').map(str::trim).filter(|name| !name.is_empty())
    });
    // Of convolutions the classes of each rank are in the table.
    let others = ["Cell", "Conv", "ConvTranspose", "Gate", "KernelSize", "Parameter", "Projection", "torch_default"];
    let builders: Vec<&str> = names.filter(|name| !others.contains(name)).collect();
    assert!(builders.len() >= 19, "{builders:?}");
    for name in builders {
        let used = [format!("{name}::new"), format!("convolution!(a, {name})")];
        assert!(used.iter().any(|used| table.contains(used) || helpers.contains(used)), "{name} has no case");
    }
}
