//! Lists derived from a `config.json` against lists read from real models.

#[path = "support/measured.rs"]
#[expect(dead_code, reason = "only the lists are needed here")]
mod measured;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use wgpu_init::{DType, Shape};
use wgpu_init_models::{Config, Error, Parameter, Recipe, Variables};

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
            config.recipe().assign(config.parameters(), &Variables::new()).unwrap_or_else(|e| panic!("{model}: {e}"));
        for (own, counted) in own.list.iter().zip(&counted.list) {
            let distributions = [own, counted].map(|list| list.drawn().map(|drawn| drawn.distribution));
            assert_eq!(distributions[0], distributions[1], "{model} {}", own.parameter.name);
        }
    }
}

#[test]
fn a_configurations_numbers_reach_the_recipe() {
    let std_of = |config: &Config, name: &str| {
        let list = config.recipe().assign(config.parameters(), config.variables()).expect("a recipe").list;
        let found = list.into_iter().find(|assignment| assignment.parameter.name == name).expect("a parameter");
        found.drawn().expect("drawn").distribution.to_string()
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
    let parts = &list[0].drawn().expect("drawn").parts;
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

/// The distribution of a parameter by the recipe, and what it is tied to.
fn drawn(config: &Config, more: &[(&str, &[u64])], name: &str) -> (String, Option<String>) {
    let mut list = config.parameters().to_vec();
    list.extend(more.iter().map(|(name, dims)| Parameter::new(*name, Shape::new(*dims).expect("a shape"))));
    let assigned = config.recipe().assign(&list, config.variables()).unwrap_or_else(|error| panic!("{error}")).list;
    let found = assigned.into_iter().find(|assignment| assignment.parameter.name == name);
    let drawn = found.unwrap_or_else(|| panic!("{name} is missing")).drawn().cloned().expect("drawn");
    (drawn.distribution.to_string(), drawn.tied_to)
}

/// A head is the embedding where the configuration says so or, if it does not, where transformers' class does; else it has values of
/// its own.
#[test]
fn heads_are_tied_as_the_configuration_says() {
    for (model, head, embedding, tied, own) in [
        ("gpt2", "lm_head.weight", "transformer.wte.weight", true, "normal(0,0.02)"),
        ("mamba-130m", "lm_head.weight", "backbone.embeddings.weight", true, "normal(0,0.1)"),
        ("whisper-tiny", "proj_out.weight", "model.decoder.embed_tokens.weight", true, "normal(0,0.02)"),
        ("t5-small", "lm_head.weight", "shared.weight", true, "normal(0,1)"),
        ("llama-tiny", "lm_head.weight", "model.embed_tokens.weight", false, "normal(0,0.02)"),
        ("mixtral-8x7b", "lm_head.weight", "model.embed_tokens.weight", false, "normal(0,0.02)"),
    ] {
        let untied = changed(model, json!({"tie_word_embeddings": false})).expect("a configuration");
        assert_eq!(drawn(&untied, &[], head), (own.to_owned(), None), "{model}");
        assert_eq!(untied.variables().number("tie_word_embeddings"), Some(0.0), "{model}");
        let dims = dims(&untied, embedding);
        let shares = changed(model, json!({"tie_word_embeddings": true})).expect("a configuration");
        assert_eq!(drawn(&shares, &[(head, &dims)], head), (own.to_owned(), Some(embedding.to_owned())), "{model}");
        let silent = changed(model, json!({"tie_word_embeddings": null})).expect("a configuration");
        assert_eq!(names(&silent).contains(&head), !tied, "{model}");
        assert_eq!(silent.variables().number("tie_word_embeddings"), Some(f64::from(u8::from(tied))), "{model}");
    }
    for model in ["bert-base", "vit-base"] {
        let config = changed(model, json!({"tie_word_embeddings": null})).expect("a configuration");
        assert_eq!(
            config.variables().number("tie_word_embeddings"),
            Some(f64::from(u8::from(model == "bert-base"))),
            "{model}"
        );
    }
    let bert = changed("bert-base", json!({})).expect("a configuration");
    let untied = [("tie_word_embeddings", 0.0)].into_iter().collect();
    let head = Parameter::new("cls.predictions.decoder.weight", Shape::new([30522, 768]).expect("a shape"));
    let list = bert.recipe().assign(&[head], &untied).expect("untied").list;
    assert_eq!(list[0].drawn().expect("drawn").distribution.to_string(), "normal(0,0.02)");
}

/// What recipes read from a file whose model is not built in.
#[test]
fn the_numbers_of_any_configuration_are_read() {
    let of = |text: &str| Config::any_variables(text).unwrap_or_else(|error| panic!("{text}: {error}")).0;
    let expect = |text: &str, expected: &[(&str, f64)]| {
        let mut expected = expected.to_vec();
        expected.sort_by_key(|(name, _)| *name);
        let variables = of(text);
        let got: Vec<_> = variables.numbers().filter(|(name, _)| !name.starts_with("config.")).collect();
        assert_eq!(got, expected, "{text}");
    };
    expect(r#"{"model_type": "gpt_neox"}"#, &[]);
    expect("{}", &[]);
    expect(
        r#"{"tie_word_embeddings": false, "initializer_range": 0.5, "vocab_size": 10, "pad_token_id": -1, "x": Infinity}"#,
        &[("tie_word_embeddings", 0.0), ("initializer_range", 0.5), ("pad_token_id", 9.0)],
    );
    // Null is none; without the number of rows only a token that counts from the start is known.
    expect(r#"{"pad_token_id": null}"#, &[("pad_token_id", -1.0)]);
    expect(r#"{"pad_token_id": 3}"#, &[("pad_token_id", 3.0)]);
    expect(r#"{"pad_token_id": -1}"#, &[]);
    // transformers' own reading of 0 and of the other names.
    expect(r#"{"initializer_range": 0}"#, &[("initializer_range", 0.02)]);
    expect(
        r#"{"init_std": 0.25, "initializer_factor": 2}"#,
        &[("initializer_range", 0.25), ("initializer_factor", 2.0)],
    );
    // Mamba-2 does not tie unless it is said.
    expect(r#"{"model_type": "mamba2"}"#, &[("tie_word_embeddings", 0.0)]);
    expect(
        r#"{"time_step_min": 0.5, "rescale_prenorm_residual": true, "num_hidden_layers": 4}"#,
        &[("time_step_min", 0.5), ("residual_layers", 4.0)],
    );
    // Parts of a file: the text's, unless another says something else.
    let text = r#"{"text_config": {"tie_word_embeddings": true, "initializer_range": 0.5, "vocab_size": 8, "pad_token_id": 2},
        "vision_config": {"initializer_range": 0.1}}"#;
    expect(text, &[("tie_word_embeddings", 1.0), ("pad_token_id", 2.0)]);
    expect(r#"{"initializer_range": 1, "text_config": {"initializer_range": 2}}"#, &[("initializer_range", 1.0)]);
    expect(r#"{"vision_config": {"initializer_range": 2}}"#, &[]);
    let error = Config::any_variables(r#"{"model_type": "opt", "tie_word_embeddings": 3}"#).expect_err("a number");
    assert!(error.to_string().contains("(opt): tie_word_embeddings is 3, expected true or false"), "{error}");
    assert!(matches!(Config::any_variables("[]"), Err(Error::InvalidConfig { .. })));
}

/// The names that only Mamba-2 has, by the recipe of Mamba.
#[test]
fn mamba_2_is_known_to_the_recipe_of_mamba() {
    let list: Vec<Parameter> = [
        ("backbone.embeddings.weight", &[16, 8][..]),
        ("backbone.layers.0.mixer.dt_bias", &[4]),
        ("backbone.layers.0.mixer.A_log", &[4]),
        ("backbone.layers.0.mixer.D", &[4]),
        ("backbone.layers.0.mixer.norm.weight", &[16]),
        ("backbone.layers.0.mixer.conv1d.weight", &[24, 1, 4]),
        ("backbone.layers.0.mixer.in_proj.weight", &[44, 8]),
        ("backbone.layers.0.mixer.out_proj.weight", &[8, 16]),
        ("backbone.norm_f.weight", &[8]),
        ("lm_head.weight", &[16, 8]),
    ]
    .map(|(name, dims)| Parameter::new(name, Shape::new(dims).expect("a shape")))
    .to_vec();
    let numbers = Config::any_variables(r#"{"model_type": "mamba2", "time_step_limit": [0.0, Infinity]}"#);
    let assigned = Recipe::Mamba.assign(&list, &numbers.expect("a configuration").0).expect("known").list;
    let got = |index: usize| assigned[index].drawn().expect("drawn");
    assert_eq!(got(1).distribution.to_string(), "dt_bias(0.001,0.1,0.0001)");
    assert_eq!(got(2).distribution.name(), "a_log");
    assert_eq!((got(9).distribution.to_string().as_str(), got(9).tied_to.as_deref()), ("normal(0,0.1)", None));
}

/// Fields that change values or lists, as transformers reads them.
#[test]
fn fields_that_matter_are_read() {
    let of = |model: &str, changes: Value| changed(model, changes).unwrap_or_else(|error| panic!("{error}"));
    // T5's factor scales its norms and its heads too.
    let t5 = of("t5-small", json!({"initializer_factor": 0.5, "tie_word_embeddings": false}));
    let heads: [(&str, &[u64]); 4] = [
        ("classification_head.dense.weight", &[512, 512]),
        ("classification_head.out_proj.bias", &[2]),
        ("qa_outputs.weight", &[2, 512]),
        ("classifier.weight", &[2, 512]),
    ];
    let narrow = format!("normal(0,{})", 0.5 * (1.0 / 512f64.sqrt()));
    for (name, expected) in [
        ("shared.weight", "normal(0,0.5)"),
        ("lm_head.weight", "normal(0,0.5)"),
        ("encoder.final_layer_norm.weight", "constant(0.5)"),
        ("decoder.block.0.layer.1.layer_norm.weight", "constant(0.5)"),
        ("classification_head.dense.weight", narrow.as_str()),
        ("qa_outputs.weight", &narrow),
        ("classification_head.out_proj.bias", "constant(0)"),
        ("classifier.weight", "normal(0,0.5)"),
    ] {
        assert_eq!(drawn(&t5, &heads, name).0, expected, "{name}");
    }
    // `initializer_range or 0.02`; Whisper's other name for it, and which goes first.
    let llama = of("llama-tiny", json!({"initializer_range": 0.0}));
    assert_eq!(drawn(&llama, &[], "lm_head.weight").0, "normal(0,0.02)");
    let whisper = of("whisper-tiny", json!({"init_std": 0.5, "initializer_range": 0.25}));
    assert_eq!(drawn(&whisper, &[], "model.decoder.layers.0.fc1.weight").0, "normal(0,0.25)");
    // Mamba's own inner size goes before the product, and biases are off unless they are asked for.
    let mamba = of("mamba-130m", json!({"intermediate_size": 100, "use_bias": null}));
    assert_eq!(dims(&mamba, "backbone.layers.0.mixer.A_log"), [100, 16]);
    assert!(!names(&mamba).contains(&"backbone.layers.0.mixer.in_proj.bias"));
    // Mixtral has 8 groups of keys if nothing is said, and one for each head if null is.
    let mixtral: Value = serde_json::from_str(&text("mixtral-8x7b")).expect("JSON");
    for (groups, rows) in [(None, 1024), (Some(Value::Null), 4096)] {
        let mut mixtral = mixtral.clone();
        match groups {
            None => drop(mixtral.as_object_mut().expect("an object").shift_remove("num_key_value_heads")),
            Some(null) => mixtral["num_key_value_heads"] = null,
        }
        let config = config(&mixtral.to_string());
        assert_eq!(dims(&config, "model.layers.0.self_attn.k_proj.weight"), [rows, 4096]);
    }
    let vit = of("vit-base", json!({"head_dim": 32, "num_labels": 0}));
    assert_eq!(dims(&vit, "vit.layers.0.attention.q_proj.weight"), [384, 768]);
    assert_eq!(dims(&vit, "vit.layers.0.attention.o_proj.weight"), [768, 384]);
    assert_eq!(names(&vit).last(), Some(&"vit.layernorm.bias"), "an Identity for no labels");
    // Names of transformers' attribute maps.
    let gpt2 = r#"{"model_type": "gpt2", "vocab_size": 9, "max_position_embeddings": 8, "hidden_size": 6, "num_hidden_layers": 1,
        "num_attention_heads": 2}"#;
    assert_eq!(dims(&config(gpt2), "transformer.wpe.weight"), [8, 6]);
    // What changes nothing may have any value.
    of("gpt2", json!({"reorder_and_upcast_attn": true, "scale_attn_by_inverse_layer_idx": true, "pruned_heads": {}}));
    of("bert-base", json!({"is_decoder": true, "position_embedding_type": "absolute", "use_cache": 7}));
}

/// Valid configurations that are written in another way than usual.
#[test]
fn what_transformers_accepts_is_read() {
    let of = |model: &str, changes: Value| changed(model, changes).unwrap_or_else(|error| panic!("{error}"));
    let padding = |model: &str, token: Value| {
        let config = of(model, json!({"pad_token_id": token}));
        config.variables().number("pad_token_id").expect("a row")
    };
    // nn.Embedding counts a negative padding_idx from the end.
    assert_eq!(padding("bert-base", json!(-1)), 30521.0);
    assert_eq!(padding("llama-tiny", json!(-2)), 31998.0);
    assert_eq!(padding("llama-tiny", json!(0)), 0.0);
    let null = text("bert-base").replace("\"pad_token_id\": 0", "\"pad_token_id\": null");
    assert!(null.contains("null"));
    assert_eq!(config(&null).variables().number("pad_token_id"), Some(-1.0));

    let vit = of("vit-base", json!({"image_size": [32, 64], "patch_size": [16, 8], "num_channels": 1}));
    assert_eq!(dims(&vit, "vit.embeddings.position_embeddings"), [1, 2 * 8 + 1, 768]);
    assert_eq!(dims(&vit, "vit.embeddings.patch_embeddings.projection.weight"), [768, 1, 16, 8]);
    let square = of("vit-base", json!({"image_size": [224, 224]}));
    assert_eq!(dims(&square, "vit.embeddings.position_embeddings"), [1, 197, 768]);
    let labels = of("vit-base", json!({"num_labels": null, "id2label": {"0": 0, "1": null, "2": ["a"]}}));
    assert_eq!(dims(&labels, "classifier.bias"), [3]);

    for (model, field, of_a_layer) in [
        ("llama-tiny", "num_hidden_layers", "model.layers."),
        ("gpt2", "n_layer", "transformer.h."),
        ("bert-base", "num_hidden_layers", "bert.encoder."),
        ("vit-base", "num_hidden_layers", "vit.layers."),
        ("mamba-130m", "num_hidden_layers", "backbone.layers."),
        ("mixtral-8x7b", "num_hidden_layers", "model.layers."),
        ("t5-small", "num_layers", "encoder.block."),
        ("whisper-tiny", "encoder_layers", "model.encoder.layers."),
    ] {
        let config = of(model, json!({field: 0}));
        assert!(!names(&config).iter().any(|name| name.starts_with(of_a_layer)), "{model}");
        config.recipe().assign(config.parameters(), config.variables()).unwrap_or_else(|e| panic!("{model}: {e}"));
    }

    let python =
        text("mamba-130m").replacen('{', r#"{"time_step_limit": [0.0, Infinity], "a": NaN, "b": "-Infinity","#, 1);
    assert_eq!(config(&python).parameters(), of("mamba-130m", json!({})).parameters());
}

/// Whatever a field holds, the configuration is read, or refused in words that name the field.
#[test]
fn a_wrong_field_is_named() {
    let odd = [
        Value::Null,
        json!(-1),
        json!(0),
        json!(1.5),
        json!(1e300),
        json!(4_294_967_296_u64),
        json!(u32::MAX),
        json!(true),
        json!("x"),
        json!([]),
        json!([1, 2, 3]),
        json!({}),
        json!({"a": 1}),
    ];
    let mut refused = 0;
    for (model, text) in
        MODELS.map(|(model, ..)| (model, text(model))).into_iter().chain([("resnet", RESNET_50.into())])
    {
        // Of the smaller models only: each is listed some two hundred times.
        if model.contains("0b") || model.contains("-xl") {
            continue;
        }
        let good: Value = serde_json::from_str(&text).expect("JSON");
        for key in good.as_object().expect("an object").keys() {
            for value in &odd {
                let mut bad = good.clone();
                bad[key] = value.clone();
                let result: Result<Config, Error> = bad.to_string().parse();
                match result {
                    // What the sizes are together is checked again here.
                    Ok(config) => drop(config.recipe().assign(config.parameters(), config.variables())),
                    Err(Error::UnknownModelType { .. }) if key == "model_type" => refused += 1,
                    Err(error) => {
                        refused += 1;
                        let named = error.to_string().contains(key.as_str()) || value == &json!(u32::MAX);
                        assert!(
                            named && matches!(error, Error::InvalidConfig { .. }),
                            "{model} {key} = {value}: {error}"
                        );
                    }
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn the_dtype_is_that_of_the_checkpoint() {
    for (fields, expected) in [
        (json!({}), None),
        (json!({"torch_dtype": "float16"}), Some(DType::F16)),
        (json!({"dtype": "bfloat16"}), Some(DType::Bf16)),
        (json!({"torch_dtype": "float64"}), None),
        (json!({"torch_dtype": "float32"}), Some(DType::F32)),
        (json!({"torch_dtype": "float32", "dtype": "bfloat16"}), Some(DType::Bf16)),
        (json!({"dtype": "torch.float16"}), Some(DType::F16)),
    ] {
        assert_eq!(changed("gpt2", fields.clone()).expect("a configuration").dtype(), expected, "{fields}");
    }
}
