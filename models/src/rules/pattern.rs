//! Patterns of names.

use super::limits::{Work, short};
use crate::Error;
use core::str::FromStr;
use globset::GlobBuilder;
use regex::{Regex, RegexBuilder, bytes};

/// Bytes of a compiled pattern.
const MOST_COMPILED: usize = 1 << 20;
/// Bytes of a compiled pattern that is matched at the usual pace, byte by byte of the name.
const USUAL: usize = 1 << 15;
/// How many times slower a larger one may be.
const SLOWER: usize = 16;
/// How many usual ones are compiled in the time that a larger one takes.
const COMPILES: usize = 128;
/// Steps of compiling a usual one.
const TO_COMPILE: usize = 50_000;

/// Steps of matching a name, for each of its bytes and besides.
const FOR_A_BYTE: usize = 2;
const FOR_A_MATCH: usize = 128;

/// A pattern of names as rules have it: `*`, which also matches dots, `?`, `[abc]` and `{weight,bias}`.
///
/// ```
/// use wgpu_init_models::NameGlob;
/// let projections: NameGlob = "*.c_proj.weight".parse()?;
/// assert!(projections.is_match("transformer.h.0.attn.c_proj.weight"));
/// # Ok::<(), wgpu_init_models::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NameGlob(bytes::Regex);

impl FromStr for NameGlob {
    type Err = Error;

    /// # Errors
    /// [`Error::InvalidGlob`].
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text).map_err(|reason| Error::InvalidGlob { reason })
    }
}

impl NameGlob {
    /// Whether the whole name matches.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.0.is_match(name.as_bytes())
    }

    pub(super) fn new(text: &str) -> Result<Self, String> {
        short(&format!("the glob {:?}…", start(text)), text)?;
        let glob = GlobBuilder::new(text).literal_separator(false).backslash_escape(true).build();
        let glob = glob.map_err(|error| error.to_string())?;
        // globset's own matcher panics where the pattern is too large or nested too deeply.
        let regex = bytes::RegexBuilder::new(glob.regex()).dot_matches_new_line(true).size_limit(MOST_COMPILED).build();
        regex.map(Self).map_err(|error| format!("the glob {text:?} cannot be read: {}", last_line(&error)))
    }

    pub(super) fn is_match_within(&self, name: &str, work: &Work) -> Result<bool, String> {
        work.spend(FOR_A_MATCH + FOR_A_BYTE * name.len())?;
        Ok(self.is_match(name))
    }
}

/// A regular expression that is found anywhere in a name.
#[derive(Debug)]
pub(super) struct Found {
    regex: Regex,
    pace: usize,
}

impl Found {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        short(&format!("the regex {:?}…", start(text)), text)?;
        let build = |limit| RegexBuilder::new(text).size_limit(limit).build();
        let (regex, pace) = match build(USUAL) {
            Ok(regex) => (Ok(regex), 1),
            Err(_) => (build(MOST_COMPILED), SLOWER),
        };
        let regex = regex.map_err(|error| format!("the regex {text:?} cannot be read: {}", last_line(&error)))?;
        Ok(Self { regex, pace })
    }

    pub(super) fn is_match(&self, name: &str, work: &Work) -> Result<bool, String> {
        work.spend(self.pace * (FOR_A_MATCH + FOR_A_BYTE * name.len()))?;
        Ok(self.regex.is_match(name))
    }

    /// The captures in a name that it matches.
    pub(super) fn captures<'a>(&self, name: &'a str, work: &Work) -> Result<Option<regex::Captures<'a>>, String> {
        // Each group is looked after at each byte.
        work.spend(self.pace * self.regex.captures_len() * (FOR_A_MATCH + FOR_A_BYTE * name.len()))?;
        Ok(self.regex.captures(name))
    }

    /// How many usual patterns take as long to compile.
    pub(super) const fn patterns(&self) -> usize {
        if self.pace == 1 { 1 } else { COMPILES }
    }

    /// The steps of compiling it.
    pub(super) const fn compiling(&self) -> usize {
        self.patterns() * TO_COMPILE
    }

    /// The names of the groups.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        self.regex.capture_names().flatten()
    }

    /// The groups without a name are counted too; the whole is not.
    pub(super) fn has_group(&self) -> bool {
        self.regex.captures_len() > 1
    }
}

/// The last line says what is wrong; the others draw an arrow.
fn last_line(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => {
            format!("compiled it has more than {MOST_COMPILED} bytes; write shorter repetitions, and [0-9] for \\d")
        }
        other => other.to_string().lines().last().unwrap_or_default().to_owned(),
    }
}

/// Enough of a text to find it.
fn start(text: &str) -> String {
    text.chars().take(32).collect()
}
