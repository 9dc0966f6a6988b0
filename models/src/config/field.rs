//! Kinds of numbers in a configuration.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};

/// A size: products of two, and three times one, fit in 64 bits.
pub(super) type Size = NonZeroU32;
/// How often a block is repeated: small enough that a file cannot ask for an endless list.
pub(super) type Layers = NonZeroU16;

/// A size for shapes.
pub(super) fn of(size: Size) -> u64 {
    u64::from(size.get())
}

/// A size for arithmetic.
pub(super) fn real(size: Size) -> f64 {
    f64::from(size.get())
}

/// 0.02, the usual `initializer_range`.
pub(super) fn usual_range() -> f64 {
    0.02
}

pub(super) fn yes() -> bool {
    true
}

/// `pad_token_id` as a variable: −1 is none.
pub(super) fn padding(id: Option<u32>) -> f64 {
    id.map_or(-1.0, f64::from)
}

/// The width of one head of `width`, which `heads` must divide.
pub(super) fn head_width(what: &str, width: Size, heads: Size) -> Result<u64, String> {
    let (width, heads) = (of(width), of(heads));
    if width.is_multiple_of(heads) {
        Ok(width / heads)
    } else {
        Err(format!("{what} is {width}, it must be divisible by the {heads} attention heads"))
    }
}

/// How many classes a classifier has: `num_labels`, else the entries of `id2label`, else transformers' 2.
pub(super) fn labels(number: Option<Size>, names: Option<&BTreeMap<String, String>>) -> Result<u64, String> {
    match (number, names.map(BTreeMap::len)) {
        (Some(number), _) => Ok(of(number)),
        (None, Some(0)) => Err("id2label is empty, a classifier needs at least one label".to_owned()),
        (None, Some(count)) => Ok(count as u64),
        (None, None) => Ok(2),
    }
}
