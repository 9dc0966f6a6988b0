//! The JSON of a header as it stands: each entry once, in memory that the file's size bounds.
//!
//! Our own, because `safetensors::tensor::Metadata` keeps the last of two entries of one name, keeps shapes of any length, and writes in
//! the random order of a hash map.

use super::header::METADATA;
use core::fmt;
use safetensors::Dtype;
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::{BTreeMap, HashSet};

/// Tensors of one file: ten times what the largest models have. A header of 100 MB could list more than memory is for.
const MOST_TENSORS: usize = 1 << 18;
/// More axes than any shape has: of the others only the number counts.
const MOST_AXES: usize = 16;

/// The members of a header. Tensors are in the order of their bytes, and lie one behind the other.
pub(super) struct Header {
    pub(super) tensors: Vec<Listed>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// A tensor of a header.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) info: Info,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Info {
    pub(super) dtype: Dtype,
    #[serde(deserialize_with = "axes")]
    pub(super) shape: Vec<u64>,
    pub(super) data_offsets: (u64, u64),
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut tensors, mut metadata) = (Vec::new(), None);
                while let Some(name) = map.next_key::<String>()? {
                    if name != METADATA {
                        let info = map.next_value()?;
                        if tensors.len() == MOST_TENSORS {
                            return Err(A::Error::custom(format!("more than {MOST_TENSORS} tensors in one file")));
                        }
                        tensors.push(Listed { name, info });
                    } else if metadata.replace(map.next_value::<Texts>()?.0).is_some() {
                        return Err(A::Error::custom(format!("{METADATA} stands twice")));
                    }
                }
                check(&mut tensors).map_err(A::Error::custom)?;
                Ok(Header { tensors, metadata: metadata.unwrap_or_default() })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Sorts tensors by their bytes, and says what is wrong with them together.
fn check(tensors: &mut [Listed]) -> Result<(), String> {
    {
        let mut names = HashSet::with_capacity(tensors.len());
        if let Some(twice) = tensors.iter().find(|tensor| !names.insert(tensor.name.as_str())) {
            return Err(format!("the tensor {:?} is listed twice", twice.name));
        }
    }
    tensors.sort_by_key(|tensor| tensor.info.data_offsets);
    let mut at = 0;
    for Listed { name, info } in tensors {
        let (start, end) = info.data_offsets;
        if start != at || end < start {
            return Err(format!("the tensor {name:?} has the bytes {start}..{end}, it must begin at {at}"));
        }
        let elements = info.shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size));
        let bits = elements.and_then(|elements| elements.checked_mul(info.dtype.bitsize() as u64));
        // A shape with more axes than there can be is refused for that.
        let fits = bits.is_some_and(|bits| Some(bits) == (end - start).checked_mul(8));
        if info.shape.len() <= MOST_AXES && !fits {
            return Err(format!("the tensor {name:?} has {} bytes, which its shape and dtype have not", end - start));
        }
        at = end;
    }
    Ok(())
}

/// An object of texts.
struct Texts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            // `safetensors` writes none as null.
            fn visit_unit<E: Error>(self) -> Result<Texts, E> {
                Ok(Texts(BTreeMap::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, text)) = map.next_entry::<String, String>()? {
                    if let Some(_twice) = entries.insert(key.clone(), text) {
                        return Err(A::Error::custom(format!("{METADATA} has {key:?} twice")));
                    }
                }
                Ok(Texts(entries))
            }
        }
        deserializer.deserialize_any(Entries)
    }
}

/// The axes of a shape. Of a list of millions not all are kept.
fn axes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Axes;
    impl<'de> Visitor<'de> for Axes {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a shape")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u64>, A::Error> {
            let mut axes = Vec::new();
            while axes.len() <= MOST_AXES {
                match list.next_element()? {
                    Some(axis) => axes.push(axis),
                    None => return Ok(axes),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(axes)
        }
    }
    deserializer.deserialize_seq(Axes)
}
