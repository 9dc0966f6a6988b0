//! An initializer's text taken apart: what an initializer holds is private, and its text says all of it.

use std::fmt::Display;

/// The name, and the arguments that are numbers.
pub(crate) fn parts(initializer: impl Display) -> (String, Vec<f64>) {
    let text = initializer.to_string();
    let (name, arguments) = text.split_once('(').unwrap_or((&text, ")"));
    let arguments = arguments.strip_suffix(')').unwrap_or_else(|| panic!("{text} has no end"));
    (name.to_owned(), arguments.split(',').filter_map(|argument| argument.parse().ok()).collect())
}
