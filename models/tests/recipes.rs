//! Recipes against real initialisations: for each model the statistics of every tensor as the original library made it once
//! (`tests/data`), against the distribution that the recipe gives it.

#[path = "support/measured.rs"]
#[expect(dead_code, reason = "the zoo's test reads another file")]
mod measured;

use measured::{Measured, manifest};
use std::collections::{BTreeMap, BTreeSet};
use wgpu_init::{Distribution, Initializer, Shape};
use wgpu_init_models::{Assignment, Config, Parameter, Recipe, Variables};

/// Each file, and the recipe that it was made by.
const MODELS: [(&str, Recipe, usize); 13] = [
    ("bert-base", Recipe::Bert, 202),
    ("gpt2", Recipe::Gpt2, 148),
    ("gpt2-xl", Recipe::Gpt2, 580),
    ("llama-3.1-70b", Recipe::Llama, 723),
    ("llama-3.1-8b", Recipe::Llama, 291),
    ("llama-tiny", Recipe::Llama, 57),
    ("mamba-130m", Recipe::Mamba, 242),
    ("mixtral-8x7b", Recipe::Mixtral, 291),
    ("resnet50", Recipe::Resnet50, 161),
    ("t5-small", Recipe::T5, 131),
    ("torch-layer-zoo", Recipe::TorchDefault, 40),
    ("vit-base", Recipe::Vit, 200),
    ("whisper-tiny", Recipe::Whisper, 167),
];

fn assign(model: &str, recipe: Recipe) -> Vec<(Assignment, Option<Measured>)> {
    let (parameters, measured): (Vec<Parameter>, Vec<_>) = manifest(model).into_iter().unzip();
    let list = recipe.assign(&parameters, &Variables::new()).unwrap_or_else(|error| panic!("{model}: {error}")).list;
    list.into_iter().zip(measured).collect()
}

#[test]
fn every_tensor_is_drawn_as_the_original_library_was_measured_to_do() {
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (model, recipe, tensors) in MODELS {
        let list = assign(model, recipe);
        assert_eq!(list.len(), tensors, "{model}");
        for (assignment, measured) in &list {
            let (Some(measured), Some(drawn)) = (measured, assignment.drawn()) else { continue };
            compared += 1;
            if let Err(reason) = measured.check(&drawn.distribution, &assignment.parameter.shape) {
                wrong.push(format!("{model} {}: {} but {reason}", assignment.parameter.name, drawn.distribution));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {compared} tensors:\n{}", wrong.len(), wrong.join("\n"));
    // All but gpt2-xl, the two large Llamas and Mixtral were initialised for real.
    assert_eq!(compared, 1348);
}

/// Negative control: a recipe of another model must not pass.
#[test]
fn the_comparison_sees_another_models_recipe_and_a_slightly_wrong_number() {
    let list = assign("gpt2", Recipe::Gpt2);
    for (name, wrong) in [
        ("transformer.wte.weight", "normal(0,0.0201)"),
        ("transformer.wte.weight", "uniform(-0.03464,0.03464)"),
        ("transformer.wpe.weight", "trunc_normal(0,0.02,-0.04,0.04)"),
        ("transformer.h.0.ln_1.weight", "zeros"),
        ("transformer.h.0.attn.c_proj.weight", "normal(0,0.02)"),
    ] {
        let (assignment, measured) =
            list.iter().find(|(assignment, _)| assignment.parameter.name == name).expect("a tensor of GPT-2");
        let shape = &assignment.parameter.shape;
        let wrong: wgpu_init::Initializer = wrong.parse().expect("an initializer");
        let wrong = wrong.distribution(shape).expect("valid");
        assert!(measured.as_ref().expect("measured").check(&wrong, shape).is_err(), "{wrong} passes for {name}");
    }
    let seen = |model, recipe| {
        let list = assign(model, recipe).into_iter();
        list.filter(|(assignment, measured)| {
            let distribution = assignment.drawn().map(|drawn| drawn.distribution);
            let check = |d: Distribution| measured.as_ref().map(|m| m.check(&d, &assignment.parameter.shape).is_err());
            distribution.and_then(check).unwrap_or(false)
        })
        .count()
    };
    // PyTorch's own defaults for ResNet: 53 convolutions differ. Whisper by the rules of Llama would not even match.
    assert_eq!(seen("resnet50", Recipe::TorchDefault), 53);
}

#[test]
fn what_has_no_measurement_has_the_published_numbers() {
    let of = |model, recipe, name: &str| {
        let list = assign(model, recipe);
        let found = list.iter().find(|(assignment, _)| assignment.parameter.name == name);
        found.and_then(|(assignment, _)| Some(assignment.drawn()?.distribution.to_string())).expect("drawn")
    };
    let residual = format!("normal(0,{})", 0.02 / 96f64.sqrt());
    assert_eq!(of("gpt2-xl", Recipe::Gpt2, "transformer.h.47.mlp.c_proj.weight"), residual);
    let expert = "model.layers.31.mlp.experts.gate_up_proj";
    assert_eq!(of("mixtral-8x7b", Recipe::Mixtral, expert), "normal(0,0.02)");
    assert_eq!(of("llama-3.1-70b", Recipe::Llama, "model.layers.79.input_layernorm.weight"), "constant(1)");
}

/// What a checkpoint may list beyond the manifests.
#[test]
fn heads_and_variants_are_known_to_the_recipes() {
    let parameter = |name: &str, dims: &[u64]| Parameter::new(name, Shape::new(dims).expect("a shape"));
    for (recipe, head, embedding) in [
        (Recipe::Gpt2, "lm_head.weight", "transformer.wte.weight"),
        (Recipe::Bert, "cls.predictions.decoder.weight", "bert.embeddings.word_embeddings.weight"),
        (Recipe::Whisper, "proj_out.weight", "model.decoder.embed_tokens.weight"),
        (Recipe::Mamba, "lm_head.weight", "backbone.embeddings.weight"),
        (Recipe::T5, "decoder.embed_tokens.weight", "shared.weight"),
    ] {
        let dims = if recipe == Recipe::Whisper { [51_865, 4] } else { [10, 4] };
        let list = recipe.assign(&[parameter(head, &dims), parameter(embedding, &dims)], &Variables::new());
        let tied = list.expect("known").list[0].drawn().and_then(|drawn| drawn.tied_to.clone());
        assert_eq!(tied.as_deref(), Some(embedding), "{recipe}");
    }
    // The padding token's row, where there is one.
    for (recipe, name, token, expected) in [
        (Recipe::Bert, "bert.embeddings.word_embeddings.weight", None, 1),
        (Recipe::Bert, "bert.embeddings.word_embeddings.weight", Some(-1.0), 0),
        (Recipe::Llama, "model.embed_tokens.weight", None, 0),
        (Recipe::Llama, "model.embed_tokens.weight", Some(3.0), 1),
    ] {
        let variables = token.map(|token| ("pad_token_id".to_owned(), token)).into_iter().collect();
        let list = recipe.assign(&[parameter(name, &[10, 4])], &variables).expect("known").list;
        assert_eq!(list[0].drawn().map(|drawn| drawn.parts.len()), Some(expected), "{recipe} {token:?}");
    }
}

/// RWKV's gain is that of a matrix's own shape: 2 only where it has four times as many rows as columns.
#[test]
fn rwkvs_matrices_have_the_gain_of_their_shape() {
    let (variables, _) = Config::any_variables(r#"{"model_type": "rwkv", "hidden_size": 64}"#).expect("numbers");
    for (dims, gain) in [([256, 64], 2.0), ([96, 64], 1.5f64.sqrt()), ([64, 64], 1.0)] {
        let weight = Parameter::new("rwkv.blocks.0.feed_forward.key.weight", Shape::new(dims).expect("a shape"));
        let list = Recipe::Transformers.assign(&[weight], &variables).expect("known").list;
        assert_eq!(list[0].drawn().map(|drawn| drawn.initializer), Some(Initializer::orthogonal(gain)), "{dims:?}");
    }
}

#[test]
fn every_recipe_has_a_name_that_reads_back_and_is_measured() {
    for recipe in Recipe::ALL.iter().copied() {
        assert_eq!(recipe.name().parse(), Ok(recipe));
        if recipe == Recipe::Transformers || recipe.architectures().next().is_some() {
            continue; // the zoo's tests
        }
        assert_eq!(recipe.rules(&Variables::new()).expect("rules").name(), recipe.name());
        assert!(MODELS.iter().any(|(_, used, _)| *used == recipe), "{recipe} has no model");
    }
}

/// The rules of every architecture can be read, and refuse a name that no model has.
#[test]
fn every_architecture_of_a_library_has_rules() {
    for (recipe, least) in [(Recipe::Torchvision, 150), (Recipe::Timm, 1400), (Recipe::Diffusers, 130)] {
        let names: BTreeSet<&str> = recipe.architectures().collect();
        assert!(names.len() >= least && names.len() == recipe.architectures().count(), "{recipe}: {}", names.len());
        let texts: BTreeMap<String, &str> =
            names.iter().map(|name| (recipe.rules_of(name).unwrap_or_default(), *name)).collect();
        for name in texts.values() {
            let mut variables = Variables::new();
            variables.set_text("architecture", *name);
            let rules = recipe.rules(&variables).unwrap_or_else(|error| panic!("{recipe}/{name}: {error}"));
            let other = Parameter::new("blocks.0.attn.lora_A.default.weight", Shape::new([8, 8]).expect("a shape"));
            assert!(rules.assign(&[other], &variables).is_err(), "{recipe}/{name}");
        }
    }
}
