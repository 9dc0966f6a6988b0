//! Rules: which one decides, what its numbers are, and that a parameter's values depend on its own name alone.

use std::collections::BTreeMap;
use wgpu_init::scheme::Mup;
use wgpu_init::{CpuExecutor, DType, Distribution, Initializer, Seed, Shape};
use wgpu_init_models::{Assignment, Assignments, Config, DeadRule, Parameter, Rules, Variables};

fn parameter(name: &str, dims: &[u64]) -> Parameter {
    Parameter::new(name, Shape::new(dims).expect("a shape"))
}

fn assign_with(text: &str, parameters: &[Parameter], variables: &[(&str, f64)]) -> Assignments {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    text.parse::<Rules>().expect("rules").assign(parameters, &variables).expect("they fit")
}

fn assign(text: &str, parameters: &[Parameter]) -> Assignments {
    assign_with(text, parameters, &[])
}

fn distribution(assignment: &Assignment) -> String {
    assignment.drawn().map_or_else(|| "skipped".to_owned(), |drawn| drawn.distribution.to_string())
}

/// The distributions of a model in order.
fn distributions(text: &str, parameters: &[Parameter]) -> Vec<String> {
    assign(text, parameters).list.iter().map(distribution).collect()
}

/// The f32 bytes of a parameter, on the CPU.
fn bytes(assignment: &Assignment, seed: Seed) -> Vec<u8> {
    let elements = assignment.parameter.shape.elements();
    let fills = assignment.fills(seed, DType::F32, 0..elements, 0);
    let mut bytes = vec![0xA5; usize::try_from(elements).expect("small") * 4];
    CpuExecutor::new().run_in(&mut bytes, &fills).expect("valid");
    bytes
}

const GPT: &str = r#"
name = "gpt"
[variables]
std = 0.02
n_layer = { count = 'h\.(\d+)\.' }
d_model = { size = "wte.weight", axis = 1 }
residual = "std / sqrt(2 * n_layer)"
[[rule]]
name = "*.c_proj.weight"
init = "normal(0, residual)"
[[rule]]
name = ["ln*.bias", "*.bias"]
init = "zeros"
[[rule]]
rank = 2
init = "normal(0, std)"
[[rule]]
name = "*"
init = "constant(d_model)"
"#;

fn gpt(layers: u64) -> Vec<Parameter> {
    let mut parameters = vec![parameter("wte.weight", &[10, 8])];
    for layer in 0..layers {
        parameters.push(parameter(&format!("h.{layer}.c_fc.weight"), &[8, 32]));
        parameters.push(parameter(&format!("h.{layer}.c_fc.bias"), &[32]));
        parameters.push(parameter(&format!("h.{layer}.c_proj.weight"), &[32, 8]));
    }
    parameters.push(parameter("ln.weight", &[8]));
    parameters
}

#[test]
fn the_first_rule_that_fits_decides_and_numbers_are_worked_out() {
    let residual = Distribution::normal(0.0, 0.02 / 4f64.sqrt()).expect("valid").to_string();
    let layer = ["normal(0,0.02)", "constant(0)", &residual];
    let expected = [&["normal(0,0.02)"], layer.as_slice(), &layer, &["constant(8)"]].concat();
    assert_eq!(distributions(GPT, &gpt(2)), expected);
    let rules: Vec<usize> = assign(GPT, &gpt(2)).list.iter().map(|assignment| assignment.rule).collect();
    assert_eq!(rules, [2, 2, 1, 0, 2, 1, 0, 3]);
    assert_eq!(GPT.parse::<Rules>().expect("rules").describe(1), "gpt 2: ln*.bias or *.bias");
}

#[test]
fn the_callers_variables_go_first() {
    let list = assign_with(GPT, &gpt(2), &[("n_layer", 8.0), ("std", 1.0)]).list;
    assert_eq!((distribution(&list[1]), distribution(&list[3])), ("normal(0,1)".into(), "normal(0,0.25)".into()));
}

#[test]
fn every_condition_selects() {
    let dims: [(&str, &[u64]); 4] = [("a.weight", &[4, 3]), ("a.bias", &[4]), ("b.weight", &[3, 4]), ("b.bias", &[3])];
    let mut parameters: Vec<_> = dims.iter().map(|(name, dims)| parameter(name, dims)).collect();
    parameters[2] = parameters[2].clone().in_module("Linear");
    for (condition, expected) in [
        ("name = \"a*\"", [1, 1, 0, 0]),
        ("name = \"*.weight\"", [1, 0, 1, 0]),
        ("name = \"?.bias\"", [0, 1, 0, 1]),
        ("name = \"{a.bias,b.weight}\"", [0, 1, 1, 0]),
        ("name = [\"a.bias\", \"b.weight\"]", [0, 1, 1, 0]),
        ("name = \"weight\"", [0, 0, 0, 0]),
        ("regex = 'weight'", [1, 0, 1, 0]),
        ("regex = '^weight'", [0, 0, 0, 0]),
        ("module = \"Lin*\"", [0, 0, 1, 0]),
        ("rank = 1", [0, 1, 0, 1]),
        ("shape = [4, 3]", [1, 0, 0, 0]),
        ("shape = [\"*\", 4]", [0, 0, 1, 0]),
        ("shape = [\"dim1 + 1\", \"*\"]", [1, 0, 0, 0]),
        ("name = \"a*\"\nrank = 2", [1, 0, 0, 0]),
        ("when = 1", [1, 1, 1, 1]),
        ("when = 0", [0, 0, 0, 0]),
        ("when = \"rank - 1\"", [1, 0, 1, 0]),
        ("name = \"a*\"\nwhen = \"-1\"", [1, 1, 0, 0]),
    ] {
        let text = format!("[[rule]]\n{condition}\ninit = \"ones\"\n[[rule]]\nname = \"*\"\ninit = \"zeros\"");
        let expected = expected.map(|one| format!("constant({one})"));
        assert_eq!(distributions(&text, &parameters), expected, "{condition}");
    }
}

#[test]
fn a_parameters_own_numbers_and_the_groups_of_the_regex_are_variables() {
    let parameters = [parameter("layers.3.out.weight", &[6, 2, 5])];
    for (argument, expected) in [
        ("dim0", 6.0),
        ("dim2", 5.0),
        ("rank", 3.0),
        ("elements", 60.0),
        ("fan_in + 0", 10.0),
        ("fan_out * 1", 30.0),
        ("layer + 1", 4.0),
        ("pi", core::f64::consts::PI),
        ("1 / sqrt(2 * 64 * (layer + 1))", 1.0 / 512f64.sqrt()),
    ] {
        let text = format!("[[rule]]\nregex = 'layers\\.(?<layer>\\d+)\\.'\ninit = \"constant({argument})\"");
        assert_eq!(distributions(&text, &parameters), [format!("constant({expected})")], "{argument}");
    }
}

#[test]
fn words_of_the_grammar_stay_words() {
    let parameters = [parameter("w", &[64, 16])];
    for (init, expected) in [
        ("kaiming_normal(fan_out, relu)", "kaiming_normal(fan_out,relu)"),
        ("kaiming_uniform(fan_in, leaky_relu=sqrt(5))", "kaiming_uniform(fan_in,leaky_relu=2.23606797749979)"),
        ("xavier_uniform(sqrt(4), in_out)", "xavier_uniform(2,in_out)"),
        ("variance_scaling(1/2, fan_avg, truncated_normal)", "variance_scaling(0.5,fan_avg,truncated_normal)"),
        ("he_normal", "he_normal()"),
    ] {
        let text = format!("[[rule]]\nname = \"w\"\ninit = \"{init}\"");
        let list = assign(&text, &parameters).list;
        let expected: Initializer = expected.parse().expect("an initializer");
        assert_eq!(list[0].drawn().expect("drawn").initializer, expected, "{init}");
    }
}

#[test]
fn rules_that_decide_nothing_are_told_with_what_shadows_them() {
    let text = r#"
        [[rule]]
        name = "*.bias"
        init = "zeros"
        [[rule]]
        name = "h.0.*.bias"
        init = "ones"
        [[rule]]
        name = "lm_head.*"
        init = "ones"
        [[rule]]
        name = "*"
        init = "ones"
    "#;
    let dead = assign(text, &gpt(1)).dead;
    assert_eq!(dead, [DeadRule { rule: 1, shadowed_by: Some(0) }, DeadRule { rule: 2, shadowed_by: None }]);
    assert_eq!(assign(GPT, &gpt(1)).dead, []);
}

/// A rule that is switched off leaves its parameters to the next one, and is told as one that decides nothing.
#[test]
fn a_rule_applies_only_when_its_expression_is_not_zero() {
    let text = r#"
        [variables]
        tied = 1
        [[rule]]
        name = "head"
        when = "tied"
        tie = "body"
        [[rule]]
        name = "*"
        init = "normal(0, 1)"
    "#;
    let model = [parameter("head", &[4]), parameter("body", &[4])];
    for (tied, rule, dead) in [(1.0, 0, vec![]), (0.0, 1, vec![DeadRule { rule: 0, shadowed_by: None }])] {
        let assigned = assign_with(text, &model, &[("tied", tied)]);
        assert_eq!((assigned.list[0].rule, assigned.dead), (rule, dead), "{tied}");
    }
    assert_eq!(text.parse::<Rules>().expect("rules").describe(0), "rules 1: head, when tied");
    let regex = text.replacen("name = \"head\"", "regex = 'head$'", 1);
    assert_eq!(regex.parse::<Rules>().expect("rules").describe(0), "rules 1: /head$/, when tied");
}

/// A class without a default is named, so that its reader need not guess.
#[test]
fn classes_that_torch_default_does_not_know_are_named() {
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"torch_default\"".parse().expect("rules");
    let norm = |class: &str| parameter("norm.weight", &[4]).in_module(class);
    let assigned = rules.assign(&[norm("Gemma2RMSNorm")], &Variables::new()).expect("a known class");
    assert_eq!(distribution(&assigned.list[0]), "constant(0)");
    let error = rules.assign(&[norm("MyRMSNorm")], &Variables::new()).expect_err("an unknown class").to_string();
    assert!(error.contains("norm.weight\ntorch_default does not know the module classes\n  MyRMSNorm\n"), "{error}");
}

#[test]
fn adding_a_layer_changes_no_other_tensor() {
    // The scale of residual projections counts layers, as it should; everything else must keep its bits.
    let (small, large) = (assign(GPT, &gpt(2)).list, assign(GPT, &gpt(3)).list);
    let large: BTreeMap<&str, &Assignment> = large.iter().map(|one| (one.parameter.name.as_str(), one)).collect();
    let mut compared = 0;
    for one in &small {
        let other = large[one.parameter.name.as_str()];
        if !one.parameter.name.contains("c_proj") {
            assert_eq!(bytes(one, Seed::new(3)), bytes(other, Seed::new(3)), "{}", one.parameter.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 6);
    // Another order of the list changes nothing either.
    let mut reversed = gpt(2);
    reversed.reverse();
    for one in assign(GPT, &reversed).list {
        let first = small.iter().find(|first| first.parameter == one.parameter).expect("the same names");
        assert_eq!(bytes(first, Seed::new(3)), bytes(&one, Seed::new(3)), "{}", one.parameter.name);
    }
}

#[test]
fn tied_parameters_are_identical_and_others_are_not() {
    let text = r#"
        [[rule]]
        regex = '^(.*)head\.weight$'
        tie = "${1}middle.weight"
        [[rule]]
        name = "middle.weight"
        tie = "wte.weight"
        [[rule]]
        name = "wte.weight"
        init = "normal(0, 1)"
        seed = "0xfeed"
        padding_row = 1
        [[rule]]
        name = "*"
        init = "normal(0, 1)"
    "#;
    let names = ["head.weight", "middle.weight", "wte.weight", "other.weight"];
    let list = assign(text, &names.map(|name| parameter(name, &[4, 3]))).list;
    let values: Vec<_> = list.iter().map(|one| bytes(one, Seed::new(1))).collect();
    assert_eq!((&values[0], &values[1]), (&values[2], &values[2]));
    assert_ne!(values[2], values[3]);
    assert_eq!(values[2][12..24], [0; 12], "the padding row");
    assert_eq!(list[0].drawn().and_then(|drawn| drawn.tied_to.as_deref()), Some("wte.weight"));
    // The rule's seed, whatever the model's.
    assert_eq!(values[2], bytes(&list[2], Seed::new(2)));
    assert_ne!(values[3], bytes(&list[3], Seed::new(2)));
    assert_ne!(values[3], bytes(&list[3], Seed::new(1).fold_in(0)), "a member of an ensemble");
}

#[test]
fn a_renamed_parameter_keeps_its_values() {
    let rules = "[[rule]]\nregex = '^model\\.(.*)$'\ninit = \"normal(0,1)\"\nstream = \"$1\"";
    let plain = "[[rule]]\nname = \"*\"\ninit = \"normal(0,1)\"";
    let renamed = assign(rules, &[parameter("model.h.0.weight", &[5, 7])]).list;
    let original = assign(plain, &[parameter("h.0.weight", &[5, 7])]).list;
    assert_eq!(bytes(&renamed[0], Seed::new(9)), bytes(&original[0], Seed::new(9)));
}

/// An LSTM's forget gate, and Xavier by block: 4 gates of 2 rows.
#[test]
fn parts_have_their_own_distribution_and_fans_and_the_streams_own_bits() {
    let whole = "[[rule]]\nname = \"*\"\ninit = \"normal(0,1)\"";
    let parts = r#"
        [[rule]]
        name = "*"
        init = "normal(0,1)"
        parts = [{ rows = ["dim0/4", "dim0/2"], init = "ones" }, { rows = [6, 8], init = "xavier_uniform" }]
    "#;
    let model = [parameter("lstm.weight", &[8, 3])];
    let (whole, parts) = (assign(whole, &model).list, assign(parts, &model).list);
    let (plain, with_parts) = (bytes(&whole[0], Seed::new(4)), bytes(&parts[0], Seed::new(4)));
    let row = |bytes: &[u8], row: usize| bytes[row * 12..(row + 1) * 12].to_vec();
    for same in [0, 1, 4, 5] {
        assert_eq!(row(&plain, same), row(&with_parts, same), "row {same}");
    }
    assert_eq!([row(&with_parts, 2), row(&with_parts, 3)].concat(), 1f32.to_le_bytes().repeat(6));
    // Fans of [2, 3], and the elements' positions in the whole tensor.
    let bound = (6.0f64 / 5.0).sqrt();
    let xavier = Initializer::uniform(-bound, bound);
    let block = assign(&format!("[[rule]]\nname = \"*\"\ninit = \"{xavier}\""), &model).list;
    assert_eq!(row(&with_parts, 6), row(&bytes(&block[0], Seed::new(4)), 6));
    assert_eq!(row(&with_parts, 7), row(&bytes(&block[0], Seed::new(4)), 7));
}

/// A shard or a chunk of a tensor with parts has the bytes that it has in the whole.
/// A model's experts are the same numbers whether its list has them stacked or one by one, and however many there are.
#[test]
fn stacked_experts_are_the_experts_one_by_one() {
    const RULES: &str = r#"
[[rule]]
regex = '^(.*experts)\.gate_up_proj$'
init = "kaiming_normal(fan_in,relu)"
experts = ["${1}.{}.w1.weight", "${1}.{}.w3.weight"]
[[rule]]
regex = '^(.*experts)\.down_proj$'
init = "orthogonal(1)"
experts = "${1}.{}.w2.weight"
[[rule]]
name = ["*.w1.weight", "*.w3.weight"]
init = "kaiming_normal(fan_in,relu)"
[[rule]]
name = "*.w2.weight"
init = "orthogonal(1)"
"#;
    let stacked = |experts| {
        assign(
            RULES,
            &[
                parameter("h.0.experts.gate_up_proj", &[experts, 14, 5]),
                parameter("h.0.experts.down_proj", &[experts, 5, 7]),
            ],
        )
    };
    let single = |expert: u64| {
        let name = |weight| format!("h.0.experts.{expert}.w{weight}.weight");
        assign(RULES, &[parameter(&name(1), &[7, 5]), parameter(&name(3), &[7, 5]), parameter(&name(2), &[5, 7])])
    };
    let of = |model: &Assignments, which: usize| bytes(&model.list[which], Seed::new(42));
    let model = stacked(3);
    assert_eq!(distribution(&model.list[0]), distribution(&single(0).list[0]));
    let (mut gate_up, mut down) = (Vec::new(), Vec::new());
    for expert in 0..3 {
        let single = single(expert);
        gate_up.extend([of(&single, 0), of(&single, 1)].concat());
        down.extend(of(&single, 2));
    }
    assert_eq!((of(&model, 0), of(&model, 1)), (gate_up, down));
    assert_eq!(of(&stacked(8), 0)[..of(&model, 0).len()], of(&model, 0));
    // Another expert of that name beside the stack would be the same numbers twice.
    let twice = [parameter("h.0.experts.down_proj", &[3, 5, 7]), parameter("h.0.experts.2.w2.weight", &[5, 7])];
    let error = RULES.parse::<Rules>().expect("rules").assign(&twice, &Variables::new()).expect_err("a collision");
    assert!(matches!(error, wgpu_init_models::Error::StreamCollision { .. }), "{error}");
    for (rule, says) in [
        ("experts = []", "names no weight"),
        ("experts = 'w.1'", "must have {} once"),
        ("experts = '{}.{}'", "must have {} once"),
        ("experts = 'w.{}'\nstream = 'x'", "streams and rows of their own"),
        ("experts = 'w.{}'\npadding_row = 0", "streams and rows of their own"),
    ] {
        let error = format!("[[rule]]\nname = '*'\ninit = 'ones'\n{rule}").parse::<Rules>().expect_err("no rule");
        assert!(error.to_string().contains(says), "{rule}: {error}");
    }
    let error = "[[rule]]\nname = '*'\nskip = true\nexperts = 'w.{}'".parse::<Rules>().expect_err("no rule");
    assert!(error.to_string().contains("go with init, not with skip"), "{error}");
    for (dims, says) in [
        (&[3, 7, 5][..], "must be divisible by the 2 weights"),
        (&[3], "two or more axes"),
        (&[1 << 20, 2], "at most 65536 weights"),
    ] {
        let list = [parameter("h.0.experts.gate_up_proj", dims)];
        let error = RULES.parse::<Rules>().expect("rules").assign(&list, &Variables::new()).expect_err("no stack");
        let cause = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        assert!(format!("{error} {cause}").contains(says), "{dims:?}: {error} {cause}");
    }
}

#[test]
fn any_stretch_of_a_tensor_with_parts_is_a_piece_of_the_whole() {
    let text = r#"
        [[rule]]
        name = "*"
        init = "normal(0,1)"
        padding_row = 0
        parts = [{ rows = [3, 5], init = "uniform(-1,1)" }]
    "#;
    let list = assign(text, &[parameter("w", &[7, 3])]).list;
    let whole = bytes(&list[0], Seed::new(2));
    for start in 0..21u64 {
        for end in start..=21 {
            let fills = list[0].fills(Seed::new(2), DType::F32, start..end, 8);
            let (first, last) = (usize::try_from(start * 4).expect("small"), usize::try_from(end * 4).expect("small"));
            let mut bytes = vec![0; 8 + last - first];
            CpuExecutor::new().run_in(&mut bytes, &fills).expect("valid");
            assert_eq!(bytes[8..], whole[first..last], "{start}..{end}");
        }
    }
}

#[test]
fn dtype_skip_and_the_order_of_dtypes() {
    let text = r#"
        [[rule]]
        name = "a"
        init = "ones"
        dtype = "bf16"
        [[rule]]
        name = "b"
        skip = true
        [[rule]]
        name = "c"
        tie = "a"
    "#;
    let list = assign(text, &["a", "b", "c"].map(|name| parameter(name, &[2]))).list;
    assert_eq!(
        [list[0].dtype, list[1].dtype, list[2].dtype],
        [Some(DType::Bf16.into()), None, Some(DType::Bf16.into())]
    );
    assert!(list[1].drawn().is_none());
    assert!(list[1].fills(Seed::new(0), DType::F32, 0..2, 0).is_empty());
}

/// The example of `docs/recipes.md` is µP's own initialisation of a GPT-2 four times as wide as its base.
#[test]
fn the_documented_rules_for_mup_are_those_of_the_scheme() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md");
    let page = std::fs::read_to_string(path).expect("the page");
    let rules = page.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let base = gpt2(256);
    for (one, base) in assign(rules, &gpt2(1024)).list.iter().zip(&base) {
        let (name, shape) = (one.parameter.name.as_str(), &one.parameter.shape);
        let residual = if name.contains("c_proj") { 4f64.sqrt() } else { 1.0 };
        let expected = if shape.dims().len() == 2 {
            Mup::new(shape, &base.shape).expect("a base").normal(0.0, 0.02 / residual).expect("centred")
        } else if name.ends_with("bias") {
            Initializer::zeros()
        } else {
            Initializer::ones()
        };
        let got = Initializer::from(one.drawn().expect("drawn").distribution);
        let std = |text: String| text.strip_prefix("normal(0,")?.strip_suffix(')')?.parse::<f64>().ok();
        match (std(got.to_string()), std(expected.to_string())) {
            (Some(got), Some(std)) => assert!((got - std).abs() <= 1e-15 * std, "{name}: {got} is not {std}"),
            _ => assert_eq!(got, expected, "{name}"),
        }
    }
}

/// A GPT-2 of two layers.
fn gpt2(width: u64) -> Vec<Parameter> {
    let text = format!(
        r#"{{"model_type": "gpt2", "vocab_size": 100, "n_positions": 16, "n_embd": {width}, "n_layer": 2, "n_head": 4}}"#
    );
    text.parse::<Config>().expect("a configuration").parameters().to_vec()
}
