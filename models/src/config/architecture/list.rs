//! From the entries of an architecture to parameters.

use super::Model;
use super::file::{Entry, Expression};
use super::scope::Scope;
use crate::Parameter;
use crate::arithmetic::Value;
use crate::one_or_more::OneOrMore;
use wgpu_init::Shape;

/// Parameters of one model: DeepSeek-V3 has 45,000 with each expert by itself. A file must not be able to ask for endlessly many.
const MOST_PARAMETERS: usize = 1 << 20;
/// How deep lists may stand in each other.
const MOST_NESTED: usize = 16;

/// Where parameters are listed.
pub(super) struct Lister {
    pub(super) list: Vec<Parameter>,
    depth: usize,
}

/// A module of a weight and, perhaps, a bias.
struct Weighted<'a> {
    names: &'a OneOrMore,
    /// Where the entry says none.
    module: Option<&'static str>,
    /// Where the entry says nothing of it.
    bias: bool,
    /// The axis of the weight that the bias has.
    bias_axis: Axis,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    First,
    Last,
}

impl Lister {
    pub(super) const fn new() -> Self {
        Self { list: Vec::new(), depth: 0 }
    }

    /// Lists a head of a model.
    pub(super) fn head(&mut self, model: &Model, head: &str, path: &str) -> Result<(), String> {
        let Some(entries) = model.file.heads.get(head) else {
            return Err(format!("{} has no {head}", model.model_type));
        };
        self.entries(entries, path, Scope::new(model))
    }

    fn entries(&mut self, entries: &[Entry], path: &str, scope: Scope<'_>) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return Err(format!("lists are nested more than {MOST_NESTED} deep"));
        }
        for entry in entries {
            // Of a repeated entry, whether there is one at all.
            if let Some(when) = &entry.when
                && !scope.holds(&when.0)?
            {
                continue;
            }
            let Some(times) = &entry.r#for else {
                self.entry(entry, path, scope)?;
                continue;
            };
            let counter = entry.r#as.as_deref().unwrap_or("layer");
            for number in 0..scope.whole(&times.0)? {
                #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
                let local = scope.local(counter, Value::Number(number as f64));
                self.entry(entry, path, scope.inside(&local))?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// One entry, one time: first the names that it gives, one inside the other.
    fn entry(&mut self, entry: &Entry, path: &str, scope: Scope<'_>) -> Result<(), String> {
        let names: Vec<_> = entry.with.iter().collect();
        self.named(entry, &names, path, scope, scope)
    }

    fn named(
        &mut self,
        entry: &Entry,
        names: &[(&String, &Expression)],
        path: &str,
        outer: Scope<'_>,
        scope: Scope<'_>,
    ) -> Result<(), String> {
        match names {
            [] => self.what(entry, path, scope),
            [(name, text), rest @ ..] => {
                // As in a call: what is given is worked out outside.
                let local = scope.local(name, outer.value(&text.0)?);
                self.named(entry, rest, path, outer, scope.inside(&local))
            }
        }
    }

    fn what(&mut self, entry: &Entry, path: &str, scope: Scope<'_>) -> Result<(), String> {
        let below;
        let path = match &entry.at {
            None => path,
            Some(at) => {
                below = join(path, &scope.filled(at)?);
                &below
            }
        };
        if let Some(part) = &entry.part {
            let entries = scope.model.file.parts.get(part).ok_or_else(|| format!("there is no part {part}"))?;
            return self.entries(entries, path, scope);
        }
        if let (Some(nested), Some(head)) = (&entry.nested, &entry.head) {
            let model = scope.model.nested.get(nested).ok_or_else(|| format!("there is no {nested}"))?;
            return self.head(model, head, path);
        }
        if let Some(names) = &entry.parameter {
            let module = entry.module.as_deref().map(|module| scope.filled(module)).transpose()?;
            for name in names.as_slice() {
                let dims = dims(&entry.shape, scope)?;
                self.add(join(path, &scope.filled(name)?), module.clone(), &dims)?;
            }
            return Ok(());
        }
        let Some(weighted) = weighted(entry) else {
            return Err(format!("an entry below {path:?} lists nothing"));
        };
        self.weighted(entry, &weighted, path, scope)
    }

    fn weighted(&mut self, entry: &Entry, weighted: &Weighted<'_>, path: &str, scope: Scope<'_>) -> Result<(), String> {
        let dims = dims(&entry.shape, scope)?;
        let own = entry.module.as_deref().map(|module| scope.filled(module)).transpose()?;
        let convolution = || format!("Conv{}d", dims.len().saturating_sub(2));
        let module = own.unwrap_or_else(|| weighted.module.map_or_else(convolution, str::to_owned));
        let bias = entry.bias.as_ref().map_or(Ok(weighted.bias), |bias| scope.holds(&bias.0))?;
        let axis = match weighted.bias_axis {
            Axis::First => dims.first(),
            Axis::Last => dims.last(),
        };
        for name in weighted.names.as_slice() {
            let name = join(path, &scope.filled(name)?);
            self.add(format!("{name}.weight"), Some(module.clone()), &dims)?;
            if let Some(axis) = axis.filter(|_| bias) {
                self.add(format!("{name}.bias"), Some(module.clone()), &[*axis])?;
            }
        }
        Ok(())
    }

    fn add(&mut self, name: String, module: Option<String>, dims: &[u64]) -> Result<(), String> {
        if self.list.len() == MOST_PARAMETERS {
            return Err(format!("there are more than {MOST_PARAMETERS} parameters, of which {name} would be the next"));
        }
        let shape = Shape::new(dims).map_err(|error| format!("{name}: {error}"))?;
        let parameter = Parameter::new(name, shape);
        self.list.push(match module {
            Some(module) => parameter.in_module(module),
            None => parameter,
        });
        Ok(())
    }
}

fn join(path: &str, name: &str) -> String {
    match (path, name) {
        ("", only) | (only, "") => only.to_owned(),
        _ => format!("{path}.{name}"),
    }
}

fn dims(shape: &[Expression], scope: Scope<'_>) -> Result<Vec<u64>, String> {
    shape.iter().map(|size| scope.whole(&size.0)).collect()
}

fn weighted(entry: &Entry) -> Option<Weighted<'_>> {
    let kinds = [
        (&entry.linear, Some("Linear"), false),
        (&entry.embedding, Some("Embedding"), false),
        (&entry.convolution, None, false),
        (&entry.layer_norm, Some("LayerNorm"), true),
        (&entry.batch_norm, Some("BatchNorm2d"), true),
        (&entry.conv1d, Some("Conv1D"), true),
        (&entry.weight, Some(""), false),
    ];
    let bias_axis = if entry.conv1d.is_some() { Axis::Last } else { Axis::First };
    let mut present = kinds.into_iter().filter_map(|(names, module, bias)| Some((names.as_ref()?, module, bias)));
    present.next().map(|(names, module, bias)| Weighted { names, module, bias, bias_axis })
}
