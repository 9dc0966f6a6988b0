//! Lists derived from a `config.json` against lists read from real models.

#[path = "support/measured.rs"]
#[expect(dead_code, reason = "only the lists are needed here")]
mod measured;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use wgpu_init::DType;
use wgpu_init_models::{Config, Error, Parameter, Recipe};

/// The bundled configurations, each with its recipe and class.
const MODELS: [(&str, Recipe, &str); 11] = [
    ("bert-base", Recipe::Bert, "BertForMaskedLM"),
    ("gpt2", Recipe::Gpt2, "GPT2LMHeadModel"),
    ("gpt2-xl", Recipe::Gpt2, "GPT2LMHeadModel"),
    ("llama-3.1-70b", Recipe::Llama, "LlamaForCausalLM"),
    ("llama-3.1-8b", Recipe::Llama, "LlamaForCausalLM"),
    ("llama-tiny", Recipe::Llama, "LlamaForCausalLM"),
    ("mamba-130m", Recipe::Mamba, "MambaForCausalLM"),
    ("mixtral-8x7b", Recipe::Mixtral, "MixtralForCausalLM"),
    ("t5-small", Recipe::T5, "T5ForConditionalGeneration"),
    ("vit-base", Recipe::Vit, "ViTForImageClassification"),
    ("whisper-tiny", Recipe::Whisper, "WhisperForConditionalGeneration"),
];

/// microsoft/resnet-50's sizes.
const RESNET_50: &str = r#"{"model_type": "resnet", "num_channels": 3, "embedding_size": 64, "num_labels": 1000,
    "hidden_sizes": [256, 512, 1024, 2048], "depths": [3, 4, 6, 3], "layer_type": "bottleneck"}"#;

fn text(model: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/models").join(format!("{model}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn config(text: &str) -> Config {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// A bundled configuration with other fields; null takes one away.
fn changed(model: &str, changes: Value) -> Result<Config, Error> {
    let mut value: Value = serde_json::from_str(&text(model)).expect("JSON");
    for (key, change) in changes.as_object().expect("an object") {
        match change {
            Value::Null => drop(value.as_object_mut().expect("an object").shift_remove(key)),
            change => value[key] = change.clone(),
        }
    }
    value.to_string().parse()
}

fn names(config: &Config) -> Vec<&str> {
    config.parameters().iter().map(|parameter| parameter.name.as_str()).collect()
}

fn dims(config: &Config, name: &str) -> Vec<u64> {
    let found = config.parameters().iter().find(|parameter| parameter.name == name);
    found.unwrap_or_else(|| panic!("{name} is missing")).shape.dims().to_vec()
}

#[test]
fn names_shapes_classes_and_order_are_those_of_the_real_models() {
    for (model, recipe, class) in MODELS {
        let config = config(&text(model));
        assert_eq!((config.recipe(), config.class()), (recipe, class), "{model}");
        let expected: Vec<Parameter> = measured::manifest(model).into_iter().map(|(parameter, _)| parameter).collect();
        for (got, expected) in config.parameters().iter().zip(&expected) {
            assert_eq!(got, expected, "{model}");
        }
        assert_eq!(config.parameters().len(), expected.len(), "{model}");
    }
}

/// transformers' names differ from torchvision's, and so does the place of the shortcuts; the tensors are the same.
#[test]
fn resnet_50_has_the_tensors_that_torchvisions_has() {
    fn count<'a>(list: impl Iterator<Item = &'a Parameter>) -> BTreeMap<(Vec<u64>, Option<String>), usize> {
        let mut counts = BTreeMap::new();
        for parameter in list {
            *counts.entry((parameter.shape.dims().to_vec(), parameter.module.clone())).or_default() += 1;
        }
        counts
    }
    let config = config(RESNET_50);
    let torchvision = measured::manifest("resnet50");
    assert_eq!(count(config.parameters().iter()), count(torchvision.iter().map(|(parameter, _)| parameter)));
    assert_eq!(config.parameters().iter().map(|parameter| parameter.shape.elements()).sum::<u64>(), 25_557_032);
    let first = ["resnet.embedder.embedder.convolution.weight", "resnet.embedder.embedder.normalization.weight"];
    assert_eq!(names(&config)[..2], first);
    assert_eq!(dims(&config, "resnet.encoder.stages.3.layers.0.shortcut.convolution.weight"), [2048, 1024, 1, 1]);
    assert_eq!(names(&config).last(), Some(&"classifier.1.bias"));
}

/// ResNet-18 has 11,689,512 parameters, ResNet-34 21,797,672 (torchvision's documentation of their weights).
#[test]
fn basic_residual_networks_have_the_published_number_of_parameters() {
    for (depths, expected) in [([2, 2, 2, 2], 11_689_512), ([3, 4, 6, 3], 21_797_672)] {
        let text = json!({"model_type": "resnet", "num_channels": 3, "embedding_size": 64, "num_labels": 1000,
            "hidden_sizes": [64, 128, 256, 512], "depths": depths, "layer_type": "basic"});
        let parameters: u64 =
            config(&text.to_string()).parameters().iter().map(|parameter| parameter.shape.elements()).sum();
        assert_eq!(expected, parameters, "{depths:?}");
    }
}

/// Every configuration's own variables are enough for its recipe, and give the distributions that counting names gives.
#[test]
fn the_recipe_says_the_same_with_the_configurations_numbers() {
    let resnet = ("resnet50", config(RESNET_50));
    let bundled = MODELS.map(|(model, ..)| (model, config(&text(model))));
    for (model, config) in bundled.into_iter().chain([resnet]) {
        let own =
            config.recipe().assign(config.parameters(), config.variables()).unwrap_or_else(|e| panic!("{model}: {e}"));
        let counted =
            config.recipe().assign(config.parameters(), &BTreeMap::new()).unwrap_or_else(|e| panic!("{model}: {e}"));
        for (own, counted) in own.list.iter().zip(&counted.list) {
            let distributions = [own, counted].map(|list| list.drawn.as_ref().map(|drawn| drawn.distribution));
            assert_eq!(distributions[0], distributions[1], "{model} {}", own.parameter.name);
        }
    }
}

#[test]
fn a_configurations_numbers_reach_the_recipe() {
    let std_of = |config: &Config, name: &str| {
        let list = config.recipe().assign(config.parameters(), config.variables()).expect("a recipe").list;
        let found = list.into_iter().find(|assignment| assignment.parameter.name == name).expect("a parameter");
        found.drawn.expect("drawn").distribution.to_string()
    };
    let gpt2 = changed("gpt2", json!({"initializer_range": 0.5, "n_layer": 2})).expect("a configuration");
    assert_eq!(std_of(&gpt2, "transformer.wte.weight"), "normal(0,0.5)");
    assert_eq!(std_of(&gpt2, "transformer.h.1.attn.c_proj.weight"), "normal(0,0.25)");
    let t5 = changed("t5-small", json!({"initializer_factor": 2.0})).expect("a configuration");
    assert_eq!(std_of(&t5, "shared.weight"), "normal(0,2)");
    let whisper = changed("whisper-tiny", json!({"init_std": 0.125})).expect("a configuration");
    assert_eq!(std_of(&whisper, "model.decoder.layers.0.fc1.weight"), "normal(0,0.125)");
    let mamba =
        json!({"rescale_prenorm_residual": true, "time_step_min": 0.01, "hidden_size": 64, "num_hidden_layers": 2});
    let mamba = changed("mamba-130m", mamba).expect("a configuration");
    assert_eq!(std_of(&mamba, "backbone.layers.0.mixer.dt_proj.bias"), "dt_bias(0.01,0.1,0.0001)");
    assert_eq!(std_of(&mamba, "backbone.layers.0.mixer.out_proj.weight"), "uniform(-0.0625,0.0625)");
    let bert = changed("bert-base", json!({"pad_token_id": 5})).expect("a configuration");
    let list = bert.recipe().assign(bert.parameters(), bert.variables()).expect("a recipe").list;
    let parts = &list[0].drawn.as_ref().expect("drawn").parts;
    assert_eq!(*parts[0].elements(), 5 * 768..6 * 768);
}

/// What a configuration can switch, with the shapes that transformers gives.
#[test]
fn options_change_the_list() {
    let of = |model: &str, changes: Value| changed(model, changes).unwrap_or_else(|error| panic!("{error}"));
    let llama = of("llama-tiny", json!({"tie_word_embeddings": true, "attention_bias": true, "mlp_bias": true}));
    assert!(!names(&llama).contains(&"lm_head.weight"));
    assert_eq!(names(&llama).len(), 57 - 1 + 6 * 7);
    assert_eq!(dims(&llama, "model.layers.5.mlp.down_proj.bias"), [288]);
    let wide = of("llama-tiny", json!({"head_dim": 64, "num_key_value_heads": 2}));
    assert_eq!(dims(&wide, "model.layers.0.self_attn.q_proj.weight"), [384, 288]);
    assert_eq!(dims(&wide, "model.layers.0.self_attn.k_proj.weight"), [128, 288]);
    assert_eq!(dims(&wide, "model.layers.0.self_attn.o_proj.weight"), [288, 384]);
    let all = of("llama-tiny", json!({"num_key_value_heads": null}));
    assert_eq!(dims(&all, "model.layers.0.self_attn.k_proj.weight"), [288, 288]);

    let gpt2 = of("gpt2", json!({"n_inner": 100, "tie_word_embeddings": false}));
    assert_eq!(dims(&gpt2, "transformer.h.0.mlp.c_fc.weight"), [768, 100]);
    assert_eq!(names(&gpt2).last(), Some(&"lm_head.weight"));

    let gated = of(
        "t5-small",
        json!({"feed_forward_proj": "gated-gelu", "tie_word_embeddings": false, "num_decoder_layers": 2}),
    );
    assert_eq!(dims(&gated, "encoder.block.0.layer.1.DenseReluDense.wi_1.weight"), [2048, 512]);
    assert!(names(&gated).contains(&"decoder.block.1.layer.2.layer_norm.weight"));
    assert!(!names(&gated).iter().any(|name| name.starts_with("decoder.block.2.") || name.ends_with(".wi.weight")));
    assert_eq!(names(&gated).last(), Some(&"lm_head.weight"));

    let bert = of("bert-base", json!({"architectures": ["BertForPreTraining"]}));
    assert_eq!(bert.class(), "BertForPreTraining");
    assert_eq!(dims(&bert, "bert.pooler.dense.bias"), [768]);
    assert_eq!(names(&bert).last(), Some(&"cls.seq_relationship.bias"));

    let vit = of(
        "vit-base",
        json!({"num_labels": null, "id2label": {"0": "cat", "1": "dog", "2": "newt"}, "qkv_bias": false}),
    );
    assert_eq!(dims(&vit, "classifier.weight"), [3, 768]);
    assert!(!names(&vit).contains(&"vit.layers.0.attention.q_proj.bias"));
    assert_eq!(dims(&of("vit-base", json!({"num_labels": null})), "classifier.bias"), [2]);
    assert_eq!(dims(&of("vit-base", json!({"image_size": 384})), "vit.embeddings.position_embeddings"), [1, 577, 768]);

    let mamba = of("mamba-130m", json!({"time_step_rank": "auto", "use_bias": true, "use_conv_bias": false}));
    assert_eq!(dims(&mamba, "backbone.layers.0.mixer.dt_proj.weight"), [1536, 48]);
    assert_eq!(dims(&mamba, "backbone.layers.0.mixer.in_proj.bias"), [3072]);
    assert!(!names(&mamba).contains(&"backbone.layers.0.mixer.conv1d.bias"));

    let whisper = of("whisper-tiny", json!({"tie_word_embeddings": false, "encoder_layers": 1}));
    assert_eq!(names(&whisper).last(), Some(&"proj_out.weight"));
    assert!(!names(&whisper).iter().any(|name| name.starts_with("model.encoder.layers.1.")));
}

#[test]
fn the_dtype_is_that_of_the_checkpoint() {
    for (fields, expected) in [
        (json!({}), None),
        (json!({"torch_dtype": "float16"}), Some(DType::F16)),
        (json!({"dtype": "bfloat16"}), Some(DType::Bf16)),
        (json!({"torch_dtype": "float64"}), None),
        (json!({"torch_dtype": "float32"}), Some(DType::F32)),
    ] {
        assert_eq!(changed("gpt2", fields.clone()).expect("a configuration").dtype(), expected, "{fields}");
    }
}
