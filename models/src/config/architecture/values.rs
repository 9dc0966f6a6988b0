//! The fields of a configuration, read as their kinds say.

use super::file::{FieldKind, FieldTable, FieldText};
use crate::arithmetic::Value;
use crate::config::field::{Field, Fields, Size, of};

/// A field's value; `None` where it is null.
pub(super) type Given = Option<Value<'static>>;

/// The row of zeros of this vocabulary.
pub(super) const VOCABULARY: &str = "vocab_size";

impl FieldText {
    /// The field with all that may be said of one.
    pub(super) fn table(&self) -> FieldTable {
        let of = |kind, default: Option<toml::Value>| FieldTable { kind, default, ..FieldTable::default() };
        match self {
            Self::Flag(flag) => of(FieldKind::Flag, Some((*flag).into())),
            Self::Size(size) => of(FieldKind::Size, Some((*size).into())),
            Self::Number(number) => of(FieldKind::Number, Some((*number).into())),
            Self::Required(kind) => of(*kind, None),
            Self::Table(table) => table.clone(),
        }
    }
}

/// Reads one field. `rows`: the size of the vocabulary, for [`FieldKind::Padding`].
pub(super) fn read(fields: Fields<'_>, name: &str, table: &FieldTable, rows: Option<Size>) -> Result<Given, String> {
    match table.kind {
        FieldKind::Padding => {
            let default = table.default.as_ref().and_then(toml::Value::as_integer);
            let rows = rows.ok_or_else(|| format!("{name} is a row of {VOCABULARY}, which is no field"))?;
            return fields.padding(default, rows).map(number);
        }
        FieldKind::Labels => {
            let default = table.default.as_ref().and_then(toml::Value::as_integer);
            return fields.labels(default.map_or(2, i64::unsigned_abs)).map(whole);
        }
        _ => {}
    }
    let names: Vec<&str> = core::iter::once(name).chain(table.also.iter().map(String::as_str)).collect();
    let field = fields.any(&names)?;
    if let Some(present) = field.unless_null() {
        return of_kind(present, table);
    }
    let may_be_null = table.nullable || table.null.is_some();
    // Texts that are null are what they are if they are absent.
    let is_text = matches!(table.kind, FieldKind::Text | FieldKind::Gated);
    match &table.default {
        Some(default) if !field.is_present() || (is_text && !may_be_null) => of_default(default, table.kind),
        _ if may_be_null => Ok(None),
        _ => of_kind(field, table),
    }
}

fn number(value: f64) -> Given {
    Some(Value::Number(value))
}

#[expect(clippy::cast_precision_loss, reason = "below 2^32")]
fn whole(value: u64) -> Given {
    number(value as f64)
}

fn list(values: impl IntoIterator<Item = u64>) -> Given {
    Some(Value::List(values.into_iter().filter_map(whole).collect()))
}

fn of_kind(field: Field<'_>, table: &FieldTable) -> Result<Given, String> {
    match table.kind {
        FieldKind::Size => field.size().map(|size| whole(of(size))),
        FieldKind::Layers => field.layers().map(|layers| whole(layers.into())),
        FieldKind::Whole => field.whole(0, u32::MAX.into()).map(whole),
        FieldKind::Flag => field.flag().map(|flag| whole(flag.into())),
        FieldKind::Number => field.number().map(number),
        FieldKind::Scale => field.scale().map(number),
        FieldKind::Range => field.range().map(number),
        FieldKind::OwnRange => field.own_range().map(number),
        FieldKind::Text => text(field, &table.one_of),
        FieldKind::Texts => {
            let texts = field.list("a list of texts", |entry| entry.text().map(str::to_owned))?;
            Ok(Some(Value::List(texts.into_iter().map(|text| Value::Text(text.into())).collect())))
        }
        FieldKind::Sizes => field.list("a list with a size for each stage", |size| size.size().map(of)).map(list),
        FieldKind::Depths => {
            field.list("a list with a number of layers for each stage", |depth| depth.layers().map(u64::from)).map(list)
        }
        FieldKind::Wholes => field.list("a list of whole numbers", |entry| entry.whole(0, u32::MAX.into())).map(list),
        FieldKind::Pair => field.height_and_width().map(|pair| list(pair.map(of))),
        FieldKind::Rank if field.text() == Ok("auto") => Ok(None),
        FieldKind::Rank => field.size().map(|size| whole(of(size))).map_err(|reason| format!("{reason}, or \"auto\"")),
        FieldKind::Gated => gated(field).map(|flag| whole(flag.into())),
        FieldKind::Padding | FieldKind::Labels => Ok(None),
    }
}

fn text(field: Field<'_>, known: &[String]) -> Result<Given, String> {
    let text = field.text()?;
    if known.is_empty() || known.iter().any(|known| known == text) {
        return Ok(Some(Value::Text(text.to_owned().into())));
    }
    let known: Vec<_> = known.iter().map(|text| format!("{text:?}")).collect();
    Err(field.is_not(&known.join(" or ")))
}

/// Whether the feed-forward part is gated: `gated-gelu` is, `relu` is not.
fn gated(field: Field<'_>) -> Result<bool, String> {
    let text = field.text()?;
    match text.split('-').collect::<Vec<_>>()[..] {
        [activation] if activation != "gated" => Ok(false),
        ["gated", _] => Ok(true),
        _ => Err(format!("feed_forward_proj is {text:?}, write e.g. relu or gated-gelu")),
    }
}

/// What a file of an architecture says for a field that is absent.
fn of_default(default: &toml::Value, kind: FieldKind) -> Result<Given, String> {
    #[expect(clippy::cast_precision_loss, reason = "sizes, below 2^32")]
    let value = match default {
        toml::Value::Integer(value) if kind == FieldKind::Pair => Value::List(vec![Value::Number(*value as f64); 2]),
        toml::Value::Integer(value) => Value::Number(*value as f64),
        toml::Value::Float(value) => Value::Number(*value),
        toml::Value::Boolean(flag) => Value::Number(f64::from(u8::from(*flag))),
        toml::Value::String(text) if kind == FieldKind::Gated => {
            Value::Number(f64::from(u8::from(text.starts_with("gated"))))
        }
        toml::Value::String(text) => Value::Text(text.clone().into()),
        toml::Value::Array(list) => {
            let entries = list.iter().map(|entry| of_default(entry, kind)).collect::<Result<Vec<_>, _>>()?;
            Value::List(entries.into_iter().flatten().collect())
        }
        other => return Err(format!("{other:?} is no default")),
    };
    Ok(Some(value))
}
