//! The plan for a person: a line for each parameter, the rules that decided, and what it adds up to.

use crate::assign::{Scheme, shape_text};
use crate::columns::{Cell, line, name, widest};
use crate::figure::{self, count, many, size};
use crate::style::{self, ASIDE, HEADING};
use crate::terminal::{Plain, short};
use crate::views::remarks;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use wgpu_init_models::checkpoint::{Layout, Tensor};
use wgpu_init_models::{Drawn, Values};

/// Columns that most terminals have, and a page of a document.
const PAGE: usize = 100;
/// Columns between two cells.
const GAP: usize = 2;
const HEAD: [&str; 5] = ["parameter", "dtype", "shape", "values", "rule"];
/// Columns that values may have where names are long too.
const SHARE: usize = 36;
/// Columns of a shape; longer ones lose their middle.
const WIDEST_SHAPE: usize = 24;

pub(super) fn write(out: &mut impl Write, tensors: &[Tensor], scheme: &Scheme) -> io::Result<()> {
    let rules = Rules::new(tensors, scheme);
    let rows: Vec<_> = tensors.iter().map(|tensor| Row::new(tensor, scheme, &rules)).collect();
    let widths = widths(&rows);
    let cells = |[parameter, dtype, shape, values, rule]: [&str; 5]| {
        let [for_parameter, for_dtype, for_shape, for_values, for_rule] = widths;
        line(&[
            Cell::Left(parameter, for_parameter),
            Cell::Left(dtype, for_dtype),
            Cell::Right(shape, for_shape),
            Cell::Left(values, for_values),
            Cell::Right(rule, for_rule),
        ])
    };
    let mut head = HEAD;
    if rules.0.is_empty() {
        head[4] = "";
    }
    writeln!(out, "{}", style::out(HEADING, cells(head)))?;
    for row in &rows {
        let [parameter, shape] = [name(&row.name, widths[0]), name(&row.shape, WIDEST_SHAPE)];
        // What has no room comes behind.
        let (values, mut remarks) = row.values(widths[3]);
        let shown = name(&values, widths[3]);
        if shown != values {
            remarks.insert(0, values);
        }
        writeln!(out, "{}", cells([&parameter, &row.dtype, &shape, &shown, &row.rule]))?;
        remarks.extend_from_slice(&row.remarks);
        for remark in remarks {
            writeln!(out, "{}", style::out(ASIDE, format_args!("    {}", short(&remark, PAGE - 4))))?;
        }
    }
    rules.write(out, scheme)?;
    totals(out, tensors, scheme)
}

/// One parameter; nothing is escaped yet.
struct Row {
    name: String,
    dtype: String,
    shape: String,
    law: String,
    /// The initializer, where that is not the law and neither what the rule has for all of its parameters.
    asked: Option<String>,
    /// The number of the rule that decided.
    rule: String,
    /// What is unusual, a line for each.
    remarks: Vec<String>,
}

impl Row {
    fn new(tensor: &Tensor, scheme: &Scheme, rules: &Rules) -> Self {
        let assignment = tensor.assignment();
        let parameter = &assignment.parameter;
        let number = scheme.rule(assignment.rule).map(|(number, _)| number);
        let mut row = Self {
            name: parameter.name.clone(),
            dtype: String::new(),
            shape: shape_text(tensor.shape()),
            law: "left out".to_owned(),
            asked: None,
            rule: number.map_or_else(String::new, |number| number.to_string()),
            remarks: Vec::new(),
        };
        if tensor.is_stored() {
            row.dtype = tensor.dtype().to_string();
        }
        row.remarks.extend(tensor.shard().map(|shard| format!("{shard}: {}", size(super::size(tensor)))));
        let drawn = match &assignment.values {
            Values::Drawn(drawn) => drawn,
            Values::Integers(integers) => {
                row.law = integers.to_string();
                return row;
            }
            Values::Skipped => return row,
        };
        row.law = figure::law(&drawn.distribution.to_string());
        match &drawn.tied_to {
            Some(twin) => row.law = format!("= {twin}"),
            None if rules.says(number) => {}
            None => row.asked = asked(drawn),
        }
        for part in &drawn.parts {
            let law = figure::law(&part.distribution().to_string());
            row.remarks.push(format!("{}: {law}", part_text(part.elements(), &parameter.shape)));
        }
        if let Some(experts) = &drawn.experts {
            row.remarks.push(format!("{} experts, each from {}", experts.count, experts.names.join(" and ")));
        }
        if drawn.stream != parameter.name && drawn.tied_to.is_none() {
            row.remarks.push(format!("stream of {}", drawn.stream));
        }
        row.remarks.extend(assignment.seed.map(|seed| format!("seed {}", seed.get())));
        row
    }

    /// What stands in so many columns, and what comes behind.
    fn values(&self, columns: usize) -> (String, Vec<String>) {
        match &self.asked {
            None => (self.law.clone(), Vec::new()),
            Some(asked) => {
                let both = format!("{asked} = {}", self.law);
                if widest([both.as_str()]) <= columns {
                    (both, Vec::new())
                } else {
                    (self.law.clone(), vec![format!("from {asked}")])
                }
            }
        }
    }
}

/// The initializer, where the shape makes another law of it.
fn asked(drawn: &Drawn) -> Option<String> {
    let asked = figure::law(&drawn.initializer.to_string());
    (asked != figure::law(&drawn.distribution.to_string())).then_some(asked)
}

/// Parts are whole rows of a tensor that has rows.
fn part_text(elements: &std::ops::Range<u64>, shape: &wgpu_init::Shape) -> String {
    let rows = shape.dims().first().copied().unwrap_or(0);
    match shape.elements().checked_div(rows).filter(|row| *row > 0) {
        Some(row) if elements.end - elements.start == row => format!("row {}", elements.start / row),
        Some(row) => format!("rows {}..{}", elements.start / row, elements.end / row),
        None => format!("elements {}..{}", elements.start, elements.end),
    }
}

/// As wide as the longest of each column, as long as they fit the page; the values then give way, and the names with them.
fn widths(rows: &[Row]) -> [usize; 5] {
    let column = |of: fn(&Row) -> &str, head: &str| widest(rows.iter().map(of).chain([head]));
    let names: Vec<_> = rows.iter().map(|row| name(&row.name, PAGE)).collect();
    let parameter = widest(names.iter().map(String::as_str).chain([HEAD[0]]));
    let dtype = column(|row| &row.dtype, HEAD[1]);
    let shape = column(|row| &row.shape, HEAD[2]).min(WIDEST_SHAPE);
    let rule = column(|row| &row.rule, HEAD[4]);
    let rest = PAGE.saturating_sub(dtype + shape + rule + 4 * GAP);
    let most = rest.saturating_sub(parameter).max(SHARE);
    let values: Vec<_> = rows.iter().map(|row| name(&row.values(most).0, most)).collect();
    let values = widest(values.iter().map(String::as_str).chain([HEAD[3]]));
    [parameter.min(rest.saturating_sub(values)), dtype, shape, values, rule]
}

/// The rules that decided something, by their numbers.
struct Rules(BTreeMap<usize, Rule>);

struct Rule {
    conditions: String,
    tensors: usize,
    elements: u64,
    /// The initializers that its parameters had, where they are not the laws themselves: one if all have the same.
    asked: BTreeSet<Option<String>>,
}

impl Rules {
    fn new(tensors: &[Tensor], scheme: &Scheme) -> Self {
        let mut rules = BTreeMap::new();
        for tensor in tensors {
            let assignment = tensor.assignment();
            let Some((number, conditions)) = scheme.rule(assignment.rule) else { continue };
            let rule = rules.entry(number).or_insert_with(|| Rule {
                conditions,
                tensors: 0,
                elements: 0,
                asked: BTreeSet::new(),
            });
            rule.tensors += 1;
            rule.elements = rule.elements.saturating_add(tensor.shape().elements());
            if let Some(drawn) = assignment.drawn().filter(|drawn| drawn.tied_to.is_none()) {
                rule.asked.insert(asked(drawn));
            }
        }
        Self(rules)
    }

    /// Whether the list of rules says the initializer of this one; where there are no rules, the last line of all does.
    fn says(&self, number: Option<usize>) -> bool {
        number.is_none_or(|number| self.0.get(&number).is_some_and(|rule| rule.initializer().is_some()))
    }

    fn write(&self, out: &mut impl Write, scheme: &Scheme) -> io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let title = format!("Rules ({scheme}): the first one whose conditions a parameter meets decides");
        writeln!(out, "\n{}", style::out(HEADING, short(&title, PAGE)))?;
        let elements: Vec<_> = self.0.values().map(|rule| count(rule.elements).to_string()).collect();
        let for_elements = widest(elements.iter().map(String::as_str).chain(["elements"]));
        let cells = |[number, tensors, elements, conditions]: [&str; 4]| {
            let front = [Cell::Right(number, 4), Cell::Right(tensors, 7), Cell::Right(elements, for_elements)];
            line(&[&front[..], &[Cell::Left(conditions, 0)]].concat())
        };
        let rest = PAGE.saturating_sub(4 + 7 + for_elements + 3 * GAP);
        writeln!(out, "{}", style::out(HEADING, cells(["rule", "tensors", "elements", "conditions"])))?;
        for ((number, rule), elements) in self.0.iter().zip(&elements) {
            let (number, tensors) = (number.to_string(), count(rule.tensors as u64).to_string());
            writeln!(out, "{}", cells([&number, &tensors, elements, &name(&rule.conditions, rest)]))?;
            if let Some(asked) = rule.initializer() {
                let asked = cells(["", "", "", &name(&format!("init = {asked}"), rest)]);
                writeln!(out, "{}", style::out(ASIDE, asked))?;
            }
        }
        Ok(())
    }
}

impl Rule {
    fn initializer(&self) -> Option<&str> {
        let [Some(asked)] = self.asked.iter().collect::<Vec<_>>()[..] else { return None };
        Some(asked)
    }
}

/// What is drawn, by dtype and in all.
fn totals(out: &mut impl Write, tensors: &[Tensor], scheme: &Scheme) -> io::Result<()> {
    let mut of_dtype: BTreeMap<String, u64> = BTreeMap::new();
    let (mut number, mut parameters, mut bytes) = (0, 0u64, 0u64);
    for tensor in tensors.iter().filter(|tensor| tensor.is_stored()) {
        let elements = tensor.shape().elements();
        (number, parameters) = (number + 1, parameters.saturating_add(elements));
        let of_tensor = elements.saturating_mul(tensor.dtype().size());
        bytes = bytes.saturating_add(of_tensor);
        *of_dtype.entry(tensor.dtype().to_string()).or_default() += of_tensor;
    }
    let dtypes: Vec<_> = match of_dtype.len() {
        0 | 1 => of_dtype.into_keys().collect(),
        _ => of_dtype.into_iter().map(|(dtype, bytes)| format!("{dtype} {}", size(bytes))).collect(),
    };
    let dtypes = if dtypes.is_empty() { String::new() } else { format!(" ({})", dtypes.join(", ")) };
    // Of more than 2^64 bytes there is no file.
    let (views, whole) = Layout::new(tensors.to_vec()).map(|layout| remarks(&[&layout])).unwrap_or_default();
    let (number, parameters, bytes) = (many(number, "tensor"), count(parameters), size(bytes));
    writeln!(out, "\n{number}{views}, {parameters} parameters{whole}, {bytes}{dtypes}")?;
    writeln!(out, "values: {}", Plain(scheme))
}
