//! JSON as Python writes it.

use std::borrow::Cow;

/// Numbers that Python's `json` writes bare and that JSON does not have.
const BARE: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The text with bare `NaN`, `Infinity` and `-Infinity`, which Python's `json` writes, as JSON strings of the same letters.
///
/// ```
/// let text = r#"{"time_step_limit": [0.0, Infinity], "name": "not NaN"}"#;
/// assert_eq!(wgpu_init_models::plain_json(text), r#"{"time_step_limit": [0.0, "Infinity"], "name": "not NaN"}"#);
/// ```
#[must_use]
pub fn plain_json(text: &str) -> Cow<'_, str> {
    let mut plain = String::new();
    // Up to here the text stands in `plain`.
    let (mut copied, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if bytes[at] == b'"' {
            at = end_of_string(bytes, at);
        } else if let Some(word) = bare_at(bytes, at) {
            plain.push_str(&text[copied..at]);
            plain.push('"');
            plain.push_str(word);
            plain.push('"');
            at += word.len();
            copied = at;
        } else {
            // A word that only contains one of them, e.g. `xNaN`, is skipped as a whole.
            at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count().max(1);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    plain.push_str(&text[copied..]);
    Cow::Owned(plain)
}

/// The byte after the string that begins here.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn bare_at(bytes: &[u8], at: usize) -> Option<&'static str> {
    let rest = &bytes[at..];
    let ends = |word: &&str| !rest.get(word.len()).copied().is_some_and(is_word);
    BARE.into_iter().find(|word| rest.starts_with(word.as_bytes()) && ends(word))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-')
}

#[cfg(test)]
mod tests {
    use super::plain_json;

    #[test]
    fn only_bare_words_become_texts() {
        for (text, expected) in [
            ("", ""),
            ("NaN", r#""NaN""#),
            ("[NaN,-Infinity,Infinity]", r#"["NaN","-Infinity","Infinity"]"#),
            (r#"{"a":NaN}"#, r#"{"a":"NaN"}"#),
            (r#"{"NaN": "Infinity"}"#, r#"{"NaN": "Infinity"}"#),
            (r#"["a\"NaN", NaN]"#, r#"["a\"NaN", "NaN"]"#),
            (r#"["\\", NaN]"#, r#"["\\", "NaN"]"#),
            (r#"["é NaN", NaN]"#, r#"["é NaN", "NaN"]"#),
            ("NaNa xNaN 1NaN -NaN --Infinity", "NaNa xNaN 1NaN -NaN --Infinity"),
            (r#""unfinished NaN"#, r#""unfinished NaN"#),
            (r#""unfinished\"#, r#""unfinished\"#),
            ("é NaN", r#"é "NaN""#),
        ] {
            assert_eq!(plain_json(text), expected, "{text}");
        }
    }
}
