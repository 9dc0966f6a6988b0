//! One rule: a condition, and what it says.

use super::condition::Condition;
use super::file::{RuleText, SeedText};
use super::limits::{MOST_LISTED, few, short};
use super::variables::Names;
use crate::arithmetic::number;
use crate::{Experts, FloatDType, IntegerDType, Integers, StoredDType, UnknownDType};
use wgpu_init::{Initializer, Part, Seed, Shape};

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) condition: Condition,
    pub(super) action: Action,
    /// Of what is drawn.
    pub(super) dtype: Option<FloatDType>,
    /// The condition as the file has it.
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) enum Action {
    Skip,
    /// Nothing is assigned: the text says why.
    Refuse(String),
    /// Identical to the parameter of this name; `$1`, `$name`: captures of the regex.
    Tie(String),
    Draw(Draw),
    /// Integers or bools: an initializer expression for a constant, or `arange`.
    Integers(IntegerDType, String),
}

#[derive(Debug)]
pub(super) struct Draw {
    pub(super) init: Init,
    pub(super) seed: Option<Seed>,
    /// The name whose stream is drawn from, with captures; the parameter's own if none.
    pub(super) stream: Option<String>,
    /// Names of the weights that an expert has in a stacked tensor, with captures, and `{}` for the expert's number.
    pub(super) experts: Vec<String>,
    padding_row: Option<String>,
    /// First row, row after the last, initializer.
    parts: Vec<[String; 3]>,
}

#[derive(Debug)]
pub(super) enum Init {
    /// What PyTorch does for the module's class.
    TorchDefault,
    /// An initializer expression with arithmetic in its arguments.
    Expression(String),
}

impl Rule {
    pub(super) fn new(rule: &RuleText) -> Result<Self, String> {
        let condition = Condition::new(rule)?;
        let dtype = rule.dtype.as_deref().map(str::parse).transpose();
        let dtype = dtype.map_err(|error: UnknownDType| error.to_string())?;
        let only_drawn = |what: &str| {
            let extra = rule.seed.is_some() || rule.stream.is_some() || rule.padding_row.is_some();
            if extra || !rule.parts.is_empty() || rule.experts.is_some() {
                return Err(format!("seed, stream, experts, padding_row and parts go with init, not with {what}"));
            }
            Ok(())
        };
        let templates = [("init", &rule.init), ("tie", &rule.tie), ("stream", &rule.stream), ("refuse", &rule.refuse)];
        for (key, text) in templates {
            short(key, text.as_deref().unwrap_or_default())?;
        }
        few("parts", "entries", rule.parts.len(), MOST_LISTED)?;
        let experts = experts(rule)?;
        let (dtype, integers) = match dtype {
            None => (None, None),
            Some(StoredDType::Float(dtype)) => (Some(dtype), None),
            Some(StoredDType::Integer(dtype)) => (None, Some(dtype)),
        };
        let action = match (&rule.init, &rule.tie, rule.skip, &rule.refuse) {
            (Some(init), None, false, None) if integers.is_none() && init.trim() == Integers::ARANGE => {
                return Err("arange gives whole numbers: say the dtype in the rule, i64, i32 or u8".into());
            }
            (Some(init), None, false, None) => Action::Draw(Draw {
                init: match init.trim() {
                    "torch_default" => Init::TorchDefault,
                    other => Init::Expression(other.to_owned()),
                },
                seed: rule.seed.as_ref().map(seed).transpose()?,
                stream: rule.stream.clone(),
                experts: experts.to_vec(),
                padding_row: rule.padding_row.as_ref().map(super::file::Number::text),
                parts: rule
                    .parts
                    .iter()
                    .map(|part| [part.rows[0].text(), part.rows[1].text(), part.init.clone()])
                    .collect(),
            }),
            (None, Some(name), false, None) => only_drawn("tie").map(|()| Action::Tie(name.clone()))?,
            (None, None, true, None) => only_drawn("skip").map(|()| Action::Skip)?,
            (None, None, false, Some(why)) => only_drawn("refuse").map(|()| Action::Refuse(why.clone()))?,
            _ => return Err("write exactly one of init, tie, skip = true and refuse".into()),
        };
        let action = match (action, integers) {
            (action, None) => action,
            (Action::Draw(Draw { init: Init::Expression(init), .. }), Some(dtype)) => {
                only_drawn(&format!("dtype = \"{dtype}\""))?;
                Action::Integers(dtype, init)
            }
            (
                Action::Skip | Action::Refuse(_) | Action::Tie(_) | Action::Draw(_) | Action::Integers(..),
                Some(dtype),
            ) => {
                return Err(format!("dtype = \"{dtype}\" goes with init, a constant or arange"));
            }
        };
        if let Action::Draw(Draw { padding_row, parts, .. }) = &action {
            for text in padding_row.iter().chain(parts.iter().flatten()) {
                short("an expression of padding_row or parts", text)?;
            }
        }
        Ok(Self { condition, action, dtype, text: describe(rule) })
    }
}

impl Rule {
    /// Every text with names of variables in it, of which not all are variables.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &str> {
        let draw = match &self.action {
            Action::Draw(draw) => Some(draw),
            Action::Skip | Action::Refuse(_) | Action::Tie(_) | Action::Integers(..) => None,
        };
        let whole = match &self.action {
            Action::Integers(_, init) => Some(init),
            Action::Skip | Action::Refuse(_) | Action::Tie(_) | Action::Draw(_) => None,
        };
        let init = draw.and_then(|draw| match &draw.init {
            Init::Expression(text) => Some(text),
            Init::TorchDefault => None,
        });
        let row = draw.and_then(|draw| draw.padding_row.as_ref());
        let parts = draw.into_iter().flat_map(|draw| draw.parts.iter().flatten());
        init.into_iter().chain(whole).chain(row).chain(parts).map(String::as_str).chain(self.condition.expressions())
    }
}

/// The names of an expert's weights.
fn experts(rule: &RuleText) -> Result<&[String], String> {
    let names = rule.experts.as_ref().map_or(&[][..], |names| names.as_slice());
    few("experts", "names", names.len(), MOST_LISTED)?;
    for name in names {
        short("experts", name)?;
        if name.matches(Experts::NUMBER).count() != 1 {
            let number = Experts::NUMBER;
            return Err(format!("{name:?} of experts must have {number} once, for an expert's number"));
        }
    }
    if rule.experts.is_some() && names.is_empty() {
        return Err("experts names no weight".into());
    }
    if rule.experts.is_some() && (rule.stream.is_some() || rule.padding_row.is_some() || !rule.parts.is_empty()) {
        return Err(
            "experts have streams and rows of their own: stream, padding_row and parts do not go with them".into()
        );
    }
    Ok(names)
}

impl Draw {
    /// Stretches with distributions of their own, in order and disjoint.
    pub(super) fn parts(&self, shape: &Shape, names: &Names<'_>) -> Result<Vec<Part>, String> {
        let rows = shape.dims().first().copied();
        let mut blocks = Vec::new();
        if let Some(text) = &self.padding_row {
            let rows = rows.ok_or(NO_ROWS)?;
            // As in configurations: no padding is written as −1.
            if names.evaluate(text)? >= 0.0 {
                let row = whole(text, names, rows.saturating_sub(1), rows)?;
                blocks.push((row..row.saturating_add(1), Initializer::zeros()));
            }
        }
        for [start, end, init] in &self.parts {
            names.model.work.spend(1000)?;
            let rows = rows.ok_or(NO_ROWS)?;
            let (start, end) = (whole(start, names, rows, rows)?, whole(end, names, rows, rows)?);
            if start > end {
                return Err(format!("the part [{start}, {end}] ends before it starts"));
            }
            blocks.push((start..end, initializer(init, names)?));
        }
        Part::blocks(shape, blocks).map_err(|error| error.to_string())
    }
}

const NO_ROWS: &str = "a scalar has no rows";

/// A row number from 0 to `most`, of a tensor of so many rows.
fn whole(text: &str, names: &Names<'_>, most: u64, rows: u64) -> Result<u64, String> {
    let value = names.evaluate(text)?;
    #[expect(clippy::cast_precision_loss, reason = "row numbers above 2^53 are not met")]
    if value.fract() != 0.0 || value < 0.0 || value > most as f64 {
        let figure = number(value);
        let got = if *text == figure { format!("row {figure} was given") } else { format!("{text:?} is {figure}") };
        return Err(format!("{got}, a whole number from 0 to {most} is needed: the tensor has {rows} rows"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Ok(value as u64)
}

/// Reads an initializer expression with arithmetic in its arguments: `normal(0, std/sqrt(2*n_layer))`.
pub(super) fn initializer(text: &str, names: &Names<'_>) -> Result<Initializer, String> {
    names.model.work.spend(16 * text.len())?;
    Initializer::parse_with(text, |argument| names.evaluate(argument)).map_err(|error| error.to_string())
}

fn seed(text: &SeedText) -> Result<Seed, String> {
    let text = match text {
        SeedText::Number(number) => return Ok(Seed::new(*number)),
        SeedText::Text(text) => text,
    };
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map(Seed::new).map_err(|_| format!("the seed {text:?} is no number from 0 to 2^64 - 1"))
}

/// Characters of a rule's conditions in messages.
const LONGEST_DESCRIPTION: usize = 500;

fn describe(rule: &RuleText) -> String {
    let list = |texts: &crate::one_or_more::OneOrMore| texts.as_slice().join(" or ");
    let sizes = |sizes: &Vec<super::file::Number>| {
        format!("shape [{}]", sizes.iter().map(super::file::Number::text).collect::<Vec<_>>().join(", "))
    };
    let conditions = [
        rule.name.as_ref().map(list),
        // Between slashes, so that it is not taken for a glob.
        rule.regex.as_ref().map(|regex| format!("/{regex}/")),
        rule.module.as_ref().map(|texts| format!("module {}", list(texts))),
        rule.rank.map(|rank| format!("rank {rank}")),
        rule.shape.as_ref().map(sizes),
        rule.when.as_ref().map(|when| format!("when {}", when.text())),
    ];
    let text = conditions.into_iter().flatten().collect::<Vec<_>>().join(", ");
    // Messages have it, and a table of a model has it in each row.
    match text.char_indices().nth(LONGEST_DESCRIPTION) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
