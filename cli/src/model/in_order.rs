//! JSON objects whose order and names matter.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

/// Ten times what the largest models have. A list of 100 MB could have more than memory is for.
const MOST_MEMBERS: usize = 1 << 18;

/// The members of a JSON object in their order; a name that stands twice is an error, where a map would keep the last.
pub(super) struct InOrder<T>(pub(super) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for InOrder<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = InOrder<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder<T>, A::Error> {
                let mut names = HashSet::new();
                let mut members = Vec::new();
                while let Some((name, member)) = map.next_entry::<String, T>()? {
                    if names.len() == MOST_MEMBERS {
                        return Err(A::Error::custom(format!("more than {MOST_MEMBERS} tensors are listed")));
                    }
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("the tensor {name} is listed twice")));
                    }
                    members.push((name, member));
                }
                Ok(InOrder(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}
