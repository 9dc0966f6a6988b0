//! What rules say besides names: conditions on texts and numbers, defaults, sizes of siblings, refusals, and recipes that are built on.

use wgpu_init::Shape;
use wgpu_init_models::{Assignments, Config, Error, Parameter, Recipe, Result, Rules, Variables};

fn parameter(name: &str, dims: &[u64]) -> Parameter {
    Parameter::new(name, Shape::new(dims).expect("a shape"))
}

fn assign(rules: &str, parameters: &[Parameter], variables: &Variables) -> Result<Assignments> {
    rules.parse::<Rules>()?.assign(parameters, variables)
}

/// What one parameter is drawn from.
fn law(rules: &str, parameters: &[Parameter], variables: &Variables) -> String {
    let list = assign(rules, parameters, variables).unwrap_or_else(|error| panic!("{error}")).list;
    list[0].drawn().expect("drawn").distribution.to_string()
}

fn of(config: &str) -> Variables {
    Config::any_variables(config).unwrap_or_else(|error| panic!("{error}")).0
}

#[test]
fn a_rule_may_ask_what_the_configuration_says() {
    let rules = r#"
        [[rule]]
        name = "norm.weight"
        when = "model_type in ('gemma', 'gemma2') and 'GemmaModel' not in architectures"
        init = "zeros"

        [[rule]]
        name = "norm.weight"
        when = "config.vision_config.hidden_act == 'gelu' or config.vision_config.flag"
        init = "constant(config.vision_config.scale * 2)"

        [[rule]]
        name = "*"
        init = "ones"
    "#;
    let norm = [parameter("norm.weight", &[4])];
    let vision = r#""vision_config": {"hidden_act": "silu", "flag": false, "scale": 1.5}"#;
    for (config, expected) in [
        (format!(r#"{{"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], {vision}}}"#), "constant(0)"),
        (format!(r#"{{"model_type": "gemma", "architectures": ["X", "GemmaModel"], {vision}}}"#), "constant(1)"),
        (format!(r#"{{"model_type": "llama", "architectures": [], {vision}}}"#), "constant(1)"),
        (
            format!(r#"{{"model_type": "llama", "architectures": [], {}}}"#, vision.replace("silu", "gelu")),
            "constant(3)",
        ),
        (
            format!(r#"{{"model_type": "llama", "architectures": [], {}}}"#, vision.replace("false", "true")),
            "constant(3)",
        ),
    ] {
        assert_eq!(law(rules, &norm, &of(&config)), expected, "{config}");
    }
    // What is not said is not guessed.
    let error = assign(rules, &norm, &of("{}")).expect_err("no model_type").to_string();
    assert!(error.contains("the variable \"model_type\" is not known"), "{error}");
}

#[test]
fn a_variable_may_have_a_default_for_models_without_it() {
    let rules = r#"
        [variables]
        width = { size = "*q_norm.weight", axis = 0, default = 64 }
        range = { value = "config.initializer_range * 2", default = 0.5 }

        [[rule]]
        name = "*"
        init = "constant(width + range)"
    "#;
    let (norm, other) = (parameter("q_norm.weight", &[8]), parameter("other", &[3]));
    assert_eq!(law(rules, &[norm], &of(r#"{"initializer_range": 0.25}"#)), "constant(8.5)");
    assert_eq!(law(rules, std::slice::from_ref(&other), &of("{}")), "constant(64.5)");
    let none = rules.replace(", default = 64", "");
    let error = assign(&none, &[other], &of("{}")).expect_err("no such parameter").to_string();
    assert!(error.contains("no parameter matches \"*q_norm.weight\"; write a default"), "{error}");
}

#[test]
fn a_bias_may_ask_the_size_of_its_weight() {
    let rules = r#"
        [[rule]]
        name = "*bias"
        when = "has(sibling.weight.fan_in)"
        init = "constant(sibling.weight.fan_in + sibling.weight.dim0)"

        [[rule]]
        name = "*"
        init = "zeros"
    "#;
    let weight = |name: &str| parameter(name, &[2, 3, 5]);
    for (bias, others, expected) in [
        ("conv.bias", "conv.weight", "constant(17)"),
        ("bias", "weight", "constant(17)"),
        ("conv.bias", "other.weight", "constant(0)"),
        ("a.conv.bias", "conv.weight", "constant(0)"),
    ] {
        let list = [parameter(bias, &[2]), weight(others)];
        assert_eq!(law(rules, &list, &Variables::new()), expected, "{bias} {others}");
    }
    // It is a number of each parameter, and not kept from one to the next.
    let two =
        [parameter("a.bias", &[2]), parameter("a.weight", &[2, 7]), parameter("b.bias", &[2]), weight("b.weight")];
    let list = assign(rules, &two, &Variables::new()).expect("assigned").list;
    let laws: Vec<_> = list.iter().filter_map(|one| Some(one.drawn()?.distribution.to_string())).collect();
    assert_eq!(laws, ["constant(9)", "constant(0)", "constant(17)", "constant(0)"]);
}

#[test]
fn a_rule_may_refuse() {
    let rules = r#"
        name = "mine"

        [[rule]]
        name = "*lora_B*"
        refuse = "adapters are made by another program"

        [[rule]]
        name = "*"
        init = "ones"
    "#;
    assert_eq!(law(rules, &[parameter("a", &[1])], &Variables::new()), "constant(1)");
    let error = assign(rules, &[parameter("a", &[1]), parameter("q.lora_B", &[1])], &Variables::new());
    let Err(Error::Refused { rule, name, reason }) = error else { panic!("{error:?}") };
    assert_eq!((rule.as_str(), name.as_str()), ("mine 1: *lora_B*", "q.lora_B"));
    assert_eq!(reason, "adapters are made by another program");
    for (text, says) in [
        ("refuse = \"x\"\ninit = \"ones\"", "exactly one of init, tie, skip = true and refuse"),
        ("refuse = \"x\"\nseed = 1", "go with init, not with refuse"),
        ("refuse = \"x\"\ndtype = \"i64\"", "goes with init, a constant or arange"),
    ] {
        let error = format!("[[rule]]\nname = \"*\"\n{text}").parse::<Rules>().expect_err(text).to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn rules_may_extend_a_recipe() {
    let rules = r#"
        name = "mine"
        extends = "llama"

        [variables]
        initializer_range = 0.5

        [[rule]]
        name = "*q_proj.weight"
        init = "zeros"
    "#;
    let list = [parameter("model.layers.0.self_attn.q_proj.weight", &[4, 4]), parameter("lm_head.weight", &[4, 4])];
    let read: Rules = rules.parse().expect("rules");
    let assigned = read.assign(&list, &Variables::new()).expect("assigned").list;
    let laws: Vec<_> = assigned.iter().filter_map(|one| Some(one.drawn()?.distribution.to_string())).collect();
    // One's own rule goes first, and one's own number before the recipe's.
    assert_eq!(laws, ["constant(0)", "normal(0,0.5)"]);
    let of_recipe = read.describe(assigned[1].rule);
    assert!(of_recipe.starts_with("mine 6: ") && of_recipe.ends_with(", of llama"), "{of_recipe}");
    // Whose text is the same as the recipe's.
    assert!(Recipe::Llama.text().contains("lm_head"));
    for (base, says) in [("x", "unknown recipe \"x\""), ("transformers", "goes by the model_type")] {
        let error = format!("extends = \"{base}\"").parse::<Rules>().expect_err(base).to_string();
        assert!(error.starts_with("the file: extends: ") && error.contains(says), "{error}");
    }
}

#[test]
fn every_field_of_a_configuration_is_a_variable() {
    let config = of(
        r#"{"model_type": "x", "architectures": ["A"], "a": 1.5, "b": true, "c": null, "d": "text", "e": ["x", "y"], "f": [1, 2],
            "vocab_size": 10, "pad_token_id": -2, "text_config": {"a": 2, "pad_token_id": null, "deep": {"b": false}},
            "vision_config": {"pad_token_id": -1}}"#,
    );
    assert_eq!(config.text("model_type"), Some("x"));
    assert_eq!(config.list("architectures"), Some(&["A".to_owned()][..]));
    for (name, expected) in [
        ("config.a", Some(1.5)),
        ("config.b", Some(1.0)),
        ("config.c", None),
        ("config.f", None),
        ("config.text_config.a", Some(2.0)),
        ("config.text_config.deep.b", Some(0.0)),
        // A token that counts from the end, none, and one that counts from an end that is not known.
        ("config.pad_token_id", Some(8.0)),
        ("config.text_config.pad_token_id", Some(-1.0)),
        ("config.vision_config.pad_token_id", Some(f64::NEG_INFINITY)),
    ] {
        assert_eq!(config.number(name), expected, "{name}");
    }
    assert_eq!(config.text("config.d"), Some("text"));
    assert_eq!(config.list("config.e").map(<[String]>::len), Some(2));
    assert!(!config.contains("config.c"));
    // The last is no number to work with.
    let rule = "[[rule]]\nname = \"*\"\ninit = \"ones\"\npadding_row = \"config.vision_config.pad_token_id\"";
    let error = assign(rule, &[parameter("a", &[4, 2])], &config).expect_err("unknown row").to_string();
    assert!(error.contains("it must be finite"), "{error}");
}
