//! Anybody's `config.json`: a list of parameters, or a typed error.

use crate::target::{edited, number};
use arbitrary::{Result, Unstructured};
use std::collections::HashSet;
use std::sync::LazyLock;
use wgpu_init_models::Config;

/// A published configuration in each line.
static PUBLIC: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let config = |line: &'static str| Some(line.split_once("\"config\":")?.1.rsplit_once(",\"parameters\"")?.0);
    include_str!("../../../models/tests/data/public-models.jsonl").lines().filter_map(config).collect()
});
const WORDS: &[&str] = &[
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "\"\"",
    "[[",
    "]",
    "}",
    "{",
    ",",
    ":",
    "\"text_config\":{",
    "\"vision_config\":{",
    "\"layer_types\":[\"full_attention\"],",
    "\"num_hidden_layers\":",
    "\"tie_word_embeddings\":true,",
    "\"architectures\":[\"LlamaForCausalLM\"],",
    "\"torch_dtype\":\"bfloat16\",",
    "\"quantization_config\":{},",
    "\"head_dim\":",
    "\"model_type\":\"qwen3_moe\",",
    "Infinity",
    "é",
    "\\ud800",
];
/// Parameters of which one list is made for sure.
const MANY: usize = 3000;

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    assert!(PUBLIC.len() > 50, "the file is another one");
    let base = *u.choose(&PUBLIC)?;
    let mut text = edited(u, base, WORDS)?;
    if u.ratio(1, 2)? {
        // One field's value, which leaves the rest what it is.
        let fields: Vec<_> = text.match_indices("\":").map(|(at, colon)| at + colon.len()).collect();
        if let Ok(start) = u.choose_iter(fields.iter()) {
            let end = text[*start..].find([',', '}']).map_or(text.len(), |end| start + end);
            let value = if u.ratio(1, 2)? { number(u)? } else { (*u.choose(WORDS)?).to_owned() };
            text.replace_range(*start..end, &value);
        }
    }
    let _ = Config::any_variables(&text);
    let Ok(config) = text.parse::<Config>() else { return Ok(()) };
    let parameters = config.parameters();
    let names: HashSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names.len(), parameters.len(), "{text}: two parameters have one name");
    if parameters.len() < MANY {
        let assigned = config.recipe().assign(parameters, config.variables());
        assert!(!assigned.is_ok_and(|all| all.list.len() != parameters.len()), "{text}");
    }
    Ok(())
}
