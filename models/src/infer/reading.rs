//! What a module is taken for, and why.

use core::fmt;
use wgpu_init::Shape;

/// What the module of a parameter is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reading {
    /// A class that the list says.
    Listed(String),
    /// A class that the caller says ([`ClassOf`](crate::infer::ClassOf)).
    Said(String),
    /// A class of `torch.nn`, or its equal.
    One {
        /// The class.
        class: &'static str,
        /// Classes that it may be as well, with the same default law.
        alike: &'static [&'static str],
    },
    /// Classes with different laws.
    Several(&'static [&'static str]),
    /// No layer of `torch.nn`: a parameter or a buffer of its own.
    Bare,
}

impl Reading {
    /// The class, where there is one.
    #[must_use]
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::Listed(class) | Self::Said(class) => Some(class),
            Self::One { class, .. } => Some(class),
            Self::Several(_) | Self::Bare => None,
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(class) | Self::Said(class) => f.write_str(class),
            Self::One { class, .. } => f.write_str(class),
            Self::Several(classes) => f.write_str(&classes.join(" or ")),
            Self::Bare => f.write_str("-"),
        }
    }
}

/// The decision about one parameter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The parameter's name.
    pub name: String,
    /// Its shape.
    pub shape: Shape,
    /// What its module is taken for.
    pub reading: Reading,
    /// What was seen, in words.
    pub evidence: String,
}
