//! Rules files, recipes, and models that they do not fit.

use super::Row;
use wgpu_init::Shape;
use wgpu_init_models::infer::Inference;
use wgpu_init_models::{Config, Parameter, Recipe, Result, Rules, Variables};

fn parameters(list: &[(&str, &[u64])]) -> Result<Vec<Parameter>> {
    list.iter().map(|(name, dims)| Ok(Parameter::new(*name, Shape::new(*dims)?))).collect()
}

pub(super) fn recipes() -> Vec<Row> {
    let unknown = ["", "GPT2", "llama-3.1-8b"].into_iter().map(|text| {
        Row::call(
            format!("recipe {text:?}"),
            "UnknownRecipe",
            "the recipes are torch-default, gpt2, llama",
            move || text.parse::<Recipe>().map(|_| ()),
        )
    });
    let unmatched = [
        ("one name", &["a.q_proj.weight"][..], "gpt2: no rule for the parameters\n  a.q_proj.weight\nadd rules, e.g."),
        (
            "all names that no rule knows",
            &["x", "h.0.ln_1.bias", "wte.weight", "y.z"][..],
            "parameters\n  x\n  y.z\nadd rules",
        ),
        ("a name without a module", &["weight"][..], "parameters\n  weight\nadd rules"),
    ];
    let unmatched = unmatched.into_iter().map(|(name, names, says)| {
        Row::call(format!("unmatched: {name}"), "UnmatchedParameters", says, move || {
            let list: Vec<_> = names.iter().map(|name| (*name, [2].as_slice())).collect();
            Recipe::Gpt2.assign(&parameters(&list)?, &Variables::new()).map(|_| ())
        })
    });
    let refused = [
        (Recipe::Transformers, "NoModelType", "{}", "have the model's config.json beside its checkpoint"),
        (Recipe::Transformers, "UnknownFamily", r#"{"model_type": "x"}"#, "no rules for the model_type \"x\""),
        (
            Recipe::Transformers,
            "ScaleOfZero",
            r#"{"model_type": "clip", "vision_config": {"initializer_range": 0}}"#,
            "config.vision_config.initializer_range is 0, which",
        ),
        (
            Recipe::Llama,
            "OtherModel",
            r#"{"model_type": "gemma"}"#,
            "the recipe llama is for the model_type llama, mistral",
        ),
        (
            Recipe::TorchDefault,
            "OfLibrary",
            r#"{"_class_name": "UNet2DModel"}"#,
            "is of diffusers: say the recipe diffusers",
        ),
        (Recipe::Diffusers, "NoArchitecture", "{}", "config.json"),
        (Recipe::Diffusers, "UnknownArchitecture", r#"{"_class_name": "x"}"#, "\"x\""),
    ];
    let refused = refused.into_iter().map(|(recipe, variant, config, says)| {
        Row::call(format!("{recipe} for {config}"), variant, says, move || {
            recipe.assign(&[], &Config::any_variables(config)?.0).map(|_| ())
        })
    });
    let untold = Row::call("a class that shapes do not tell", "Infer", "--class 'positions.weight=", || {
        let list = parameters(&[("positions.weight", &[5, 4])])?;
        let (rules, variables) = (Recipe::TorchDefault.rules(&Variables::new())?, Variables::new());
        Inference::new(&list, &[]).assign(&rules, &variables, &|_| true).map(|_| ())
    });
    unknown.chain(unmatched).chain(refused).chain([untold]).collect()
}

/// Files that cannot be read.
pub(super) fn files() -> Vec<Row> {
    let rules = [
        ("name = 1", "expected a string"),
        ("[[rule]]\nname = \"*\"\nint = \"zeros\"", "unknown field `int`"),
        ("rules = []", "unknown field `rules`"),
        ("[[rule]\n", "TOML parse error at line 1"),
        ("[[rule]]\nname = 3\ninit = \"zeros\"", "write a text or a list of texts"),
        ("[[rule]]\nname = \"*\"", "rule 1: write exactly one of init, tie, skip = true and refuse"),
        ("[[rule]]\nname = \"*\"\ninit = \"ones\"\nskip = true", "rule 1: write exactly one of"),
        ("[[rule]]\ninit = \"zeros\"", "rule 1: there is no condition"),
        (
            "[[rule]]\nname = \"*\"\ninit = \"ones\"\n[[rule]]\nname = \"a[\"\ninit = \"ones\"",
            "rule 2: error parsing glob",
        ),
        ("[[rule]]\nregex = \"a(\"\ninit = \"ones\"", "the regex \"a(\" cannot be read: error: unclosed group"),
        ("[[rule]]\nname = \"*\"\ninit = \"ones\"\ndtype = \"i128\"", "unknown dtype \"i128\""),
        ("[[rule]]\nname = \"*\"\ninit = \"ones\"\nseed = \"x\"", "the seed \"x\" is no number"),
        ("[[rule]]\nname = \"*\"\ninit = \"ones\"\nseed = -1", "write a seed"),
        (
            "[[rule]]\nname = \"*\"\ntie = \"a\"\nstream = \"b\"",
            "seed, stream, experts, padding_row and parts go with init",
        ),
        ("[[rule]]\nname = \"*\"\nskip = true\npadding_row = 0", "go with init, not with skip"),
        ("[[rule]]\nname = \"*\"\ninit = \"ones\"\nwhen = true", "write a number or an expression"),
        ("[variables]\nx = true", "write a number, an expression"),
    ];
    let rows = rules.into_iter().map(|(text, says)| {
        Row::call(format!("rules {text:?}"), "InvalidRules", says, move || text.parse::<Rules>().map(|_| ()))
    });
    rows.collect()
}

/// Files that can be read and do not fit the model `a.weight` [4, 3], `b.weight` [4, 3], `c.bias` [4], `s` [].
pub(super) fn models() -> Vec<Row> {
    let one = |line: &str| format!("[[rule]]\nname = \"*\"\n{line}");
    let rules = [
        (one("init = \"gauss(0,1)\""), "rules 1: * for a.weight: cannot read the initializer \"gauss(0,1)\""),
        (one("init = \"normal(0,stdd)\""), "the variable \"stdd\" is not known"),
        (one("init = \"normal(0,2*stdd)\""), "the variable \"stdd\" is not known"),
        (one("init = \"normal(0,1/(dim1-3))\""), "is inf, it must be finite"),
        (one("init = \"normal(0,0.02\""), "the closing parenthesis is missing"),
        (
            one("init = \"torch_default\""),
            "no rule for the parameters\n  a.weight\n  b.weight\n  c.bias\n  s\ntorch_default goes by the class",
        ),
        ("[variables]\nx = \"y\"\ny = \"x\"\n".to_owned() + &one("init = \"constant(x)\""), "is defined by itself"),
        (
            "[variables]\nx = { count = 'h' }\n".to_owned() + &one("init = \"constant(x)\""),
            "the regex \"h\" needs a group",
        ),
        (
            "[variables]\nx = { size = 'q*', axis = 0 }\n".to_owned() + &one("init = \"constant(x)\""),
            "no parameter matches \"q*\"",
        ),
        (
            "[variables]\nx = { size = '*', axis = 2 }\n".to_owned() + &one("init = \"constant(x)\""),
            "a.weight has no axis 2: [4, 3]",
        ),
        (
            one("init = \"ones\"\npadding_row = 4"),
            "row 4 was given, a whole number from 0 to 3 is needed: the tensor has 4 rows",
        ),
        (one("init = \"ones\"\npadding_row = 1e300"), "row 1e300 was given, a whole number from 0 to 3 is needed"),
        (one("init = \"ones\"\npadding_row = \"dim0^2\""), "\"dim0^2\" is 16, a whole number from 0 to 3 is needed"),
        (one("init = \"ones\"\npadding_row = 0"), "a scalar has no rows"),
        (one("init = \"ones\"\nparts = [{ rows = [0, 5], init = \"zeros\" }]"), "a whole number from 0 to 4 is needed"),
        (one("init = \"ones\"\nparts = [{ rows = [2, 1], init = \"zeros\" }]"), "ends before it starts"),
        (
            one("init = \"ones\"\nparts = [{ rows = [0, 3], init = \"zeros\" }, { rows = [2, 4], init = \"zeros\" }]"),
            "row 2 is in two parts",
        ),
        (one("init = \"ones\"\nwhen = \"tied\""), "rules 1: *, when tied: the variable \"tied\" is not known"),
        (one("init = \"ones\"\nwhen = \"1/0\""), "is inf, it must be finite"),
        (one("tie = \"d\""), "a.weight cannot be tied: there is no parameter \"d\""),
        (one("tie = \"a.weight\""), "leads back to itself"),
        ("[[rule]]\nname = \"a*\"\nskip = true\n".to_owned() + &one("tie = \"a.weight\""), "a.weight is skipped"),
        (
            "[[rule]]\nname = \"a*\"\ninit = \"ones\"\n".to_owned() + &one("tie = \"a.weight\""),
            "c.bias cannot be tied: it has the shape [4], a.weight has [4, 3]",
        ),
        (
            "[[rule]]\nshape = [\"n\"]\ninit = \"ones\"\n".to_owned() + &one("init = \"ones\""),
            "the variable \"n\" is not known",
        ),
    ];
    let mut rows: Vec<Row> = Vec::new();
    for (index, (text, says)) in rules.into_iter().enumerate() {
        let variant = if says.starts_with("no rule for") { "UnmatchedParameters" } else { "InvalidRules" };
        rows.push(Row::call(format!("model {index}: {text:?}"), variant, says, move || assign(&text)));
    }
    rows.push(Row::call(
        "a fan of a vector",
        "Parameter",
        "parameter c.bias of the shape [4], by rules 1: *: fan_in",
        move || assign("[[rule]]\nname = \"*\"\ninit = \"he_normal\""),
    ));
    let integers = [
        ("normal(0,1)", "take a constant or arange"),
        ("constant(0.5)", "0.5 is no u8"),
        ("constant(256)", "0 to 255"),
    ];
    for (init, says) in integers {
        rows.push(Row::call(format!("u8 {init}"), "Integers", says, move || {
            assign(&format!("[[rule]]\nname = \"*\"\ninit = \"{init}\"\ndtype = \"u8\""))
        }));
    }
    rows.push(Row::call("a shape that is none", "Core", "more than 2^64 - 1 elements", || {
        parameters(&[("a", &[u64::MAX, 2])]).map(|_| ())
    }));
    for glob in ["[", "{a", "{a{b}"] {
        rows.push(Row::call(format!("glob {glob}"), "InvalidGlob", "glob", move || {
            glob.parse::<wgpu_init_models::NameGlob>().map(|_| ())
        }));
    }
    rows.push(Row::call("a rule that refuses", "Refused", "s: not of mine (rules 1: s)", || {
        assign("[[rule]]\nname = \"s\"\nrefuse = \"not of mine\"\n[[rule]]\nname = \"*\"\ninit = \"zeros\"")
    }));
    rows.push(Row::call("one name twice", "DuplicateParameter", "a is listed twice", || {
        let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"zeros\"".parse()?;
        rules.assign(&parameters(&[("a", &[1]), ("b", &[1]), ("a", &[1])])?, &Variables::new()).map(|_| ())
    }));
    // Two names with one FNV-1a-64, found by others by search.
    rows.push(Row::call("two names of one hash", "StreamCollision", "0x4eac0c95540867e4; tie them", || {
        let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"normal(0,1)\"".parse()?;
        let names = [("8yn0iYCKYHlIj4-BwPqk", [2].as_slice()), ("GReLUrM4wMqfg9yzV3KQ", &[2])];
        rules.assign(&parameters(&names)?, &Variables::new()).map(|_| ())
    }));
    rows.push(Row::call("one stream for two", "StreamCollision", "a.weight and b.weight would be drawn", || {
        assign("[[rule]]\nname = \"*.weight\"\ninit = \"normal(0,1)\"\nstream = \"x\"\n[[rule]]\nname = \"*\"\ninit = \"zeros\"")
    }));
    rows
}

fn assign(text: &str) -> Result<()> {
    let list = [("a.weight", [4, 3].as_slice()), ("b.weight", &[4, 3]), ("c.bias", &[4]), ("s", &[])];
    text.parse::<Rules>()?.assign(&parameters(&list)?, &Variables::new()).map(|_| ())
}
