//! Patterns of names.

use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;

/// A glob in which `*` also matches dots: `*.c_proj.weight`.
pub(super) fn glob(text: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
}

pub(super) fn regex(text: &str) -> Result<Regex, String> {
    // The last line says what is wrong; the others draw an arrow.
    Regex::new(text).map_err(|error| {
        let error = error.to_string();
        format!("the regex {text:?} cannot be read: {}", error.lines().last().unwrap_or_default())
    })
}
