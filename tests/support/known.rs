//! Published known answers, as data.

/// A row: rounds, counter, key, expected words.
#[derive(Debug)]
pub(crate) struct KnownAnswer {
    pub(crate) rounds: u32,
    pub(crate) counter: [u32; 4],
    pub(crate) key: [u32; 2],
    pub(crate) expected: [u32; 4],
}

/// The rows of `tests/data/philox4x32.kat`. Panics at a row that it cannot read: a skipped row is an untested one.
pub(crate) fn philox4x32() -> Vec<KnownAnswer> {
    let rows = include_str!("../data/philox4x32.kat").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let answers: Vec<_> = rows.map(row).collect();
    assert_eq!(answers.len(), 6, "all rows were read");
    answers
}

fn row(line: &str) -> KnownAnswer {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [generator, rounds, words @ ..] = fields.as_slice() else { panic!("a short row: {line}") };
    assert_eq!(*generator, "philox4x32", "an unknown generator: {line}");
    let words: Vec<u32> = words.iter().map(|word| u32::from_str_radix(word, 16).expect("a hexadecimal word")).collect();
    let [c0, c1, c2, c3, k0, k1, e0, e1, e2, e3] = words[..] else { panic!("ten words: {line}") };
    assert_ne!([e0, e1, e2, e3], [0; 4], "an expectation of zeros would hide a harness that does nothing");
    let rounds = rounds.parse().expect("a number of rounds");
    KnownAnswer { rounds, counter: [c0, c1, c2, c3], key: [k0, k1], expected: [e0, e1, e2, e3] }
}
