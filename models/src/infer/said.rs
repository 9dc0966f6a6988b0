//! Classes that the caller says.

use super::InferError;
use crate::NameGlob;
use core::str::FromStr;

/// A pattern of names with the class of their modules: `PATTERN=CLASS`, e.g. `*.embed.weight=Embedding`.
///
/// ```
/// use wgpu_init_models::infer::ClassOf;
/// let of: ClassOf = "*query_pos.weight=Embedding".parse()?;
/// assert!(of.is_for("decoder.query_pos.weight") && of.class() == "Embedding");
/// # Ok::<(), wgpu_init_models::infer::InferError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClassOf {
    pattern: NameGlob,
    class: String,
}

impl ClassOf {
    /// Whether the pattern is for a parameter of this name.
    #[must_use]
    pub fn is_for(&self, name: &str) -> bool {
        self.pattern.is_match(name)
    }

    /// The class.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.class
    }
}

impl FromStr for ClassOf {
    type Err = InferError;

    fn from_str(text: &str) -> Result<Self, InferError> {
        let invalid = |reason: String| InferError::InvalidClass { text: text.chars().take(200).collect(), reason };
        let (pattern, class) = text.rsplit_once('=').ok_or_else(|| invalid("there is no =".to_owned()))?;
        let class = class.trim();
        let is_name = class.chars().all(|character| character.is_alphanumeric() || character == '_');
        if class.is_empty() || !is_name {
            return Err(invalid(format!("{class:?} is no name of a class")));
        }
        let pattern = pattern.trim().parse().map_err(|error: crate::Error| invalid(error.to_string()))?;
        Ok(Self { pattern, class: class.to_owned() })
    }
}
