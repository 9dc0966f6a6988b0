//! What cannot be told of a list.

use super::{Decision, Reading};

/// Why classes could not be told, or are not said in a way that can be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// A class that rules need, and that names and shapes do not tell.
    #[error(
        "{rules}: what kind of module these parameters are of cannot be told from names and shapes:{}",
        listed(undecided)
    )]
    Undecided {
        /// The name of the rules or the recipe.
        rules: String,
        /// The parameters.
        undecided: Vec<Undecided>,
    },
    /// A text that is no `PATTERN=CLASS`.
    #[error("the class {text:?} cannot be read: {reason}; write PATTERN=CLASS, e.g. *.embed.weight=Embedding")]
    InvalidClass {
        /// The text, or its beginning.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A parameter whose module could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// The parameter's name.
    pub name: String,
    /// The shape's sizes.
    pub shape: Vec<u64>,
    /// Classes with different laws that it may be of; none for a parameter of its own.
    pub readings: &'static [&'static str],
    /// What was seen, in words.
    pub evidence: String,
}

impl From<&Decision> for Undecided {
    fn from(decision: &Decision) -> Self {
        let readings = if let Reading::Several(readings) = decision.reading { readings } else { &[] };
        let (name, evidence) = (decision.name.clone(), decision.evidence.clone());
        Self { name, shape: decision.shape.dims().to_vec(), readings, evidence }
    }
}

impl Undecided {
    /// What to say so that it is decided.
    fn remedy(&self) -> String {
        let name = self.name.escape_debug();
        match self.readings {
            [] => "write a rule for it".to_owned(),
            readings => {
                let ways: Vec<_> = readings.iter().map(|class| format!("--class '{name}={class}'")).collect();
                format!("say {}", ways.join(" or "))
            }
        }
    }
}

/// One a line; of many the first ten, and how many there are besides.
fn listed(undecided: &[Undecided]) -> String {
    const SHOWN: usize = 10;
    let line = |one: &Undecided| {
        format!("\n  {} {:?}: {}; {}", one.name.escape_debug(), one.shape, one.evidence, one.remedy())
    };
    let mut lines: String = undecided.iter().take(SHOWN).map(line).collect();
    if let Some(more @ 1..) = undecided.len().checked_sub(SHOWN) {
        lines.push_str(&format!("\n  and {more} more"));
    }
    lines
}
