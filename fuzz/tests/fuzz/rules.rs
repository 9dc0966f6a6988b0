//! Rules that anybody wrote: each parameter gets what a rule says, or there is a typed error; and it takes no longer than it may.

use crate::target::edited;
use arbitrary::{Result, Unstructured};
use std::sync::LazyLock;
use wgpu_init::Shape;
use wgpu_init_models::{Parameter, Recipe, Rules, Variables};

const OWN: &str = r#"
name = "all"
[variables]
std = 0.02
n_layer = { count = 'h\.(\d+)\.' }
d_model = { size = "*wte.weight", axis = 1, default = 64 }
d_ff = { value = "config.intermediate_size", default = 3072 }
residual = "std / sqrt(2 * n_layer)"
[[rule]]
regex = '^h\.(?<layer>\d+)\.(.*)\.weight$'
when = "layer > 0 and has(n_layer) or mod(layer, 2) == 1"
rank = 2
init = "normal(0, residual * (layer + 1)^2)"
parts = [{ rows = [0, "d_model"], init = "ones" }]
[[rule]]
name = ["*head.weight"]
tie = "wte.weight"
[[rule]]
name = "*.weight"
shape = ["*", "d_model"]
init = "trunc_normal(0, min(std, 1 / sqrt(fan_in)), -2 * std, 2 * std)"
padding_row = 0
dtype = "bf16"
stream = "other"
[[rule]]
name = "*"
init = "if(rank == 1, 0, 1)"
[[rule]]
name = "*"
init = "zeros"
"#;
const WORDS: &[&str] = &[
    "[[rule]]\n",
    "[variables]\n",
    "name = \"*\"\n",
    "regex = '(a*)*b'\n",
    "init = \"normal(0, x)\"\n",
    "x = \"x + 1\"\n",
    "y = \"z\"\nz = \"y\"\n",
    "when = \"1\"\n",
    "tie = \"$1\"\n",
    "skip = true\n",
    "extends = \"llama\"\n",
    "dtype = \"i64\"\n",
    "seed = 1\n",
    "(",
    ")",
    "((((",
    "^",
    "^999",
    "/",
    "0",
    "sqrt(",
    "if(",
    "and",
    "not",
    "'text'",
    "in (",
    "[",
    "]",
    "{",
    "}",
    "**",
    "{a,b}*",
    "\"",
    "'",
    "\n",
    "=",
    "config.x",
    "sum(config.list)",
    "len(",
    "é",
];

static TEXTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let recipes =
        Recipe::ALL.iter().filter(|recipe| **recipe != Recipe::Transformers).map(|recipe| recipe.text().to_owned());
    // Its own goes first where bytes are few.
    [OWN.to_owned(), OWN.to_owned()].into_iter().chain(recipes).collect()
});

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let base = u.choose(&TEXTS)?;
    let text = edited(u, base, WORDS)?;
    let Ok(rules) = text.parse::<Rules>() else { return Ok(()) };
    let mut parameters = Vec::new();
    for layer in 0..u.int_in_range(0..=6)? {
        for (name, dims) in
            [("attn.q_proj.weight", vec![64, 64]), ("attn.q_proj.bias", vec![64]), ("ln.weight", vec![64])]
        {
            parameters.push((format!("h.{layer}.{name}"), dims));
        }
    }
    parameters.extend([("wte.weight".to_owned(), vec![100, 64]), ("lm_head.weight".to_owned(), vec![100, 64])]);
    parameters.push(("scale".to_owned(), vec![]));
    let list: Vec<_> =
        parameters.into_iter().map(|(name, dims)| Parameter::new(name, Shape::new(dims).expect("a shape"))).collect();
    let variables: Variables =
        [("config.intermediate_size", 128.0), ("tie_word_embeddings", 1.0)].into_iter().collect();
    if let Ok(assigned) = rules.assign(&list, &variables) {
        assert_eq!(assigned.list.len(), list.len(), "{text}");
        for one in &assigned.list {
            let elements = one.parameter.shape.elements();
            for part in one.drawn().into_iter().flat_map(|drawn| drawn.stretches(elements)) {
                assert!(part.elements().end <= elements, "{text}");
            }
        }
    }
    Ok(())
}
