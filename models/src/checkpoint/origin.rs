//! How a checkpoint was initialised: what `init` writes into the metadata and `verify` reads back.

use super::{Error, Header, Kept, Layout, Result, StoredTensor, Tensor};
use crate::rules::UNNAMED;
use crate::{Assignment, Drawn, Experts, FloatDType, IntegerDType, Integers, Parameter, Recipe, StoredDType, Values};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::ops::Range;
use wgpu_init::{Initializer, Part, Seed, Shape, VALUES_VERSION};

/// What decides the values of a checkpoint besides its tensors' own assignments.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The model's, before the member is folded in.
    seed: Seed,
    /// Of an ensemble.
    member: Option<u64>,
    /// Key and text of the metadata, e.g. `wgpu_init.recipe` and `gpt2`.
    scheme: (&'static str, String),
    /// What each tensor is drawn from; empty if one initializer says it all.
    tensors: BTreeMap<String, Stored>,
    /// Of which tensors the file holds a box only, or the axes in another order.
    shards: BTreeMap<String, StoredShard>,
    /// What comes from another checkpoint: its name there, and how many elements.
    kept: BTreeMap<String, (String, u64)>,
}

/// The whole of a tensor, and what the file has of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StoredShard {
    shape: Vec<u64>,
    /// First position and the one after the last, for each axis.
    ranges: Vec<(u64, u64)>,
    /// The axes of the whole as they lie in the file, the outermost first; none for row-major order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order: Option<Vec<usize>>,
}

/// What decided how tensors are initialised.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// One initializer for all of them.
    Init(Initializer),
    /// A recipe.
    Recipe(Recipe),
    /// Rules of this name.
    Rules(String),
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Init(initializer) => write!(f, "{initializer}"),
            Self::Recipe(recipe) => write!(f, "recipe {recipe}"),
            Self::Rules(name) => f.write_str(&named_rules(name)),
        }
    }
}

fn named_rules(name: &str) -> String {
    if name == UNNAMED { "unnamed rules".to_owned() } else { format!("rules {name}") }
}

/// What a tensor is drawn from: an initializer, or that and what else is unusual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Init(String),
    Unusual {
        init: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stream: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u64>,
        /// First element, element after the last, initializer.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<(u64, u64, String)>,
        /// Names of the weights of a stacked tensor's experts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        experts: Vec<String>,
    },
}

const SEED: &str = "wgpu_init.seed";
const MEMBER: &str = "wgpu_init.member";
const INIT: &str = "wgpu_init.init";
const RECIPE: &str = "wgpu_init.recipe";
const RULES: &str = "wgpu_init.rules";
const TENSORS: &str = "wgpu_init.tensors";
pub(super) const SHARDS: &str = "wgpu_init.shards";
const KEPT: &str = "wgpu_init.kept";
const VALUES: &str = "wgpu_init.values_version";
const CRATE: &str = "wgpu_init.crate_version";

impl Origin {
    /// Of a layout that a scheme gave. `member`: a member of an ensemble, whose number is folded into the seed so that
    /// members are independent; `None` for a model alone.
    #[must_use]
    pub fn new(seed: Seed, member: Option<u64>, scheme: &Scheme, layout: &Layout) -> Self {
        let (scheme, tensors) = match scheme {
            Scheme::Init(initializer) => ((INIT, initializer.to_string()), BTreeMap::new()),
            Scheme::Recipe(recipe) => ((RECIPE, recipe.to_string()), stored(layout)),
            Scheme::Rules(name) => ((RULES, name.clone()), stored(layout)),
        };
        Self { seed, member, scheme, tensors, shards: stored_shards(layout), kept: stored_kept(layout) }
    }

    /// The seed that is drawn with.
    #[must_use]
    pub const fn effective_seed(&self) -> Seed {
        match self.member {
            Some(member) => self.seed.fold_in(member),
            None => self.seed,
        }
    }

    /// For people: scheme and seed.
    #[must_use]
    pub fn describe(&self) -> String {
        let (key, text) = &self.scheme;
        let scheme = match *key {
            INIT => text.clone(),
            RECIPE => format!("recipe {text}"),
            _ => named_rules(text),
        };
        let member = self.member.map_or_else(String::new, |member| format!(", member {member}"));
        format!("{scheme}, seed {}{member}", self.seed.get())
    }

    /// The entries of `__metadata__`. `format` is what other tools ask for.
    ///
    /// # Errors
    /// [`Error::Metadata`]; none is known.
    pub fn metadata(&self) -> Result<BTreeMap<String, String>> {
        let (key, text) = &self.scheme;
        let mut entries = BTreeMap::from([
            ("format", "pt".to_owned()),
            (SEED, self.seed.get().to_string()),
            (*key, text.clone()),
            (VALUES, VALUES_VERSION.to_string()),
            (CRATE, env!("CARGO_PKG_VERSION").to_owned()),
        ]);
        if let Some(member) = self.member {
            entries.insert(MEMBER, member.to_string());
        }
        if *key != INIT {
            let json = serde_json::to_string(&self.tensors);
            entries.insert(TENSORS, json.map_err(|error| invalid(format!("{TENSORS}: {error}")))?);
        }
        if !self.shards.is_empty() {
            let json = serde_json::to_string(&self.shards);
            entries.insert(SHARDS, json.map_err(|error| invalid(format!("{SHARDS}: {error}")))?);
        }
        if !self.kept.is_empty() {
            let json = serde_json::to_string(&self.kept);
            entries.insert(KEPT, json.map_err(|error| invalid(format!("{KEPT}: {error}")))?);
        }
        Ok(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Reads the entries back.
    ///
    /// # Errors
    /// [`Error::Metadata`] for entries that are missing, malformed or of another version of the value contract.
    pub fn from_metadata(metadata: &BTreeMap<String, String>) -> Result<Self> {
        let get = |key: &str| {
            let missing =
                || invalid(format!("the metadata has no {key}: this checkpoint was not written by `wgpu-init init`"));
            metadata.get(key).ok_or_else(missing)
        };
        let number = |what: &str, text: &String| {
            text.parse::<u64>().map_err(|error| invalid(format!("the {what} in the metadata is no number: {error}")))
        };
        let version = get(VALUES)?;
        if *version != VALUES_VERSION.to_string() {
            let crate_version = metadata.get(CRATE).map_or("another version", String::as_str);
            return Err(invalid(format!(
                "the checkpoint has values version {version}, this program computes version {VALUES_VERSION}: verify it with \
                 wgpu-init {crate_version}"
            )));
        }
        let seed = Seed::new(number("seed", get(SEED)?)?);
        let member = metadata.get(MEMBER).map(|text| number("ensemble member", text)).transpose()?;
        let mut schemes = [INIT, RECIPE, RULES].into_iter().filter_map(|key| Some((key, metadata.get(key)?.clone())));
        let (Some(scheme), None) = (schemes.next(), schemes.next()) else {
            return Err(invalid(format!("the metadata must have one of {INIT}, {RECIPE} and {RULES}")));
        };
        let tensors = if scheme.0 == INIT {
            BTreeMap::new()
        } else {
            let tensors = serde_json::from_str(get(TENSORS)?);
            tensors.map_err(|error| invalid(format!("{TENSORS} in the metadata: {error}")))?
        };
        let shards = metadata.get(SHARDS).map_or_else(|| Ok(BTreeMap::new()), |text| serde_json::from_str(text));
        let shards = shards.map_err(|error| invalid(format!("{SHARDS} in the metadata: {error}")))?;
        let kept = metadata.get(KEPT).map_or_else(|| Ok(BTreeMap::new()), |text| serde_json::from_str(text));
        let kept = kept.map_err(|error| invalid(format!("{KEPT} in the metadata: {error}")))?;
        Ok(Self { seed, member, scheme, tensors, shards, kept })
    }

    /// That the file has every tensor that the metadata list.
    pub(super) fn check_names(&self, header: &Header) -> Result<()> {
        let names: HashSet<&str> = header.tensors().iter().map(|tensor| tensor.name.as_str()).collect();
        match self
            .tensors
            .keys()
            .chain(self.shards.keys())
            .chain(self.kept.keys())
            .find(|name| !names.contains(name.as_str()))
        {
            Some(name) => Err(invalid(format!("the file lacks the tensor {name:?} that its metadata list"))),
            None => Ok(()),
        }
    }

    /// The whole shape of a tensor of which the file has a box only, or another order of its axes, and the box.
    pub(super) fn box_of(&self, name: &str) -> Option<(Vec<u64>, Vec<Range<u64>>)> {
        let StoredShard { shape, ranges, .. } = self.shards.get(name)?;
        // Anybody's numbers.
        let range = |(start, end): &(u64, u64)| (start <= end).then_some(*start..*end);
        Some((shape.clone(), ranges.iter().map(range).collect::<Option<_>>()?))
    }

    /// A tensor of a file, as the metadata describe it.
    pub(super) fn tensor(&self, stored: &StoredTensor) -> Result<Tensor> {
        if let Some((name, elements)) = self.kept.get(&stored.name) {
            return self.partly_kept(stored, name, *elements);
        }
        let Some(shard) = self.shards.get(&stored.name) else { return self.whole(stored, &stored.shape) };
        let ranges: Vec<_> = shard.ranges.iter().map(|(start, end)| *start..*end).collect();
        let mut tensor = self.whole(stored, &Shape::new(&shard.shape[..])?)?.with_shard(&ranges)?;
        if let Some(order) = &shard.order {
            tensor = tensor.permuted(order)?;
        }
        if *tensor.shape() != stored.shape {
            let (found, expected) = (stored.shape.dims(), tensor.shape().dims());
            let reason = format!("the file has the shape {found:?}, {SHARDS} in its metadata say {expected:?}");
            return Err(invalid(reason));
        }
        Ok(tensor)
    }

    /// A tensor of which another checkpoint had so many elements.
    fn partly_kept(&self, stored: &StoredTensor, name: &str, elements: u64) -> Result<Tensor> {
        let of = || invalid(format!("{KEPT} in the metadata: {elements} elements are no rows of {}", stored.name));
        let kept = Kept::stored(name.to_owned(), elements, &stored.shape).ok_or_else(of)?;
        if elements == stored.shape.elements() {
            return Tensor::wholly_kept(Parameter::new(&stored.name, stored.shape.clone()), &stored.dtype, kept);
        }
        Ok(self.whole(stored, &stored.shape)?.with_kept(kept))
    }

    /// All of a tensor, of which the file may hold a part.
    fn whole(&self, StoredTensor { name, dtype, .. }: &StoredTensor, shape: &Shape) -> Result<Tensor> {
        let all = (self.scheme.0 == INIT).then(|| Stored::Init(self.scheme.1.clone()));
        let stored = all.as_ref().or_else(|| self.tensors.get(name));
        let stored = stored.ok_or_else(|| invalid(format!("{TENSORS} in the metadata lacks the tensor {name:?}")))?;
        let (init, stream, seed, parts, experts) = match stored {
            Stored::Init(init) => (init, None, None, [].as_slice(), [].as_slice()),
            Stored::Unusual { init, stream, seed, parts, experts } => {
                (init, stream.clone(), *seed, parts.as_slice(), experts.as_slice())
            }
        };
        let parameter = Parameter::new(name, shape.clone());
        let dtype = match dtype.parse()? {
            StoredDType::Float(dtype) => dtype,
            StoredDType::Integer(dtype) => {
                if matches!(stored, Stored::Unusual { .. }) {
                    return Err(invalid(format!("{dtype} has neither a stream nor a seed nor parts")));
                }
                let values = Values::Integers(integers(dtype, init, shape)?);
                return Tensor::new(
                    Assignment { parameter, values, dtype: None, seed: None, rule: 0 },
                    FloatDType::F64,
                );
            }
        };
        let initializer: Initializer = init.parse()?;
        let experts = (!experts.is_empty()).then(|| Experts::new(shape, experts.to_vec())).transpose()?;
        let weight = experts.as_ref().map(|experts| experts.weight(shape)).transpose()?;
        let values = Values::Drawn(Drawn {
            initializer,
            distribution: initializer.distribution(weight.as_ref().unwrap_or(shape))?,
            parts: stored_parts(shape, parts)?,
            stream: stream.unwrap_or_else(|| name.to_owned()),
            tied_to: None,
            experts: experts.map(Box::new),
        });
        let seed = seed.map(Seed::new);
        Tensor::new(Assignment { parameter, values, dtype: None, seed, rule: 0 }, dtype)
    }
}

fn invalid(reason: String) -> Error {
    Error::Metadata { reason }
}

/// Integers or bools as the metadata describe them.
fn integers(dtype: IntegerDType, init: &str, shape: &Shape) -> Result<Integers> {
    if init == Integers::ARANGE {
        return Ok(Integers::arange(dtype, shape)?);
    }
    Ok(Integers::of(dtype, &init.parse::<Initializer>()?.distribution(shape)?)?)
}

/// The parts that the metadata have, which are anybody's: they must be whole rows of the tensor, inside it and disjoint.
fn stored_parts(shape: &Shape, stored: &[(u64, u64, String)]) -> Result<Vec<Part>> {
    let rows = shape.dims().first().copied().unwrap_or(0);
    let row = shape.elements().checked_div(rows).unwrap_or(0);
    let mut blocks = Vec::with_capacity(stored.len());
    for (start, end, init) in stored {
        let (start, end) = (*start, *end);
        // A row of no elements is in no part.
        let whole = |element: u64| element.checked_rem(row) == Some(0);
        if !(whole(start) && whole(end)) {
            return Err(Error::PartOfRow { start, end, row });
        }
        blocks.push((start / row..end / row, init.parse()?));
    }
    Ok(Part::blocks(shape, blocks)?)
}

/// What a layout has of tensors that are not there as a whole in row-major order.
fn stored_shards(layout: &Layout) -> BTreeMap<String, StoredShard> {
    let stored = |(tensor, _): &(Tensor, _)| {
        let shard = tensor.shard()?;
        let ranges = shard.ranges().into_iter().map(|range| (range.start, range.end)).collect();
        let order = shard.is_permuted().then(|| shard.order().to_vec());
        Some((tensor.name().to_owned(), StoredShard { shape: shard.whole().dims().to_vec(), ranges, order }))
    };
    layout.tensors().iter().filter_map(stored).collect()
}

/// What a layout has from another checkpoint.
fn stored_kept(layout: &Layout) -> BTreeMap<String, (String, u64)> {
    let kept = |(tensor, _): &(Tensor, _)| {
        let kept = tensor.from_elsewhere()?;
        Some((tensor.name().to_owned(), (kept.name().to_owned(), kept.elements())))
    };
    layout.tensors().iter().filter_map(kept).collect()
}

/// What each tensor of a layout is drawn from.
fn stored(layout: &Layout) -> BTreeMap<String, Stored> {
    let mut all = BTreeMap::new();
    for (tensor, _) in layout.tensors() {
        let Assignment { parameter, values, seed, .. } = tensor.assignment();
        let drawn = match values {
            Values::Drawn(drawn) => drawn,
            Values::Integers(integers) => {
                all.insert(parameter.name.clone(), Stored::Init(integers.to_string()));
                continue;
            }
            Values::Skipped => continue,
        };
        let init = drawn.distribution.to_string();
        let stream = Some(drawn.stream.clone()).filter(|stream| *stream != parameter.name);
        let part = |part: &Part| (part.elements().start, part.elements().end, part.distribution().to_string());
        let parts: Vec<_> = drawn.parts.iter().map(part).collect();
        let experts = drawn.experts.as_ref().map_or_else(Vec::new, |experts| experts.names.clone());
        let usual = stream.is_none() && seed.is_none() && parts.is_empty() && experts.is_empty();
        let stored = if usual {
            Stored::Init(init)
        } else {
            Stored::Unusual { init, stream, seed: seed.map(Seed::get), parts, experts }
        };
        all.insert(parameter.name.clone(), stored);
    }
    all
}
