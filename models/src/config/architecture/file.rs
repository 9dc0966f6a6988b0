//! What a file of an architecture may say: the TOML as it stands. The keys are described in `models/docs/architectures.md`.

use crate::arithmetic::number;
use crate::config::Naming;
use crate::one_or_more::OneOrMore;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeMap;

/// One file of `models/src/architecture/`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Another file, whose entries count where this one has none of their name.
    pub(super) extends: Option<String>,
    /// The head that a file without `architectures` has.
    pub(super) usual: Option<String>,
    /// By `model_type`.
    #[serde(default)]
    pub(super) types: BTreeMap<String, Kind>,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, FieldText>,
    /// Objects of the file that are configurations of their own, and their model types.
    #[serde(default)]
    pub(super) nested: BTreeMap<String, Nested>,
    /// Numbers and texts by the fields' names; worked out where they are used.
    #[serde(default)]
    pub(super) derived: BTreeMap<String, Expression>,
    /// What rules may use, under the same names for all architectures.
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Expression>,
    #[serde(default)]
    pub(super) checks: Vec<Check>,
    /// Fields that the lists do not have.
    #[serde(default)]
    pub(super) refuse: BTreeMap<String, Refuse>,
    /// Lists that others name.
    #[serde(default)]
    pub(super) parts: BTreeMap<String, Vec<Entry>>,
    /// Lists of whole models, by what stands after `class` in the name of theirs.
    #[serde(default)]
    pub(super) heads: BTreeMap<String, Vec<Entry>>,
}

/// An object of the file that is a configuration of its own: the model type.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "write a model type, or { type = …, rather = … }")]
pub(super) enum Nested {
    Type(String),
    Table(NestedTable),
}

/// An object that another goes before, if it is there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NestedTable {
    pub(super) r#type: String,
    pub(super) rather: String,
}

impl Nested {
    /// The model type, and the name that goes before the field's own.
    pub(super) fn parts(&self) -> (&str, Option<&str>) {
        match self {
            Self::Type(kind) => (kind, None),
            Self::Table(table) => (&table.r#type, Some(&table.rather)),
        }
    }
}

/// One `model_type`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kind {
    /// What the names of the classes begin with, e.g. `Llama`.
    pub(super) class: String,
    /// Without one it is `transformers`.
    pub(super) recipe: Option<String>,
    /// The names that are usual, where those that are saved are not.
    pub(super) naming: Option<Naming>,
    /// Goes before the file's.
    pub(super) usual: Option<String>,
    /// The heads that there are; all of the file if it says nothing.
    pub(super) heads: Option<Vec<String>>,
    /// Classes with other names, and the heads that they are.
    #[serde(default)]
    pub(super) classes: BTreeMap<String, String>,
    /// Go before the file's.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, FieldText>,
    #[serde(default)]
    pub(super) derived: BTreeMap<String, Expression>,
}

/// Arithmetic, a number or a flag.
#[derive(Clone, Debug)]
pub(super) struct Expression(pub(super) String);

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Boolean(flag) => Ok(Self(u8::from(flag).to_string())),
            toml::Value::Integer(whole) => Ok(Self(whole.to_string())),
            toml::Value::Float(real) => Ok(Self(number(real))),
            other => Err(de::Error::custom(format!("{other:?} is no expression, number or flag"))),
        }
    }
}

/// A field of the configuration: the library's value for a file without it, the name of a kind for one that must be there, or more.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "write a default, the name of a kind, or a table")]
pub(super) enum FieldText {
    Flag(bool),
    Size(i64),
    Number(f64),
    Required(FieldKind),
    Table(FieldTable),
}

/// A field with more than a default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldTable {
    #[serde(default)]
    pub(super) kind: FieldKind,
    /// For a file without the field.
    pub(super) default: Option<toml::Value>,
    /// What it is where it is null, and where it is absent and has no default.
    pub(super) null: Option<Expression>,
    /// It may be null, and is then not known: `has(NAME)` is 0.
    #[serde(default)]
    pub(super) nullable: bool,
    /// Other names of the field.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// The texts that are known.
    #[serde(default)]
    pub(super) one_of: Vec<String>,
}

/// What the value of a field may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FieldKind {
    /// A whole number from 1 to 2^32 − 1.
    #[default]
    Size,
    /// How often a block is repeated: from 0 to 65,535.
    Layers,
    /// A whole number from 0 to 2^32 − 1.
    Whole,
    Flag,
    Number,
    /// A number of 0 or more.
    Scale,
    /// As `scale`; 0 is 0.02.
    Range,
    /// As `scale`; 0 is refused, since the library reads it in two ways.
    OwnRange,
    Text,
    Texts,
    /// A list of sizes.
    Sizes,
    /// A list of numbers of layers.
    Depths,
    /// A list of whole numbers.
    Wholes,
    /// One size, or a list of height and width; two entries in either case.
    Pair,
    /// A row of the vocabulary, −1 for none.
    Padding,
    /// `num_labels`, or the entries of `id2label`, or 2.
    Labels,
    /// A size, or `"auto"`, which is null.
    Rank,
    /// T5's `feed_forward_proj`: 1 for `gated-…`.
    Gated,
}

/// What cannot be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// A condition that a file must not meet.
    pub(super) when: Expression,
    /// Why, with `{NAME}` for values.
    pub(super) says: String,
}

/// A field that must be absent, null, or one of some values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refuse {
    #[serde(default)]
    pub(super) but: Vec<toml::Value>,
    pub(super) because: String,
}

/// Something in a list: a module, a parameter, or another list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Entry {
    /// Only where this is not 0; of a repeated entry it is asked once, and does not know the counter.
    pub(super) when: Option<Expression>,
    /// As often as this says, with the counter `layer` or what `as` calls it.
    pub(super) r#for: Option<Expression>,
    pub(super) r#as: Option<String>,
    /// Names for what stands below.
    pub(super) with: BTreeMap<String, Expression>,
    /// The path below which it stands.
    pub(super) at: Option<String>,
    /// A list of this file.
    pub(super) part: Option<String>,
    /// A nested configuration, whose `head` is listed.
    pub(super) nested: Option<String>,
    pub(super) head: Option<String>,
    pub(super) linear: Option<OneOrMore>,
    pub(super) embedding: Option<OneOrMore>,
    pub(super) convolution: Option<OneOrMore>,
    pub(super) layer_norm: Option<OneOrMore>,
    pub(super) batch_norm: Option<OneOrMore>,
    /// transformers' `Conv1D`, stored as `[inputs, outputs]`.
    pub(super) conv1d: Option<OneOrMore>,
    /// A module of the class `module` with a weight.
    pub(super) weight: Option<OneOrMore>,
    /// A parameter of the module at the path, which is of the class `module`.
    pub(super) parameter: Option<OneOrMore>,
    pub(super) module: Option<String>,
    pub(super) shape: Vec<Expression>,
    /// Whether there is a bias.
    pub(super) bias: Option<Expression>,
}
