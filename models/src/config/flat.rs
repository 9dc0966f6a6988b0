//! Every field of a `config.json` as a variable: `config.vision_config.hidden_size`.

use super::field::Fields;
use crate::Variables;
use serde_json::Value;

/// What the names of these variables begin with, so that they are none of the names that recipes and rules define.
pub(super) const PREFIX: &str = "config.";

/// Adds numbers, flags (1 or 0), texts and lists of texts, with the names of the objects that they stand in; `model_type` and
/// `architectures` also by their plain names. Null is left out, but for a `pad_token_id`: there it is −1, no row.
pub(super) fn add(fields: Fields<'_>, variables: &mut Variables) {
    add_part(fields, PREFIX, variables);
    if let Some(Value::String(kind)) = fields.iter().find_map(|(name, value)| (name == "model_type").then_some(value)) {
        variables.set_text("model_type", kind);
    }
    if let Some(classes) = fields.iter().find_map(|(name, value)| (name == "architectures").then(|| texts(value))?) {
        variables.set_list("architectures", classes);
    }
}

fn add_part(fields: Fields<'_>, prefix: &str, variables: &mut Variables) {
    for (name, value) in fields.iter() {
        let full = format!("{prefix}{name}");
        match value {
            Value::Null if name == PADDING => variables.set(full, -1.0),
            Value::Null => {}
            Value::Bool(flag) => variables.set(full, f64::from(u8::from(*flag))),
            Value::Number(_) if name == PADDING => variables.set(full, padding(fields, value)),
            Value::Number(number) => variables.extend(number.as_f64().map(|number| (full, number))),
            Value::String(text) => variables.set_text(full, text),
            Value::Array(_) => {
                if let Some(texts) = texts(value) {
                    variables.set_list(full, texts);
                }
            }
            // Nested as deep as serde_json reads.
            Value::Object(object) => add_part(Fields::new(object), &format!("{full}."), variables),
        }
    }
}

const PADDING: &str = "pad_token_id";

/// A negative number counts from the end, as `padding_idx` of `nn.Embedding` does. Where no size of the vocabulary is beside it the row
/// is not known, and this no number that a rule could use.
fn padding(fields: Fields<'_>, value: &Value) -> f64 {
    const UNKNOWN: f64 = f64::NEG_INFINITY;
    let token = value.as_f64().unwrap_or(UNKNOWN);
    if token >= 0.0 {
        return token;
    }
    let rows = fields.iter().find_map(|(name, value)| value.as_f64().filter(|_| name == "vocab_size"));
    rows.map(|rows| rows + token).filter(|row| *row >= 0.0).unwrap_or(UNKNOWN)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
}
