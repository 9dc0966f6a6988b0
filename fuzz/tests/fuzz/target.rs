//! What all targets share: how long they run, what is kept of an input that fails, and what becomes of bytes.

use arbitrary::{Result, Unstructured};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a target runs where `BOLERO_RANDOM_TEST_TIME_MS` does not say.
const TIME: Duration = Duration::from_secs(10);
/// An input that takes longer hangs. Other work may share the machine.
const PATIENCE: Duration = Duration::from_secs(20);
const MOST_BYTES: usize = 2048;

/// Runs a target on what is kept in `__fuzz__`, and then on random bytes. The bytes of the last input that failed, which is the smallest
/// that was found, are left in the folder of the build's temporary files under the target's name.
pub(crate) fn run(name: &'static str, target: fn(&[u8])) {
    bolero::check!(name = name)
        .with_iterations(usize::MAX)
        .with_test_time(TIME)
        .with_max_len(MOST_BYTES)
        .for_each(move |bytes: &[u8]| checked(name, target, bytes));
}

fn checked(name: &str, target: fn(&[u8]), bytes: &[u8]) {
    let start = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        target(bytes);
        assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    }));
    if let Err(panic) = outcome {
        // What cannot be written is in the message all the same.
        let _ = std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.input")), bytes);
        resume_unwind(panic);
    }
}

/// A text with some edits: pieces taken out, doubled or put elsewhere, words put in, numbers replaced.
pub(crate) fn edited(u: &mut Unstructured<'_>, text: &str, words: &[&str]) -> Result<String> {
    let mut text = text.to_owned();
    for _ in 0..u.int_in_range(0..=6)? {
        let range = stretch(u, &text)?;
        match u.int_in_range(0..=5)? {
            0 => text.replace_range(range, ""),
            1 => {
                let piece = text[range].to_owned();
                let at = place(u, &text)?;
                text.insert_str(at, &piece);
            }
            2 | 3 => {
                let at = place(u, &text)?;
                text.insert_str(at, u.choose(words)?);
            }
            4 => {
                let word = *u.choose(words)?;
                text.replace_range(range, word);
            }
            _ => {
                let number = number(u)?;
                replace_number(u, &mut text, &number)?;
            }
        }
    }
    Ok(text)
}

/// Numbers as attackers and slips write them.
pub(crate) fn number(u: &mut Unstructured<'_>) -> Result<String> {
    const ODD: [&str; 22] = [
        "0",
        "1",
        "-1",
        "2",
        "3",
        "7",
        "255",
        "256",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "1e308",
        "1e-320",
        "-0.0",
        "0.5",
        "NaN",
        "1e999",
        "0x10",
    ];
    if u.ratio(1, 4)? { Ok(u.arbitrary::<i64>()?.to_string()) } else { Ok((*u.choose(&ODD)?).to_owned()) }
}

fn replace_number(u: &mut Unstructured<'_>, text: &mut String, number: &str) -> Result<()> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let mut numbers = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_part(c), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                numbers.push(first..at);
                start = None;
            }
            _ => {}
        }
    }
    if !numbers.is_empty() {
        text.replace_range(u.choose(&numbers)?.clone(), number);
    }
    Ok(())
}

/// A place between two characters.
fn place(u: &mut Unstructured<'_>, text: &str) -> Result<usize> {
    Ok(text.floor_char_boundary(u.int_in_range(0..=text.len())?))
}

/// Mostly a short stretch.
fn stretch(u: &mut Unstructured<'_>, text: &str) -> Result<std::ops::Range<usize>> {
    let start = place(u, text)?;
    let most = if u.ratio(1, 8)? { text.len() } else { 24 };
    let end = text.floor_char_boundary(u.int_in_range(start..=text.len().min(start + most))?);
    Ok(start.min(end)..end.max(start))
}
