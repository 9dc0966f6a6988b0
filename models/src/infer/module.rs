//! A list of parameters as modules.

use super::Reading;
use super::judge::{Context, judge};
use crate::Parameter;
use std::collections::{HashMap, HashSet};

/// The tensors that a module has of its own: their last names, with their sizes.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    leaves: Vec<(&'a str, &'a [u64])>,
}

impl<'a> Module<'a> {
    /// The sizes of a tensor.
    pub(super) fn get(&self, leaf: &str) -> Option<&'a [u64]> {
        self.leaves.iter().find(|(name, _)| *name == leaf).map(|(_, dims)| *dims)
    }

    /// The first tensor that is none of these.
    pub(super) fn other_than(&self, is_known: impl Fn(&str) -> bool) -> Option<&'a str> {
        self.leaves.iter().map(|(name, _)| *name).find(|name| !is_known(name))
    }
}

/// The modules of a list, by path.
#[derive(Debug)]
pub(super) struct Modules<'a> {
    modules: HashMap<&'a str, Module<'a>>,
    /// The path of a module whose weight is stored as inputs x outputs, as Hugging Face's `Conv1D` has it.
    transposed: Option<&'a str>,
    /// Paths of `torch.nn.Transformer`, each with a dot behind.
    transformers: HashSet<&'a str>,
}

/// What the first layers of `torch.nn.Transformer` have and no other model is likely to have, behind its path.
const ENCODER: &str = "encoder.layers.0.self_attn";
const DECODER: &str = "decoder.layers.0.multihead_attn";

/// Tensors of one module that are looked at: no layer has more, and a root may have any number.
const MOST_LEAVES: usize = 64;

impl<'a> Modules<'a> {
    pub(super) fn of(parameters: &'a [Parameter]) -> Self {
        let mut modules: HashMap<&str, Module<'a>> = HashMap::new();
        for parameter in parameters {
            let (path, leaf) = split(&parameter.name);
            let leaves = &mut modules.entry(path).or_default().leaves;
            if leaves.len() < MOST_LEAVES {
                leaves.push((leaf, parameter.shape.dims()));
            }
        }
        let is_transposed = |module: &Module<'_>| {
            matches!((module.get("weight"), module.get("bias")), (Some([inputs, outputs]), Some([bias]))
                if bias == outputs && inputs != outputs)
        };
        // The first by name, so that messages do not depend on a hash.
        let transposed = modules.iter().filter(|(_, module)| is_transposed(module)).map(|(path, _)| *path).min();
        let attends = |path: &str| modules.get(path).is_some_and(|module| module.get("in_proj_weight").is_some());
        let of_transformer = |path: &&'a str| {
            let front = path.strip_suffix(ENCODER)?;
            (attends(path) && attends(&format!("{front}{DECODER}"))).then_some(front)
        };
        let transformers = modules.keys().filter_map(of_transformer).collect();
        Self { modules, transposed, transformers }
    }

    fn is_in_transformer(&self, path: &str) -> bool {
        let mut fronts = ["encoder.layers.", "decoder.layers."].iter().filter_map(|part| path.find(part));
        !self.transformers.is_empty() && fronts.any(|end| self.transformers.contains(&path[..end]))
    }

    /// What the module of a parameter is, and why.
    pub(super) fn judge(&self, name: &str) -> (Reading, String) {
        let (path, leaf) = split(name);
        let Some(module) = self.modules.get(path) else { return (Reading::Bare, String::new()) };
        let is_matrix = leaf == "weight" && module.get(leaf).is_some_and(|dims| dims.len() > 1);
        if is_matrix && self.is_in_transformer(path) {
            let why = "a matrix of torch.nn.Transformer, which draws those of its layers anew: xavier_uniform is the rule for it";
            return (Reading::Bare, why.to_owned());
        }
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        let parent = self.modules.get(parent).filter(|_| !path.is_empty());
        judge(leaf, &Context { path, module, parent, transposed: self.transposed })
    }
}

/// The module's path and the tensor's own name.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}
