//! The variants of an error type. It is non-exhaustive, so the compiler cannot say that a test lacks one: its source does.

use core::fmt::Debug;
use std::collections::BTreeSet;

/// The variants that the source of `pub enum Error` declares.
pub(crate) fn declared(source: &str) -> BTreeSet<&str> {
    let body = source.split("pub enum Error {").nth(1).expect("the enum").split("\n}").next().expect("its end");
    body.lines().filter_map(of_line).collect()
}

/// A line that declares a variant: four spaces, a capital, then a comma, a brace or a parenthesis.
fn of_line(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("    ").filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))?;
    rest.split([' ', ',', '(']).next()
}

/// The name of an error's variant, which `Debug` begins with.
pub(crate) fn name(error: &impl Debug) -> String {
    format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}
