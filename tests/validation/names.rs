//! The variants of `Error`, by name: as declared in the source, and of a value.

use std::collections::BTreeSet;
use wgpu_init::Error;

/// `Error::X { .. }` is "X".
pub(crate) fn variant(error: &Error) -> String {
    format!("{error:?}").chars().take_while(|c| c.is_alphanumeric()).collect()
}

/// Every variant in `src/error.rs`: the lines of the enum that begin a name at the indentation of variants.
pub(crate) fn declared() -> BTreeSet<String> {
    let source = include_str!("../../src/error.rs");
    let (_, rest) = source.split_once("pub enum Error {").expect("the enum");
    let (body, _) = rest.split_once("\n}\n").expect("its end");
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = lines.filter(|line| line.starts_with(char::is_uppercase));
    let found: BTreeSet<String> =
        names.map(|line| line.chars().take_while(|c| c.is_alphanumeric()).collect()).collect();
    assert!(found.len() > 20, "{found:?}");
    found
}
