//! What recipes read from the `config.json` of any model, also of one whose parameters are not known.

use super::field::{Field, Fields};
use serde_json::Value;

/// Scales that recipes have variables for, under the same names.
const SCALES: [&str; 6] =
    ["initializer_range", "initializer_factor", "time_step_min", "time_step_max", "time_step_floor", "time_step_scale"];

/// Names and values.
pub(super) type Variables = Vec<(&'static str, f64)>;

/// The variables that recipes may read, and what is wrong with those that are left out. An error: whether the head is the embedding
/// cannot be told, which no default may decide.
pub(super) fn variables(fields: Fields<'_>) -> Result<(Variables, Vec<String>), String> {
    let (mut variables, mut problems) = (Vec::new(), Vec::new());
    let mut take = |name: &'static str, value: Result<Option<f64>, String>| match value {
        Ok(value) => variables.extend(value.map(|value| (name, value))),
        Err(problem) => problems.push(problem),
    };
    let number = |name| find(fields, name).and_then(Field::unless_null).map(Field::number).transpose();
    for name in SCALES {
        take(name, number(name));
    }
    // As in PreTrainedModel._init_weights: another name.
    if find(fields, "initializer_range").and_then(Field::unless_null).is_none() {
        take("initializer_range", number("init_std"));
    }
    take("pad_token_id", padding(fields));
    take("residual_layers", residual_layers(fields));
    if let Some(tied) = tied(fields)? {
        variables.push(("tie_word_embeddings", f64::from(u8::from(tied))));
    }
    for (name, value) in &mut variables {
        // As there too: 0 is taken for 0.02.
        if *name == "initializer_range" && *value == 0.0 {
            *value = 0.02;
        }
    }
    Ok((variables, problems))
}

fn residual_layers(fields: Fields<'_>) -> Result<Option<f64>, String> {
    let Some(field) = find(fields, "rescale_prenorm_residual").and_then(Field::unless_null) else { return Ok(None) };
    let layers = find(fields, "num_hidden_layers").map(Field::layers).transpose()?;
    Ok(layers.filter(|_| field.flag() == Ok(true)).map(|layers| f64::from(layers.max(1))))
}

/// Parts of a file that have the language model's fields, where the file itself does not say.
const LANGUAGE: [&str; 4] = ["text_config", "llm_config", "language_config", "decoder"];

/// What the file says, or its part for the language model; else the default of the one class that a recipe also serves and whose
/// default is another.
fn tied(fields: Fields<'_>) -> Result<Option<bool>, String> {
    const NAME: &str = "tie_word_embeddings";
    let parts = LANGUAGE.iter().filter_map(|part| fields.part(part));
    match std::iter::once(fields).chain(parts).find_map(|fields| fields.get(NAME).unless_null()) {
        Some(field) => field.flag().map(Some),
        None => Ok((fields.get("model_type").text() == Ok("mamba2")).then_some(false)),
    }
}

fn padding(fields: Fields<'_>) -> Result<Option<f64>, String> {
    let Some(holder) = holder(fields, "pad_token_id") else { return Ok(None) };
    match holder.optional_size(&["vocab_size"])? {
        Some(rows) => holder.padding(None, rows).map(Some),
        // Without the number of rows a token that counts from the end cannot be known.
        None => match holder.get("pad_token_id").unless_null() {
            None => Ok(Some(-1.0)),
            Some(field) => field.number().map(|token| (token >= 0.0).then_some(token)),
        },
    }
}

/// A field of the file itself, else of its `text_config`, if no other part says something else.
fn find<'a>(fields: Fields<'a>, name: &'static str) -> Option<Field<'a>> {
    holder(fields, name).map(|holder| holder.get(name))
}

/// The object that has the field.
fn holder<'a>(fields: Fields<'a>, name: &str) -> Option<Fields<'a>> {
    if fields.has(name) {
        return Some(fields);
    }
    let parts = fields.iter().filter(|(part, _)| part.ends_with("_config"));
    let saying: Vec<(&str, &Value, Fields<'a>)> = parts
        .filter_map(|(part, value)| {
            let object = value.as_object()?;
            Some((part, object.get(name)?, Fields::new(object)))
        })
        .collect();
    let (_, value, text) = saying.iter().find(|(part, ..)| *part == "text_config")?;
    saying.iter().all(|(_, other, _)| other == value).then_some(*text)
}
