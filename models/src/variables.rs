//! What a configuration or a caller says, for the expressions of rules.

use std::collections::BTreeMap;

/// Numbers and texts that rules may use: of a `config.json` ([`Config::variables`](crate::Config::variables),
/// [`Config::any_variables`](crate::Config::any_variables)), and the caller's own.
///
/// ```
/// use wgpu_init_models::Variables;
/// let mut variables: Variables = [("initializer_range", 0.01)].into_iter().collect();
/// variables.set_text("model_type", "gemma2");
/// assert_eq!(variables.number("initializer_range"), Some(0.01));
/// assert_eq!(variables.text("model_type"), Some("gemma2"));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables {
    numbers: BTreeMap<String, f64>,
    texts: BTreeMap<String, String>,
    lists: BTreeMap<String, Vec<String>>,
}

impl Variables {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a number; a text of this name is replaced.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        let name = self.forget(name);
        self.numbers.insert(name, value);
    }

    /// Sets a text, e.g. `model_type`; a number of this name is replaced.
    pub fn set_text(&mut self, name: impl Into<String>, text: impl Into<String>) {
        let name = self.forget(name);
        self.texts.insert(name, text.into());
    }

    /// Sets a list of texts, e.g. `architectures`.
    pub fn set_list(&mut self, name: impl Into<String>, texts: impl IntoIterator<Item = String>) {
        let name = self.forget(name);
        self.lists.insert(name, texts.into_iter().collect());
    }

    fn forget(&mut self, name: impl Into<String>) -> String {
        let name = name.into();
        self.numbers.remove(&name);
        self.texts.remove(&name);
        self.lists.remove(&name);
        name
    }

    /// A number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.numbers.get(name).copied()
    }

    /// A text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// A list of texts.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[String]> {
        self.lists.get(name).map(Vec::as_slice)
    }

    /// Whether there is a number, a text or a list of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.numbers.contains_key(name) || self.texts.contains_key(name) || self.lists.contains_key(name)
    }

    /// All numbers, by name.
    pub fn numbers(&self) -> impl Iterator<Item = (&str, f64)> {
        self.numbers.iter().map(|(name, value)| (name.as_str(), *value))
    }
}

impl<S: Into<String>> FromIterator<(S, f64)> for Variables {
    fn from_iter<I: IntoIterator<Item = (S, f64)>>(numbers: I) -> Self {
        let mut variables = Self::new();
        variables.extend(numbers);
        variables
    }
}

impl<S: Into<String>> Extend<(S, f64)> for Variables {
    fn extend<I: IntoIterator<Item = (S, f64)>>(&mut self, numbers: I) {
        for (name, value) in numbers {
            self.set(name, value);
        }
    }
}
