//! Parameter lists as data: one file for a family of models, which says names, shapes and module classes by the fields of a
//! configuration.

mod embedded;
mod file;
mod list;
mod scope;
mod values;

pub(super) use embedded::types;

use super::Naming;
use super::field::{Field, Fields, Size};
use crate::arithmetic::Value as Evaluated;
use crate::{Parameter, Recipe, Variables};
use file::{File, Kind};
use list::Lister;
use scope::Scope;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use values::{Given, VOCABULARY};

/// A configuration, or one inside it, with the lists that its model type has.
pub(super) struct Model {
    model_type: String,
    file: File,
    kind: Kind,
    naming: Naming,
    values: BTreeMap<String, Given>,
    nested: BTreeMap<String, Model>,
}

/// A model type that is not built in, or what is wrong.
pub(super) enum Problem {
    Unknown,
    Wrong(String),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Wrong(reason)
    }
}

impl Model {
    /// Reads a configuration. `naming`: what is usual for the model type if it is `None`.
    pub(super) fn read(model_type: &str, fields: Fields<'_>, naming: Option<Naming>) -> Result<Self, Problem> {
        let (file, kind) = embedded::load(model_type)?.ok_or(Problem::Unknown)?;
        for (name, refuse) in &file.refuse {
            let but = refuse.but.iter().filter_map(|value| serde_json::to_value(value).ok());
            fields.refuse(name, &but.collect::<Vec<_>>(), &refuse.because)?;
        }
        let naming = naming.or(kind.naming).unwrap_or(Naming::Saved);
        let mut values = BTreeMap::new();
        // The vocabulary first: other fields are rows of it.
        let (first, rest): (Vec<_>, Vec<_>) = file.fields.iter().partition(|(name, _)| *name == VOCABULARY);
        for (name, text) in first.into_iter().chain(rest) {
            let table = text.table();
            let rows = if table.kind == file::FieldKind::Padding { vocabulary(&file, fields)? } else { None };
            values.insert(name.clone(), values::read(fields, name, &table, rows)?);
        }
        let mut nested = BTreeMap::new();
        for (name, text) in &file.nested {
            let (kind, rather) = text.parts();
            let given = rather.filter(|rather| fields.get(rather).unless_null().is_some()).unwrap_or(name);
            nested.insert(name.clone(), Self::read_nested(given, kind, fields, naming)?);
        }
        let model = Self { model_type: model_type.to_owned(), file, kind, naming, values, nested };
        let scope = Scope::new(&model);
        for check in &model.file.checks {
            if scope.holds(&check.when.0)? {
                return Err(scope.filled(&check.says)?.into());
            }
        }
        Ok(model)
    }

    /// An object of the file; as the library does, without one the defaults of its model type.
    fn read_nested(name: &str, nested_type: &str, fields: Fields<'_>, naming: Naming) -> Result<Self, Problem> {
        let none = Map::new();
        let object = match fields.get(name).unless_null() {
            None => Fields::new(&none),
            Some(field) => Fields::new(field.object()?),
        };
        // A file may say it, and must then not say another.
        if let Some(field) = object.get("model_type").unless_null() {
            let got = field.text()?;
            if got != nested_type {
                return Err(format!("{name} has the model_type {got:?}, what is built in is {nested_type:?}").into());
            }
        }
        Self::read(nested_type, object, Some(naming)).map_err(|problem| match problem {
            Problem::Unknown => Problem::Wrong(format!("{name} is a {nested_type}, which is not built in")),
            Problem::Wrong(reason) => Problem::Wrong(format!("{name}: {reason}")),
        })
    }

    /// What a field that is null, or absent without a default, is instead.
    fn null(&self, name: &str) -> Option<&str> {
        match self.file.fields.get(name) {
            Some(file::FieldText::Table(table)) => table.null.as_ref().map(|text| text.0.as_str()),
            _ => None,
        }
    }

    /// The classes that are built in, with their heads; the usual one first.
    fn classes(&self) -> Vec<(String, &str)> {
        let usual = self.kind.usual.as_deref().or(self.file.usual.as_deref());
        let all = self.file.heads.keys().map(String::as_str);
        let heads: Vec<&str> = match &self.kind.heads {
            Some(heads) => heads.iter().map(String::as_str).collect(),
            None => all.collect(),
        };
        let mut classes: Vec<_> = heads.into_iter().map(|head| (format!("{}{head}", self.kind.class), head)).collect();
        classes.extend(self.kind.classes.iter().map(|(class, head)| (class.clone(), head.as_str())));
        classes.sort_by_key(|(class, head)| (Some(*head) != usual, class.clone()));
        classes
    }

    /// The class that is meant, and its parameters. Without one it is the usual.
    pub(super) fn list(&self, class: Option<&str>) -> Result<(String, Vec<Parameter>), String> {
        let classes = self.classes();
        let found = match class {
            None => classes.first(),
            Some(class) => classes.iter().find(|(known, _)| known == class),
        };
        let Some((name, head)) = found else {
            let known: Vec<_> = classes.iter().map(|(class, _)| class.as_str()).collect();
            let class = class.unwrap_or_default();
            return Err(format!("architectures has {class}, what is built in is {}", known.join(", ")));
        };
        let mut lister = Lister::new();
        lister.head(self, head, "")?;
        Ok((name.clone(), lister.list))
    }

    /// How the library initialises it: the recipe of its own, or `transformers`.
    pub(super) fn recipe(&self) -> Result<Recipe, String> {
        let Some(name) = &self.kind.recipe else { return Ok(Recipe::Transformers) };
        name.parse().map_err(|error: crate::Error| error.to_string())
    }

    /// Adds what fields are that the file does not have, under their names after `prefix`: what the library fills in may rest on others, as
    /// the rank of Mamba's steps on the width.
    pub(super) fn add_absent(&self, prefix: &str, variables: &mut Variables) -> Result<(), String> {
        let scope = Scope::new(self);
        for (name, given) in &self.values {
            let full = format!("{prefix}{name}");
            if variables.contains(&full) || (given.is_none() && self.null(name).is_none()) {
                continue;
            }
            match scope.value(name)? {
                Evaluated::Number(value) => variables.set(full, value),
                Evaluated::Text(text) => variables.set_text(full, text),
                Evaluated::List(_) => {}
            }
        }
        for (name, nested) in &self.nested {
            nested.add_absent(&format!("{prefix}{name}."), variables)?;
        }
        Ok(())
    }

    /// Adds the numbers that rules may use.
    pub(super) fn add_variables(&self, variables: &mut Variables) -> Result<(), String> {
        let scope = Scope::new(self);
        for (name, text) in &self.file.variables {
            variables.set(name.clone(), scope.number(&text.0)?);
        }
        Ok(())
    }
}

/// How many rows the embedding has, for the row of zeros in it.
fn vocabulary(file: &File, fields: Fields<'_>) -> Result<Option<Size>, String> {
    let default = match file.fields.get(VOCABULARY) {
        Some(file::FieldText::Size(default)) => u32::try_from(*default).ok().and_then(Size::new),
        _ => None,
    };
    match fields.get(VOCABULARY).unless_null() {
        None if default.is_some() => Ok(default),
        _ => fields.get(VOCABULARY).size().map(Some),
    }
}

impl<'a> Field<'a> {
    /// The fields of a field that is an object.
    fn object(self) -> Result<&'a Map<String, Value>, String> {
        self.value().and_then(Value::as_object).ok_or_else(|| self.is_not("an object"))
    }
}
