//! One text, or a list of them, where a file may say either.

use serde::Deserialize;

/// One text or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "write a text or a list of texts")]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(text) => core::slice::from_ref(text),
            Self::More(texts) => texts,
        }
    }
}
