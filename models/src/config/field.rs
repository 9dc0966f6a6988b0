//! The fields of a configuration by name: what is wrong with one says its name, what it is and what was expected.

use serde_json::{Map, Value};
use std::num::NonZeroU32;

/// A size: products of two, and three times one, fit in 64 bits.
pub(super) type Size = NonZeroU32;
/// How often a block is repeated: small enough that a file cannot ask for an endless list.
pub(super) type Layers = u16;

/// A size for shapes.
pub(super) fn of(size: Size) -> u64 {
    u64::from(size.get())
}

/// The object of a file, or one inside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

/// A field with its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    name: &'a str,
    /// `None` where the file does not have it.
    value: Option<&'a Value>,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(object: &'a Map<String, Value>) -> Self {
        Self(object)
    }

    /// The fields' names with the values.
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The field of this name, present or not.
    pub(super) fn get(self, name: &'a str) -> Field<'a> {
        Field { name, value: self.0.get(name) }
    }

    /// The fields of a field that is an object.
    pub(super) fn part(self, name: &str) -> Option<Self> {
        self.0.get(name).and_then(Value::as_object).map(Self)
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The field that has several names; two of them must not say different things.
    pub(super) fn any(self, names: &[&'a str]) -> Result<Field<'a>, String> {
        let mut present = names.iter().filter_map(|name| Some((*name, self.0.get(*name)?)));
        let Some((name, value)) = present.next() else { return Ok(Field { name: names[0], value: None }) };
        match present.find(|(_, other)| *other != value) {
            None => Ok(Field { name, value: Some(value) }),
            Some((other, different)) => Err(format!(
                "{name} is {} and {other} is {}: these are two names of one field, write one of them",
                shown(value),
                shown(different)
            )),
        }
    }

    /// A size that is something else if it is absent or null.
    pub(super) fn optional_size(self, names: &[&'a str]) -> Result<Option<Size>, String> {
        self.any(names)?.unless_null().map(Field::size).transpose()
    }

    /// Refuses a field with another value than the ones that change nothing; `because` says what it would change.
    pub(super) fn refuse(self, name: &'a str, harmless: &[Value], because: &str) -> Result<(), String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(()),
            Some(value) if harmless.contains(value) => Ok(()),
            Some(value) => Err(format!("{name} is {}: {because}", shown(value))),
        }
    }

    /// The row of zeros of an embedding, as a variable: −1 is none.
    ///
    /// A negative number counts from the end: transformers hands `pad_token_id` to `nn.Embedding` as `padding_idx`, which adds the
    /// number of rows to it, and `_init_weights` zeroes that row. So −1 is the last row, and only null is no row. Anything out of
    /// range fails there too.
    pub(super) fn padding(self, default: Option<i64>, rows: Size) -> Result<f64, String> {
        let field = self.get("pad_token_id");
        let token = match field.value {
            None => default,
            Some(Value::Null) => None,
            Some(value) => Some(value.as_i64().ok_or_else(|| field.is_not(&rows_of(rows)))?),
        };
        let rows_signed = i64::from(rows.get());
        #[expect(clippy::cast_precision_loss, reason = "below 2^32")]
        match token {
            None => Ok(-1.0),
            Some(token) if (0..rows_signed).contains(&token) => Ok(token as f64),
            Some(token) if (-rows_signed..0).contains(&token) => Ok((rows_signed + token) as f64),
            Some(token) if field.value.is_none() => {
                Err(format!("pad_token_id is {token} if it is absent, expected {}; write it, or null", rows_of(rows)))
            }
            Some(_) => Err(field.is_not(&rows_of(rows))),
        }
    }

    /// How many classes a classifier has: `num_labels`, else the entries of `id2label`, else the `default`.
    pub(super) fn labels(self, default: u64) -> Result<u64, String> {
        if let Some(number) = self.get("num_labels").unless_null() {
            return number.whole(0, u64::from(u32::MAX));
        }
        match self.get("id2label").unless_null() {
            None => Ok(default),
            Some(Field { value: Some(Value::Object(names)), .. }) if names.is_empty() => {
                Err("id2label is empty, a classifier needs at least one label".to_owned())
            }
            Some(Field { value: Some(Value::Object(names)), .. }) => Ok(names.len() as u64),
            Some(other) => Err(other.is_not("an object with a label for each class")),
        }
    }
}

fn rows_of(rows: Size) -> String {
    format!("null or a whole number from -{rows} to {}, a row of the vocabulary", rows.get() - 1)
}

impl<'a> Field<'a> {
    /// Whether the file has it, also if it is null.
    pub(super) const fn is_present(self) -> bool {
        self.value.is_some()
    }

    pub(super) const fn value(self) -> Option<&'a Value> {
        self.value
    }

    /// Nothing for an absent field and for null.
    pub(super) fn unless_null(self) -> Option<Self> {
        self.value.filter(|value| !value.is_null()).map(|_| self)
    }

    pub(super) fn is_not(self, expected: &str) -> String {
        let name = self.name;
        match self.value {
            None => format!("missing field `{name}`, expected {expected}"),
            Some(value) => format!("{name} is {}, expected {expected}", shown(value)),
        }
    }

    /// A whole number in a range.
    pub(super) fn whole(self, least: u64, most: u64) -> Result<u64, String> {
        let number = self.value.and_then(Value::as_u64).filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.is_not(&format!("a whole number from {least} to {most}")))
    }

    pub(super) fn size(self) -> Result<Size, String> {
        let number = self.whole(1, u64::from(u32::MAX))?;
        let size = u32::try_from(number).ok().and_then(Size::new);
        size.ok_or_else(|| self.is_not("a whole number"))
    }

    pub(super) fn layers(self) -> Result<Layers, String> {
        let number = self.whole(0, u64::from(Layers::MAX))?;
        Layers::try_from(number).map_err(|error| format!("{}: {error}", self.name))
    }

    /// A finite number.
    pub(super) fn number(self) -> Result<f64, String> {
        self.value.and_then(Value::as_f64).ok_or_else(|| self.is_not("a finite number"))
    }

    pub(super) fn flag(self) -> Result<bool, String> {
        self.value.and_then(Value::as_bool).ok_or_else(|| self.is_not("true or false"))
    }

    pub(super) fn text(self) -> Result<&'a str, String> {
        self.value.and_then(Value::as_str).ok_or_else(|| self.is_not("a text"))
    }

    /// A number that is not below zero.
    pub(super) fn scale(self) -> Result<f64, String> {
        let value = self.number()?;
        if value >= 0.0 { Ok(value) } else { Err(self.is_not("a number of 0 or more")) }
    }

    /// The standard deviation of most weights. Where `PreTrainedModel._init_weights` alone reads it, 0 becomes 0.02
    /// (`initializer_range or 0.02`).
    pub(super) fn range(self) -> Result<f64, String> {
        let range = self.scale()?;
        Ok(if range == 0.0 { 0.02 } else { range })
    }

    /// As [`range`](Self::range), of an architecture whose own `_init_weights` reads it too and takes a 0 as it is.
    pub(super) fn own_range(self) -> Result<f64, String> {
        match self.scale()? {
            0.0 => Err(format!(
                "{} is 0, which transformers reads as 0.02 for some weights and as 0 for others: \
                 write a number above 0, or rules for the weights",
                self.name
            )),
            range => Ok(range),
        }
    }

    /// The entries of a list, each by the reader.
    pub(super) fn list<T>(
        self,
        expected: &str,
        read: impl Fn(Field<'_>) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let list = self.value.and_then(Value::as_array).ok_or_else(|| self.is_not(expected))?;
        let entry = |(index, value)| {
            let name = format!("{}[{index}]", self.name);
            read(Field { name: &name, value: Some(value) })
        };
        list.iter().enumerate().map(entry).collect()
    }

    /// Height and width: one size for both, or a list of the two.
    pub(super) fn height_and_width(self) -> Result<[Size; 2], String> {
        let expected = "a size, or a list of height and width";
        if self.value.is_some_and(Value::is_array) {
            let sizes = self.list(expected, |size| size.size())?;
            return <[Size; 2]>::try_from(sizes).map_err(|_| self.is_not(expected));
        }
        self.size().map(|size| [size; 2])
    }
}

/// A value as the file has it, cut where it is long.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
