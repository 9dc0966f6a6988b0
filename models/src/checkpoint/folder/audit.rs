//! Do the files of a folder make one checkpoint? By their headers alone.

use super::seal::SHARDING;
use crate::checkpoint::{Error, Header, Origin, Result, StoredTensor};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;
use xxhash_rust::xxh3::Xxh3;

/// What keeps the files of a folder from being one checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Problem {
    /// A file that the index or the names of others promise is not there.
    MissingFile {
        /// The file.
        file: String,
    },
    /// A file of another job than the first one's.
    OtherJob {
        /// The file.
        file: String,
        /// The first one.
        first: String,
    },
    /// A tensor that the index promises is not in the file that it names.
    MissingTensor {
        /// The tensor.
        tensor: String,
        /// The file.
        file: String,
    },
    /// A tensor, or some of its elements, are in two files.
    RepeatedTensor {
        /// The tensor.
        tensor: String,
        /// The files.
        files: [String; 2],
    },
    /// A tensor that the index does not list, or lists in another file.
    UnlistedTensor {
        /// The tensor.
        tensor: String,
        /// The file that has it.
        file: String,
    },
    /// Parts that do not make the whole of a tensor.
    MissingElements {
        /// The tensor.
        tensor: String,
        /// Elements of all parts.
        found: u64,
        /// Elements of the whole.
        whole: u64,
    },
    /// Parts of tensors of several shapes.
    OtherShape {
        /// The tensor.
        tensor: String,
        /// The file whose part has another shape than the first.
        file: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFile { file } => write!(f, "the file {file} is missing"),
            Self::OtherJob { file, first } => write!(f, "{file} was made by another job than {first}"),
            Self::MissingTensor { tensor, file } => {
                write!(f, "the tensor {tensor} is missing in {file}, where the index has it")
            }
            Self::RepeatedTensor { tensor, files: [a, b] } => write!(f, "the tensor {tensor} is in {a} and in {b}"),
            Self::UnlistedTensor { tensor, file } => {
                write!(f, "the tensor {tensor} is in {file}, where the index does not have it")
            }
            Self::MissingElements { tensor, found, whole } => {
                write!(f, "of the tensor {tensor} there are {found} of {whole} elements")
            }
            Self::OtherShape { tensor, file } => {
                write!(f, "the part of the tensor {tensor} in {file} is of another shape than the first")
            }
        }
    }
}

/// Which tensor is in which file: `model.safetensors.index.json`.
#[derive(Debug, Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

/// What stands in the way of reading these files as one checkpoint, nothing for a good one: files, tensors and parts of tensors that are missing,
/// extra or there twice. `index` is the text of `model.safetensors.index.json`, if there is one.
///
/// Files of any origin can be looked at; of PyTorch's sharded ones the parts are known by their offsets.
///
/// # Errors
/// [`Error::Metadata`] for an index, offsets or parts that cannot be read.
pub fn audit(files: &[(String, Header)], index: Option<&str>) -> Result<Vec<Problem>> {
    let mut problems = BTreeSet::new();
    let there: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for file in files.iter().flat_map(|(name, _)| neighbours(name)).filter(|file| !there.contains(&**file)) {
        problems.insert(Problem::MissingFile { file });
    }
    if let Some((first, header)) = files.first() {
        let others = files.iter().filter(|(_, other)| other.job() != header.job());
        problems.extend(others.map(|(file, _)| Problem::OtherJob { file: file.clone(), first: first.clone() }));
    }
    let mut parts: HashMap<&str, Vec<Part<'_>>> = HashMap::new();
    for (file, header) in files {
        let known = Known::of(header)?;
        for tensor in header.tensors() {
            parts.entry(&tensor.name).or_default().push(known.part(file, tensor)?);
        }
    }
    for (tensor, parts) in &mut parts {
        compare(tensor, parts, &mut problems);
    }
    if let Some(text) = index {
        let index: Index = serde_json::from_str(text)
            .map_err(|error| Error::Metadata { reason: format!("the index cannot be read: {error}") })?;
        let is_in = |tensor: &str, file: &str| {
            parts.get(tensor).is_some_and(|parts| parts.iter().any(|part| part.file == file))
        };
        for (tensor, file) in &index.weight_map {
            if !there.contains(file.as_str()) {
                problems.insert(Problem::MissingFile { file: file.clone() });
            } else if !is_in(tensor, file) {
                problems.insert(Problem::MissingTensor { tensor: tensor.clone(), file: file.clone() });
            }
        }
        for (tensor, part) in parts.iter().flat_map(|(tensor, parts)| parts.iter().map(move |part| (tensor, part))) {
            if index.weight_map.get(*tensor).map(String::as_str) != Some(part.file) {
                let (tensor, file) = ((*tensor).to_owned(), part.file.to_owned());
                problems.insert(Problem::UnlistedTensor { tensor, file });
            }
        }
    }
    Ok(problems.into_iter().collect())
}

/// The boxes that a file has of tensors, by name, each the first and the end of every axis in the whole: of tensors that are cut, as this
/// crate's metadata or those of PyTorch's distributed checkpoint (`DCP_SHARDING_INFO`) say.
///
/// # Errors
/// [`Error::Metadata`] for offsets that cannot be read.
pub fn parts(header: &Header) -> Result<BTreeMap<String, Vec<Range<u64>>>> {
    let known = Known::of(header)?;
    let mut parts = BTreeMap::new();
    for tensor in header.tensors() {
        let is_cut = known.offsets.is_some()
            || known.origin.as_ref().is_some_and(|origin| origin.box_of(&tensor.name).is_some());
        if is_cut {
            parts.insert(tensor.name.clone(), known.part("the file", tensor)?.ranges);
        }
    }
    Ok(parts)
}

/// One digest of several files, XXH3-128: of their names and [identities](Header::identity), in this order.
#[must_use]
pub fn identity_of<'a>(files: impl IntoIterator<Item = (&'a str, u128)>) -> u128 {
    let mut all = Xxh3::new();
    for (name, identity) in files {
        all.update(&(name.len() as u64).to_le_bytes());
        all.update(name.as_bytes());
        all.update(&identity.to_le_bytes());
    }
    all.digest128()
}

/// The files that a name promises by its numbers: `…-00002-of-00003.safetensors` has two others.
fn neighbours(name: &str) -> Vec<String> {
    let numbers = || {
        let (front, count) = name.strip_suffix(".safetensors")?.rsplit_once("-of-")?;
        let (front, number) = front.rsplit_once('-')?;
        let (number, count): (u32, u32) = (number.parse().ok()?, count.parse().ok()?);
        // A name may claim anything.
        (1..=count).contains(&number).then_some((front, count)).filter(|(_, count)| *count <= 1 << 16)
    };
    let of = |(front, count): (&str, u32)| {
        (1..=count).map(|number| format!("{front}-{number:05}-of-{count:05}.safetensors")).collect()
    };
    numbers().map(of).unwrap_or_default()
}

/// What a file has of a tensor.
struct Part<'a> {
    file: &'a str,
    ranges: Vec<Range<u64>>,
    /// If that is known.
    whole: Option<Vec<u64>>,
}

impl Part<'_> {
    fn elements(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).fold(1, u64::saturating_mul)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let mut axes = self.ranges.iter().zip(&other.ranges);
        self.elements() > 0 && other.elements() > 0 && axes.all(|(a, b)| a.start < b.end && b.start < a.end)
    }
}

/// What a header says of parts.
struct Known {
    /// Of a file that this crate has written.
    origin: Option<Origin>,
    /// Of PyTorch's sharded files.
    offsets: Option<HashMap<String, Offsets>>,
}

#[derive(Debug, Deserialize)]
struct Offsets {
    saved_offsets: Vec<u64>,
}

impl Known {
    fn of(header: &Header) -> Result<Self> {
        let offsets = header.metadata().get(SHARDING).map(|text| serde_json::from_str(text)).transpose();
        let offsets =
            offsets.map_err(|error| Error::Metadata { reason: format!("{SHARDING} in the metadata: {error}") })?;
        Ok(Self { origin: Origin::from_metadata(header.metadata()).ok(), offsets })
    }

    fn part<'a>(&self, file: &'a str, tensor: &StoredTensor) -> Result<Part<'a>> {
        let dims = tensor.shape.dims();
        if let Some((whole, ranges)) = self.origin.as_ref().and_then(|origin| origin.box_of(&tensor.name)) {
            return Ok(Part { file, ranges, whole: Some(whole) });
        }
        let Some(offsets) = &self.offsets else {
            let ranges = dims.iter().map(|size| 0..*size).collect();
            return Ok(Part { file, ranges, whole: Some(dims.to_vec()) });
        };
        let invalid = |what: &str| Error::Metadata { reason: format!("{SHARDING} in the metadata of {file} {what}") };
        let offsets = offsets.get(&tensor.name).ok_or_else(|| invalid(&format!("lacks the tensor {}", tensor.name)))?;
        let range = |(offset, size): (&u64, &u64)| Some(*offset..offset.checked_add(*size)?);
        let ranges: Option<Vec<_>> = offsets.saved_offsets.iter().zip(dims).map(range).collect();
        let ranges = ranges.filter(|_| offsets.saved_offsets.len() == dims.len());
        let ranges = ranges.ok_or_else(|| invalid(&format!("has no offsets of the tensor {}", tensor.name)))?;
        Ok(Part { file, ranges, whole: None })
    }
}

/// Whether parts make a whole, which without better knowledge is what the farthest of them reaches.
fn compare(tensor: &str, parts: &mut [Part<'_>], problems: &mut BTreeSet<Problem>) {
    let Some(first) = parts.first() else { return };
    let (rank, whole) = (first.ranges.len(), first.whole.clone());
    let tensor_of = || tensor.to_owned();
    if let Some(other) = parts.iter().find(|part| part.ranges.len() != rank || part.whole != whole) {
        problems.insert(Problem::OtherShape { tensor: tensor_of(), file: other.file.to_owned() });
        return;
    }
    let reach = |axis: usize| parts.iter().map(|part| part.ranges[axis].end).max().unwrap_or(0);
    let whole = whole.unwrap_or_else(|| (0..rank).map(reach).collect());
    parts.sort_by_key(|part| part.ranges.first().map_or(0, |range| range.start));
    // Those that reach as far as the next one begins.
    let mut active: Vec<usize> = Vec::new();
    for at in 0..parts.len() {
        let start = parts[at].ranges.first().map_or(0, |range| range.start);
        active.retain(|before| parts[*before].ranges.first().is_none_or(|range| range.end > start));
        if let Some(before) = active.iter().find(|before| parts[**before].overlaps(&parts[at])) {
            let mut files = [parts[*before].file.to_owned(), parts[at].file.to_owned()];
            files.sort();
            problems.insert(Problem::RepeatedTensor { tensor: tensor_of(), files });
            return;
        }
        active.push(at);
    }
    let found = parts.iter().map(Part::elements).fold(0, u64::saturating_add);
    let whole = whole.into_iter().fold(1, u64::saturating_mul);
    if found != whole {
        problems.insert(Problem::MissingElements { tensor: tensor_of(), found, whole });
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Problem, compare, neighbours};
    use std::collections::BTreeSet;

    fn problems(parts: &[(&'static str, &[(u64, u64)])]) -> Vec<Problem> {
        let ranges = |ranges: &[(u64, u64)]| ranges.iter().map(|(start, end)| *start..*end).collect();
        let part = |(file, of): &(&'static str, &[(u64, u64)])| Part { file, ranges: ranges(of), whole: None };
        let (mut parts, mut found) = (parts.iter().map(part).collect::<Vec<_>>(), BTreeSet::new());
        compare("w", &mut parts, &mut found);
        found.into_iter().collect()
    }

    #[test]
    fn parts_make_a_whole() {
        let (tensor, files) = ("w".to_owned(), ["a".to_owned(), "b".to_owned()]);
        assert_eq!(problems(&[("b", &[(3, 5), (0, 4)]), ("a", &[(0, 3), (0, 4)])]), []);
        assert_eq!(problems(&[("b", &[(0, 5), (2, 4)]), ("a", &[(0, 5), (0, 2)])]), []);
        let whole = Problem::RepeatedTensor { tensor: tensor.clone(), files };
        let whole = [whole];
        assert_eq!(problems(&[("b", &[(2, 5), (0, 4)]), ("a", &[(0, 3), (0, 4)])]), whole);
        assert_eq!(problems(&[("a", &[]), ("b", &[])]), whole, "two scalars");
        let missing = Problem::MissingElements { tensor: tensor.clone(), found: 16, whole: 20 };
        assert_eq!(problems(&[("a", &[(0, 2), (0, 4)]), ("b", &[(3, 5), (0, 4)])]), [missing]);
        let other = Problem::OtherShape { tensor, file: "b".to_owned() };
        assert_eq!(problems(&[("a", &[(0, 2), (0, 4)]), ("b", &[(2, 5)])]), [other]);
    }

    #[test]
    fn names_promise_others() {
        assert_eq!(
            neighbours("m-00002-of-00002.safetensors"),
            ["m-00001-of-00002.safetensors", "m-00002-of-00002.safetensors"]
        );
        for name in
            ["model.safetensors", "a-3-of-2.safetensors", "x-of-00002.safetensors", "a-00001-of-99999999.safetensors"]
        {
            assert_eq!(neighbours(name), [""; 0], "{name}");
        }
    }
}
