//! Where each tensor stands in the data section, and the bytes in front of it.

use super::contents::{CONTENTS, Contents};
use super::header::{METADATA, MOST_HEADER_BYTES};
use super::{Drawer, Error, Header, Kept, Origin, Result, Shard, Tensor};
use safetensors::tensor::TensorInfo;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use wgpu_init::{DType, Fill, Seed, Shape};

/// Tensors and their places in the data section.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    tensors: Vec<(Tensor, Range<u64>)>,
    size: u64,
}

impl Layout {
    /// The layout that `safetensors` itself writes: by descending alignment of the dtype, then by name. Skipped tensors have no
    /// place.
    ///
    /// # Errors
    /// [`Error::TooLarge`]; [`Error::Tensor`] around [`Error::UnreadableShape`]; [`Error::DuplicateTensor`] for names that no reader would
    /// accept.
    pub fn new(mut tensors: Vec<Tensor>) -> Result<Self> {
        tensors.retain(Tensor::is_stored);
        let mut names = HashSet::with_capacity(tensors.len());
        for tensor in &tensors {
            if !names.insert(tensor.name()) {
                return Err(Error::DuplicateTensor { name: tensor.name().to_owned() });
            }
        }
        tensors.sort_by(|a, b| (b.stored_dtype(), a.name()).cmp(&(a.stored_dtype(), b.name())));
        let mut end = 0u64;
        let mut placed = Vec::with_capacity(tensors.len());
        for tensor in tensors {
            let start = end;
            end = start.checked_add(tensor.size()?).ok_or(Error::TooLarge { what: "model" })?;
            placed.push((tensor, start..end));
        }
        Ok(Self { tensors: placed, size: end })
    }

    /// The tensors where they stand in a file, drawn from what its metadata name.
    ///
    /// # Errors
    /// [`Error::Tensor`] around what is wrong with one: a dtype that is not drawn, no entry in the metadata, parts that are no rows.
    /// [`Error::Metadata`] for a tensor that the file lacks; [`Error::OtherContents`] if anything else of the header is not what was
    /// written: a name, a shape, the order, an entry too many.
    pub fn stored(header: &Header, origin: &Origin) -> Result<Self> {
        origin.check_names(header)?;
        let first = header.data();
        let mut tensors = Vec::with_capacity(header.tensors().len());
        for stored in header.tensors() {
            let tensor = origin.tensor(stored).map_err(|error| match error {
                error @ Error::Tensor { .. } => error,
                error => error.in_tensor(&stored.name),
            })?;
            tensors.push((tensor, stored.bytes.start - first..stored.bytes.end - first));
        }
        let (found, written) = (header.contents().text_of(), header.metadata().get(CONTENTS));
        match written {
            Some(written) if *written == found => {}
            Some(written) => return Err(Error::OtherContents { found, written: written.clone() }),
            None => return Err(Error::Metadata { reason: format!("the metadata have no {CONTENTS}") }),
        }
        let size = tensors.last().map_or(0, |(_, bytes)| bytes.end);
        Ok(Self { tensors, size })
    }

    /// The tensors of a model where they stand in a file, whatever its metadata say: one that another program has written.
    ///
    /// # Errors
    /// [`Error::Tensor`] around [`Error::OtherTensor`] for the first that file and model do not share; [`Error::DuplicateTensor`].
    pub fn found(header: &Header, tensors: Vec<Tensor>) -> Result<Self> {
        let first = header.data();
        let model = Self::new(tensors)?;
        let mut tensors: BTreeMap<_, _> =
            model.tensors.into_iter().map(|(tensor, _)| (tensor.name().to_owned(), tensor)).collect();
        let mut placed = Vec::with_capacity(tensors.len());
        for stored in header.tensors() {
            let found = describe(&stored.dtype, &stored.shape);
            let tensor = tensors.remove(&stored.name);
            let expected = tensor.as_ref().map(|tensor| describe(&tensor.stored_dtype().to_string(), tensor.shape()));
            match tensor {
                Some(tensor) if expected.as_ref() == Some(&found) => {
                    placed.push((tensor, stored.bytes.start - first..stored.bytes.end - first));
                }
                _ => return Err(Error::OtherTensor { found: Some(found), expected }.in_tensor(&stored.name)),
            }
        }
        if let Some((name, tensor)) = tensors.first_key_value() {
            let expected = Some(describe(&tensor.stored_dtype().to_string(), tensor.shape()));
            return Err(Error::OtherTensor { found: None, expected }.in_tensor(name));
        }
        let size = placed.last().map_or(0, |(_, bytes)| bytes.end);
        Ok(Self { tensors: placed, size })
    }

    /// The tensors in file order with their bytes in the data section, which are contiguous.
    #[must_use]
    pub fn tensors(&self) -> &[(Tensor, Range<u64>)] {
        &self.tensors
    }

    /// Bytes of the data section.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Elements of all tensors, as far as the file holds them.
    #[must_use]
    pub fn parameters(&self) -> u64 {
        self.tensors.iter().map(|(tensor, _)| tensor.shape().elements()).sum()
    }

    /// How many tensors are [in part](Shard::is_part), and the elements of all tensors with what those are of; none without parts.
    #[must_use]
    pub fn shards(&self) -> Option<(usize, u64)> {
        let shards = self.held().filter(|shard| shard.is_part()).count();
        let whole = |(tensor, _): &(Tensor, _)| tensor.assignment().parameter.shape.elements();
        let all = self.tensors.iter().map(whole).fold(0, u64::saturating_add);
        (shards > 0).then_some((shards, all))
    }

    /// How many tensors come from another checkpoint, and how many elements of them all; none without any.
    #[must_use]
    pub fn kept(&self) -> Option<(usize, u64)> {
        let kept = || self.tensors.iter().filter_map(|(tensor, _)| tensor.from_elsewhere());
        let elements = kept().map(Kept::elements).fold(0, u64::saturating_add);
        (kept().count() > 0).then(|| (kept().count(), elements))
    }

    /// How many tensors have their axes [in another order](Shard::is_permuted).
    #[must_use]
    pub fn permuted(&self) -> usize {
        self.held().filter(|shard| shard.is_permuted()).count()
    }

    /// Of the tensors that are not there as a whole in row-major order.
    fn held(&self) -> impl Iterator<Item = &Shard> {
        self.tensors.iter().filter_map(|(tensor, _)| tensor.shard())
    }

    /// What stands before the data section: the header's length and the header. Same model, same bytes.
    ///
    /// The metadata get one entry more, `wgpu_init.contents`: a digest of the others and of the list of tensors.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for sizes that the platform's `usize` does not hold; [`Error::Header`] for a header that no reader would
    /// accept, being larger than 100 MB.
    pub fn header(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>> {
        let contents = self.contents(Contents::new(metadata));
        let mut metadata = metadata.clone();
        metadata.insert(CONTENTS.to_owned(), contents.text_of());
        let json = serde_json::to_vec(&Json { layout: self, metadata: &metadata });
        let mut json = json.map_err(|_| Error::TooLarge { what: "model" })?;
        json.resize(json.len().next_multiple_of(8), b' ');
        if json.len() as u64 > MOST_HEADER_BYTES {
            let (got, tensors) = (json.len(), self.tensors.len());
            let reason = format!(
                "the header of {tensors} tensors has {got} bytes, readers take {MOST_HEADER_BYTES}: write several files"
            );
            return Err(Error::Header { reason });
        }
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.append(&mut json);
        Ok(bytes)
    }

    /// The digest with what a header says of these tensors.
    pub(super) fn contents(&self, mut contents: Contents) -> Contents {
        for (tensor, bytes) in &self.tensors {
            contents.add(tensor.name(), &tensor.stored_dtype().to_string(), tensor.shape().dims(), bytes);
        }
        contents
    }

    /// Bytes of the largest tensor that should be in one chunk, for a [`Drawer`](super::Drawer): each chunk that holds a part of an
    /// orthogonal matrix costs as much as all of it. 0 if there is none.
    #[must_use]
    pub fn largest_whole(&self) -> u64 {
        let whole = self.tensors.iter().filter(|(tensor, _)| tensor.is_whole());
        whole.map(|(_, bytes)| bytes.end - bytes.start).max().unwrap_or(0)
    }

    /// Where a chunk of at most `most` bytes from `start` on ends: in front of a tensor that fits whole into the next one, since what is
    /// drawn in two parts costs an orthogonal matrix twice; and where it would go on from what executors write to what the host makes, or
    /// back.
    pub(super) fn chunk_end(&self, start: u64, most: u64) -> u64 {
        let end = self.end_of_kind(start, self.size.min(start.saturating_add(most)));
        let cut = self.tensors.partition_point(|(_, bytes)| bytes.end <= end);
        match self.tensors.get(cut) {
            Some((_, bytes)) if start < bytes.start && bytes.start < end && bytes.end - bytes.start <= most => {
                bytes.start
            }
            _ => end,
        }
    }

    /// Where something else must make the bytes behind `start`, up to `end`.
    fn end_of_kind(&self, start: u64, end: u64) -> u64 {
        let mut stretches = self.stretches(start..end);
        let Some(first) = stretches.next() else { return end };
        // Each stretch of another checkpoint is read by itself.
        let is_other = |stretch: &Stretch<'_>| stretch.kind != first.kind || first.kind == Kind::Kept;
        stretches.find(is_other).map_or(end, |other| other.bytes.start)
    }

    /// The tensors of a part of the data section, which ends where it ends, each in one or two stretches that one maker makes.
    fn stretches(&self, chunk: Range<u64>) -> impl Iterator<Item = Stretch<'_>> {
        let first = self.tensors.partition_point(|(_, bytes)| bytes.end <= chunk.start);
        let inside = self.tensors[first..].iter().take_while(move |(_, bytes)| bytes.start < chunk.end);
        let both = inside.flat_map(|(tensor, bytes)| {
            let kept = tensor.from_elsewhere().map_or(0, |kept| kept.elements() * tensor.dtype().size());
            let kind = if tensor.in_place().is_some() { Kind::Executor } else { Kind::Host };
            let (cut, start) = (bytes.start + kept, bytes.start);
            [(Kind::Kept, start..cut), (kind, cut..bytes.end)].map(|(kind, bytes)| Stretch {
                tensor,
                kind,
                bytes,
                tensor_start: start,
            })
        });
        both.filter_map(move |stretch| {
            let bytes = stretch.bytes.start.max(chunk.start)..stretch.bytes.end.min(chunk.end);
            (!bytes.is_empty()).then_some(Stretch { bytes, ..stretch })
        })
    }

    /// Whether these bytes, which end as [`chunk_end`](Self::chunk_end) says, come from another checkpoint.
    pub(super) fn is_kept(&self, chunk: &Range<u64>) -> bool {
        self.stretches(chunk.clone()).next().is_some_and(|stretch| stretch.kind == Kind::Kept)
    }

    /// Begins to draw bytes `chunk` of the data section, or makes them. A chunk ends as [`chunk_end`](Self::chunk_end) says.
    pub(super) fn begin(&self, seed: Seed, chunk: &Range<u64>, drawer: &mut Drawer<'_>) -> Result<()> {
        match self.stretches(chunk.clone()).next() {
            None => drawer.begin(&[], chunk.end - chunk.start),
            Some(Stretch { kind: Kind::Executor, .. }) => {
                drawer.begin(&self.fills(seed, chunk)?, chunk.end - chunk.start)
            }
            Some(Stretch { kind: Kind::Host, .. }) => drawer.make(|| {
                let mut made = Vec::new();
                for stretch in self.stretches(chunk.clone()) {
                    made.append(&mut stretch.tensor.bytes(seed, stretch.elements())?);
                }
                Ok(made)
            }),
            Some(Stretch { kind: Kind::Kept, tensor, bytes, tensor_start }) => {
                let name = tensor.from_elsewhere().map_or_else(|| tensor.name(), Kept::name);
                let kept = drawer.keep(name, bytes.start - tensor_start, bytes.end - bytes.start);
                kept.map_err(|error| error.in_tensor(tensor.name()))
            }
        }
    }

    /// The fills that give bytes `chunk` of the data section, at offsets relative to its start.
    fn fills(&self, seed: Seed, chunk: &Range<u64>) -> Result<Vec<Fill>> {
        let mut fills = Vec::new();
        for stretch in self.stretches(chunk.clone()) {
            let (tensor, at) = (stretch.tensor, stretch.bytes.start - chunk.start);
            let dtype = tensor.assignment().dtype_or(DType::F32);
            fills.append(&mut tensor.fills(seed, dtype, stretch.elements(), at)?);
        }
        Ok(fills)
    }
}

/// Bytes of one tensor that one maker makes.
struct Stretch<'a> {
    tensor: &'a Tensor,
    kind: Kind,
    /// Of the data section.
    bytes: Range<u64>,
    /// Where the tensor begins there.
    tensor_start: u64,
}

/// Who makes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Executor,
    /// What no executor writes.
    Host,
    /// Another checkpoint has them.
    Kept,
}

impl Stretch<'_> {
    /// Positions in what the file has of the tensor.
    fn elements(&self) -> Range<u64> {
        let element = |byte: u64| (byte - self.tensor_start) / self.tensor.dtype().size();
        element(self.bytes.start)..element(self.bytes.end)
    }
}

/// Dtype and shape of a tensor in a file.
fn describe(dtype: &str, shape: &Shape) -> String {
    format!("{dtype} {:?}", shape.dims())
}

/// The header as JSON. `safetensors::tensor::Metadata` would write the metadata in the random order of a hash map.
struct Json<'a> {
    layout: &'a Layout,
    metadata: &'a BTreeMap<String, String>,
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let narrow = |x: u64| usize::try_from(x).map_err(S::Error::custom);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(METADATA, self.metadata)?;
        for (tensor, bytes) in &self.layout.tensors {
            let shape = tensor.shape().dims().iter().map(|dim| narrow(*dim)).collect::<Result<_, _>>()?;
            let dtype = tensor.stored_dtype();
            let data_offsets = (narrow(bytes.start)?, narrow(bytes.end)?);
            map.serialize_entry(tensor.name(), &TensorInfo { dtype, shape, data_offsets })?;
        }
        map.end()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::{Layout, Tensor};
    use crate::{Assignment, Drawn, FloatDType, Parameter, Values};
    use wgpu_init::{DType, Initializer, Shape};

    fn tensor(name: &str, shape: Shape, initializer: Initializer) -> Tensor {
        let (distribution, stream) = (initializer.distribution(&shape).unwrap(), name.to_owned());
        let values =
            Values::Drawn(Drawn { initializer, distribution, parts: Vec::new(), stream, tied_to: None, experts: None });
        let parameter = Parameter::new(name, shape);
        let assignment = Assignment { parameter, values, dtype: None, seed: None, rule: 0 };
        Tensor::new(assignment, DType::F32).unwrap()
    }

    /// Tensors of so many bytes, one behind the other.
    fn layout(sizes: &[u64]) -> Layout {
        let tensors = sizes
            .iter()
            .enumerate()
            .map(|(index, size)| tensor(&format!("{index:02}"), Shape::new([size / 4]).unwrap(), Initializer::zeros()));
        Layout::new(tensors.collect()).unwrap()
    }

    #[test]
    fn a_chunk_ends_in_front_of_a_tensor_that_fits_into_the_next() {
        let ends = |sizes: &[u64], most| {
            let layout = layout(sizes);
            let next = |start: &u64| (*start < layout.size).then(|| layout.chunk_end(*start, most));
            std::iter::successors(Some(0), next).skip(1).collect::<Vec<_>>()
        };
        assert_eq!(
            ends(&[40, 32, 100, 12], 64),
            [40, 104, 168, 184],
            "the second is spared, the third is cut, being too large"
        );
        assert_eq!(ends(&[40, 24, 64, 4], 64), [64, 128, 132], "tensors that fill chunks");
        assert_eq!(ends(&[40, 24, 64, 4], 1 << 40), [132]);
        assert_eq!(ends(&[0, 100, 0], 40), [40, 80, 100], "empty tensors");
        assert!(ends(&[], 40).is_empty());
    }

    /// What executors write and what the host makes are not in one chunk, whatever is between them.
    #[test]
    fn a_chunk_ends_where_the_kind_changes() {
        let of = |name: &str, elements: u64, dtype: FloatDType| {
            let drawn = tensor(name, Shape::new([elements]).unwrap(), Initializer::zeros());
            Tensor::new(drawn.assignment().clone(), dtype).unwrap()
        };
        let [wide, plain] = [FloatDType::F64, DType::F32.into()];
        // As they lie: 16 and 24 bytes of f64, none, 8 bytes of f32.
        let tensors = vec![of("a", 2, wide), of("b", 3, wide), of("c", 0, plain), of("d", 2, plain)];
        let layout = Layout::new(tensors).unwrap();
        assert_eq!([0, 16, 40].map(|start| layout.chunk_end(start, 1 << 20)), [40, 40, 48]);
        assert_eq!([0, 24].map(|start| layout.chunk_end(start, 16)), [16, 40], "within the size of a chunk");
    }

    #[test]
    fn the_largest_orthogonal_matrix_should_not_be_cut() {
        let large = || tensor("a", Shape::new([100, 100]).unwrap(), Initializer::normal(0.0, 1.0));
        let matrix = |name, rows| tensor(name, Shape::new([rows, 10]).unwrap(), Initializer::orthogonal(1.0));
        assert_eq!(Layout::new(vec![large()]).unwrap().largest_whole(), 0);
        assert_eq!(Layout::new(vec![matrix("b", 20), large(), matrix("c", 30)]).unwrap().largest_whole(), 1200);
    }
}
