//! A checkpoint in several files, written by any number of processes without a word between them.
//!
//! A [`Folder`] is the same plan in every process: which tensors share a file, what the files are called, and which [`Rank`] writes which.
//! Values depend on nothing but the model, so a file has the same bytes whoever writes it, whenever, and however many others there are.
//!
//! ```
//! use std::io::Cursor;
//! use std::ops::ControlFlow;
//! use wgpu_init::{DType, Initializer, Seed, Shape};
//! use wgpu_init_models::checkpoint::{Drawer, Folder, Rank, Scheme, Source, State, Tensor};
//! use wgpu_init_models::{Assignments, Parameter};
//!
//! let init = Initializer::normal(0.0, 0.02);
//! let parameters = ["a", "b", "c"].map(|name| Parameter::new(name, Shape::new([100, 8]).expect("a shape")));
//! let list = Assignments::of_all(init, &parameters, &|_| true)?.list;
//! let tensors = list.into_iter().map(|assignment| Tensor::new(assignment, DType::F32)).collect::<Result<Vec<_>, _>>()?;
//! let source = Source { seed: Seed::new(42), member: None, scheme: Scheme::Init(init) };
//! let go_on = |_more_bytes: u64| ControlFlow::Continue(());
//!
//! let folder = Folder::hugging_face(tensors, source, 8000, Rank::new(0, 2)?)?;
//! assert_eq!(folder.files().len(), 2);
//! for file in folder.own() {
//!     let mut bytes = Cursor::new(Vec::new()); // a file of yours, which gets the name `file.name()` when it is complete
//!     let mut drawer = Drawer::cpu(file.layout().largest_whole());
//!     folder.write(file, &mut drawer, &mut bytes, &go_on)?;
//!     let bytes = bytes.into_inner();
//!     let state = folder.check(file, &mut bytes.as_slice(), bytes.len() as u64, &go_on)?;
//!     assert!(matches!(state, State::Complete(_)));
//! }
//! let index = folder.index()?.expect("two files have an index"); // `model.safetensors.index.json`
//! # let index: serde_json::Value = serde_json::from_slice(&index)?;
//! # assert_eq!(index["weight_map"]["c"], "model-00002-of-00002.safetensors");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod index;
mod names;
mod pack;
mod placements;
mod rank;
mod seal;
mod summary;

pub use audit::{Problem, audit, identity_of, parts};
pub use placements::Placements;
pub use rank::Rank;
pub use summary::Summary;

use self::names::{numbered, shard_prefix, shard_rank};
use self::pack::in_files;
use super::contents::Contents;
use super::{Drawer, Error, Header, Layout, Observer, Origin, Outcome, Result, Scheme, Tensor};
use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek, Write};
use wgpu_init::Seed;

/// What the tensors of all files are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Of the whole model, before the member is folded in.
    pub seed: Seed,
    /// Of an ensemble.
    pub member: Option<u64>,
    /// What decided how tensors are initialised.
    pub scheme: Scheme,
}

impl Source {
    fn origin(&self, layout: &Layout) -> Origin {
        Origin::new(self.seed, self.member, &self.scheme, layout)
    }
}

/// The plan of a folder, the same in every process but for the rank.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    files: Vec<FolderFile>,
    source: Source,
    rank: Rank,
    format: Format,
    /// For people, and part of the job.
    description: String,
    job: String,
}

/// Who reads a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Whole tensors; every process knows all files.
    HuggingFace,
    /// Parts; a process knows its own files.
    Sharded,
}

/// A file of a [`Folder`].
#[derive(Clone, Debug, PartialEq)]
pub struct FolderFile {
    name: String,
    layout: Layout,
    rank: u64,
}

impl FolderFile {
    /// Its name in the folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    #[must_use]
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The rank that writes it.
    #[must_use]
    pub const fn rank(&self) -> u64 {
        self.rank
    }
}

/// What stands where a file of a folder is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The file, complete: with this digest of its data.
    Complete(Sealed),
    /// The beginning of the file, or more than it, as a copy that broke off leaves: so many bytes, of so many.
    Cut {
        /// Bytes there are.
        size: u64,
        /// Bytes of the file.
        complete: u64,
    },
}

/// The digests of a complete file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed {
    /// XXH3-128 of the data section.
    pub digest: u128,
    /// [`Header::identity`].
    pub identity: u128,
}

impl Folder {
    /// The name of the index of a folder with several files.
    pub const INDEX: &'static str = "model.safetensors.index.json";
    /// The name of the [summary](Summary).
    pub const SUMMARY: &'static str = "wgpu-init.json";

    /// A folder as Hugging Face's libraries read it: whole tensors, in the order of the list, in files of at most `most` bytes of data as
    /// transformers cuts them. Several are called `model-00001-of-00003.safetensors` and so on and have an [index](Self::index); one
    /// alone is `model.safetensors`.
    ///
    /// Each rank writes whole files; none more bytes than the mean and one file.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn hugging_face(mut tensors: Vec<Tensor>, source: Source, most: u64, rank: Rank) -> Result<Self> {
        tensors.retain(Tensor::is_stored);
        let whole = Layout::new(tensors.clone())?;
        let mut files = in_files(tensors, most, 0, numbered)?;
        let sizes: Vec<_> = files.iter().map(|file| file.layout.size()).collect();
        let ranks = rank::balanced(&sizes, rank.ranks());
        files.iter_mut().zip(ranks).for_each(|(file, rank)| file.rank = rank);
        let description = format!("hf, files of at most {most} bytes");
        Self::planned(files, source, rank, &whole, Format::HuggingFace, (description, ""))
    }

    /// A folder as PyTorch's distributed checkpoint reads it (`HuggingFaceStorageReader`): each rank writes its own part of every tensor, in
    /// files of at most `most` bytes of data, `shard-00002-model-00001-of-00001.safetensors` and so on, which say where the parts begin.
    /// A process plans its own files only; a rank without any part has a file of none.
    ///
    /// # Errors
    /// [`Error::OtherMesh`]; [`Error::Placement`]; [`Error::Tensor`] around [`Error::SharedPart`] and [`Error::UnreadableDtype`]; as
    /// [`Layout::new`].
    pub fn sharded(
        mut tensors: Vec<Tensor>,
        source: Source,
        placements: &Placements,
        most: u64,
        rank: Rank,
    ) -> Result<Self> {
        if placements.ranks() != rank.ranks() {
            return Err(Error::OtherMesh { mesh: placements.ranks(), ranks: rank.ranks() });
        }
        tensors.retain(Tensor::is_stored);
        let whole = Layout::new(tensors.clone())?;
        let mut own = Vec::new();
        for (at, tensor) in (0..).zip(tensors) {
            if tensor.shard().is_some() {
                return Err(Error::SharedPart.in_tensor(tensor.name()));
            }
            let dtype = tensor.stored_dtype().to_string();
            if !seal::READABLE.contains(&dtype.as_str()) {
                return Err(Error::UnreadableDtype { dtype }.in_tensor(tensor.name()));
            }
            if let Some(ranges) = placements.part(rank, at, tensor.name(), tensor.shape())? {
                own.push(tensor.with_shard(&ranges)?);
            }
        }
        let (prefix, own_rank) = (shard_prefix(rank.rank()), rank.rank());
        let name = |index: usize, count: usize| format!("{prefix}{:05}-of-{count:05}.safetensors", index + 1);
        let files = in_files(own, most, own_rank, name)?;
        let ranks = rank.ranks();
        let description = format!("dcp, {ranks} ranks, files of at most {most} bytes");
        Self::planned(files, source, rank, &whole, Format::Sharded, (description, &placements.to_string()))
    }

    fn planned(
        files: Vec<FolderFile>,
        source: Source,
        rank: Rank,
        whole: &Layout,
        format: Format,
        (description, placements): (String, &str),
    ) -> Result<Self> {
        let mut metadata = source.origin(whole).metadata()?;
        metadata.insert(seal::FOLDER.to_owned(), description.clone());
        metadata.insert(seal::SHARDING.to_owned(), placements.to_owned());
        let job = whole.contents(Contents::new(&metadata)).text_of();
        Ok(Self { files, source, rank, format, description, job })
    }

    /// All files that this process knows of, in order.
    #[must_use]
    pub fn files(&self) -> &[FolderFile] {
        &self.files
    }

    /// Those that this process writes.
    pub fn own(&self) -> impl Iterator<Item = &FolderFile> {
        self.files.iter().filter(|file| file.rank == self.rank.rank())
    }

    /// The rank that writes a file of this name, or the index; none if it is no file of the folder.
    #[must_use]
    pub fn rank_of(&self, name: &str) -> Option<u64> {
        if self.format == Format::Sharded {
            return shard_rank(name)
                .filter(|rank| *rank < self.rank.ranks())
                .filter(|rank| *rank != self.rank.rank() || self.files.iter().any(|file| file.name == name));
        }
        if name == Self::INDEX && self.files.len() > 1 {
            return Some(0);
        }
        self.files.iter().find(|file| file.name == name).map(|file| file.rank)
    }

    /// The names of all ranks' files, in order, if each is among `there`.
    #[must_use]
    pub fn all_names(&self, there: &[String]) -> Option<Vec<String>> {
        if self.format == Format::Sharded {
            let of_rank = |rank| {
                let prefix = shard_prefix(rank);
                let own: Vec<_> = there.iter().filter(|name| name.starts_with(&prefix)).cloned().collect();
                // Of how many they are stands in each name.
                let count = own.first().and_then(|name| name.strip_suffix(".safetensors")?.rsplit_once("-of-"));
                (count?.1.parse() == Ok(own.len())).then_some(own)
            };
            return (0..self.rank.ranks()).map(of_rank).collect::<Option<Vec<_>>>().map(|names| names.concat());
        }
        let there: HashSet<&str> = there.iter().map(String::as_str).collect();
        let names = self.files.iter().map(|file| file.name.clone());
        names.map(|name| Some(name).filter(|name| there.contains(name.as_str()))).collect()
    }

    /// Which process this is.
    #[must_use]
    pub const fn rank(&self) -> Rank {
        self.rank
    }

    /// Of all files that this process knows of.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.layout.size()).fold(0, u64::saturating_add)
    }

    /// The bytes of data of the rank that writes most.
    #[must_use]
    pub fn largest_share(&self) -> u64 {
        let mut shares: BTreeMap<u64, u64> = BTreeMap::new();
        for file in &self.files {
            let share = shares.entry(file.rank).or_default();
            *share = share.saturating_add(file.layout.size());
        }
        shares.into_values().max().unwrap_or(0)
    }

    /// Format and sizes, for people.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// A digest of everything that the processes must agree on: model, values, format and sizes. Each file carries it.
    #[must_use]
    pub fn job(&self) -> &str {
        &self.job
    }

    /// Scheme and seed, for people.
    #[must_use]
    pub fn describe_values(&self) -> String {
        self.files.first().map_or_else(String::new, |file| self.origin(file).describe())
    }

    /// What a file's metadata say of its values.
    #[must_use]
    pub fn origin(&self, file: &FolderFile) -> Origin {
        self.source.origin(&file.layout)
    }

    /// Writes a file, whichever rank it is of. `output` is empty and stands at its beginning; it is not flushed. Whatever breaks off is
    /// taken for no safetensors file: the header is completed last.
    ///
    /// # Errors
    /// As [`write`](super::write()).
    pub fn write(
        &self,
        file: &FolderFile,
        drawer: &mut Drawer<'_>,
        output: &mut (impl Write + Seek + Send),
        observe: &Observer<'_>,
    ) -> Result<(Outcome, Sealed)> {
        let origin = self.origin(file);
        let metadata = self.metadata(file, &origin)?;
        let (outcome, header) =
            seal::write_sealed(&file.layout, &metadata, origin.effective_seed(), drawer, output, observe)?;
        let identity = Header::read(header.as_slice())?.identity(outcome.digest);
        Ok((outcome, Sealed { digest: outcome.digest, identity }))
    }

    /// What the `size` bytes that stand where a file is to go are: the header is compared, and the data with the digest in it. Nothing is
    /// drawn.
    ///
    /// # Errors
    /// [`Error::OtherFolder`] for a file of another job; [`Error::ChangedData`] if the data are not what was written;
    /// [`Error::Read`] and those of [`Header::read`]; [`Error::Cancelled`].
    pub fn check(&self, file: &FolderFile, stored: &mut impl Read, size: u64, observe: &Observer<'_>) -> Result<State> {
        let header = Header::read(&mut *stored)?;
        let state = self.check_header(file, &header, size)?;
        if let State::Complete(sealed) = state {
            let found = seal::digest(stored, file.layout.size(), observe)?;
            if found != sealed.digest {
                return Err(Error::ChangedData { found, written: sealed.digest });
            }
        }
        Ok(state)
    }

    /// As [`check`](Self::check), but of the data only the size is looked at: enough where files appear whole or not at all and nobody
    /// changes them, as in object stores.
    ///
    /// # Errors
    /// [`Error::OtherFolder`] for a file of another job.
    pub fn check_header(&self, file: &FolderFile, header: &Header, size: u64) -> Result<State> {
        let sealed = self.sealed(header)?;
        let expected = seal::header(&file.layout, &self.metadata(file, &self.origin(file))?, sealed.digest)?;
        if Header::read(expected.as_slice())? != *header {
            return Err(self.other(header));
        }
        let complete = expected.len() as u64 + file.layout.size();
        if size != complete {
            return Ok(State::Cut { size, complete });
        }
        Ok(State::Complete(sealed))
    }

    /// Bytes in front of a file's data, which [`write`](Self::write) writes a second time at its end.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn header_size(&self, file: &FolderFile) -> Result<u64> {
        Ok(seal::header(&file.layout, &self.metadata(file, &self.origin(file))?, 0)?.len() as u64)
    }

    /// The digests of a file of this job by its header alone, whichever rank has written it.
    ///
    /// # Errors
    /// [`Error::OtherFolder`] for a file of another job.
    pub fn sealed(&self, header: &Header) -> Result<Sealed> {
        match header.digest() {
            Some(digest) if header.job() == Some(&self.job) => Ok(Sealed { digest, identity: header.identity(digest) }),
            _ => Err(self.other(header)),
        }
    }

    /// Says what another file's job was, as far as it says so.
    fn other(&self, header: &Header) -> Error {
        let describe = |values: &str, folder: &str| format!("{values} ({folder})");
        let found = match (Origin::from_metadata(header.metadata()), header.folder()) {
            (Ok(origin), Some(folder)) => describe(&origin.describe(), folder),
            (Ok(origin), None) => describe(&origin.describe(), "a file by itself"),
            (Err(_), _) => "another program".to_owned(),
        };
        Error::OtherFolder { found, expected: describe(&self.describe_values(), &self.description) }
    }

    /// `model.safetensors.index.json`: which tensor is in which file. It is known before any file is written. None for one file.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn index(&self) -> Result<Option<Vec<u8>>> {
        if self.files.len() < 2 || self.format == Format::Sharded {
            return Ok(None);
        }
        index::index(&self.files, self.size()).map(Some)
    }

    fn metadata(&self, file: &FolderFile, origin: &Origin) -> Result<BTreeMap<String, String>> {
        let mut metadata = origin.metadata()?;
        if self.format == Format::Sharded {
            metadata.insert(seal::SHARDING.to_owned(), seal::offsets(&file.layout)?);
        }
        metadata.insert(seal::FOLDER.to_owned(), self.description.clone());
        metadata.insert(seal::JOB.to_owned(), self.job.clone());
        Ok(metadata)
    }
}
