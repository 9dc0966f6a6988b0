//! A folder of checkpoint files: what of a job stands in it already, and what may be written.

use crate::store::{Store, Unfinished, names};
use crate::{checkpoint, interrupt, read, terminal};
use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use wgpu_init_models::checkpoint::{Folder, FolderFile, Header, Observer, Sealed, State, audit};

/// What becomes of files that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Existing {
    /// Complete files of the same job are kept.
    pub(crate) resume: bool,
    /// Others are replaced.
    pub(crate) overwrite: bool,
}

/// A folder that a job writes into.
pub(crate) struct Place<'a> {
    store: &'a dyn Store,
    job: &'a Folder,
    existing: Existing,
}

/// Files of other ranks whose headers are read before anything is done: any of another job tells.
const SAMPLED: usize = 16;

impl<'a> Place<'a> {
    /// What is in the folder must belong to the job, or be nothing that readers of checkpoints look at.
    pub(crate) fn new(store: &'a dyn Store, job: &'a Folder, sources: &[PathBuf], existing: Existing) -> Result<Self> {
        let place = Self { store, job, existing };
        place.check_sources(sources)?;
        let mut others = 0;
        for name in store.names()?.into_iter().filter(|name| is_of_a_checkpoint(name)) {
            let Some(rank) = job.rank_of(&name) else {
                let whose = place.header(&name).ok().and_then(|header| job.sealed(&header).err());
                let whose = whose.map_or_else(String::new, |whose| format!("; {whose}"));
                bail!(
                    "{} holds {name}, which is no file of this job ({}): say another folder, or take it away{whose}",
                    store.describe(),
                    job.description()
                );
            };
            if name != Folder::INDEX && rank != place.rank() && others < SAMPLED && !existing.overwrite {
                others += 1;
                let header = place.header(&name)?;
                job.sealed(&header).with_context(|| format!("{} is of another job", store.at(&name)))?;
            }
        }
        Ok(place)
    }

    pub(crate) fn at(&self, name: &str) -> String {
        self.store.at(name)
    }

    /// Whether a file of the job is there, complete or not.
    pub(crate) fn has(&self, name: &str) -> Result<bool> {
        Ok(self.store.size(name)?.is_some())
    }

    fn rank(&self) -> u64 {
        self.job.rank().rank()
    }

    fn header(&self, name: &str) -> Result<Header> {
        Header::read(self.store.open(name)?).with_context(|| format!("cannot read {}", self.at(name)))
    }

    /// A model must not be read from what is written.
    fn check_sources(&self, sources: &[PathBuf]) -> Result<()> {
        let mut outputs = self.job.files().iter().map(FolderFile::name).chain([Folder::INDEX, Folder::SUMMARY]);
        match outputs.find(|name| self.store.is_source(name, sources)) {
            Some(name) => bail!("the output {} is read from as well: say another folder", self.at(name)),
            None => Ok(()),
        }
    }

    /// Whether a file of this rank is there already, complete.
    pub(crate) fn kept(&self, file: &FolderFile, observe: &Observer<'_>) -> Result<Option<Sealed>> {
        let Some(size) = self.store.size(file.name())? else { return Ok(None) };
        // Nothing is lost with a file of nothing.
        if size == 0 || (self.existing.overwrite && !self.existing.resume) {
            return Ok(None);
        }
        let at = self.at(file.name());
        let checked = self.check(file, size, observe);
        let checked = checked.with_context(|| format!("{at} exists and is replaced only with --overwrite"));
        match checked {
            _ if !self.existing.resume => {
                checked?;
                bail!("{at} exists: --resume keeps the files of this job that are complete and makes the others")
            }
            Ok(State::Complete(sealed)) => Ok(Some(sealed)),
            Ok(State::Cut { size, complete }) => {
                terminal::say("note", format_args!("{at} has {size} of {complete} bytes and is made again"));
                Ok(None)
            }
            Err(error) if self.existing.overwrite => {
                terminal::say("note", format_args!("{at} is made again: {:#}", error.root_cause()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn check(&self, file: &FolderFile, size: u64, observe: &Observer<'_>) -> Result<State> {
        let mut stored = self.store.open(file.name())?;
        if self.store.is_atomic() {
            return Ok(self.job.check_header(file, &Header::read(&mut stored)?, size)?);
        }
        Ok(self.job.check(file, &mut stored, size, observe)?)
    }

    /// A file in the making.
    pub(crate) fn begin(&self, file: &FolderFile) -> Result<Box<dyn Unfinished>> {
        let head = self.job.header_size(file)?;
        self.store.begin(file.name(), self.rank(), head.saturating_add(file.layout().size()), head)
    }

    /// Gives a complete file its name. One that has appeared meanwhile stays, unless replacing was asked for.
    pub(crate) fn finish(&self, file: &FolderFile, unfinished: Box<dyn Unfinished>) -> Result<()> {
        let finished = unfinished.finish(self.existing.overwrite);
        // A run that was taken for dead has made the same file.
        if finished.is_err() && self.existing.resume && self.kept(file, &|_| interrupt::control())?.is_some() {
            return Ok(());
        }
        finished
    }

    /// Writes a small file, which is the same whoever writes it.
    pub(crate) fn keep_or_write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if self.holds(name, bytes)? {
            return Ok(());
        }
        let mut unfinished = self.store.begin(name, self.rank(), bytes.len() as u64, 0)?;
        unfinished.write_all(bytes).with_context(|| format!("cannot write {}", self.at(name)))?;
        unfinished.finish(true)
    }

    /// An error where something else stands in a small file's place.
    pub(crate) fn check_small(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.holds(name, bytes).map(drop)
    }

    /// Whether a file of these bytes is there; an error if one of others is, and may not be replaced.
    fn holds(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let Some(size) = self.store.size(name)? else { return Ok(false) };
        let same = size == bytes.len() as u64 && {
            let mut found = Vec::new();
            // Of a file that grows meanwhile too.
            let stored = self.store.open(name)?.take(size.saturating_add(1)).read_to_end(&mut found);
            stored.with_context(|| format!("cannot read {}", self.at(name)))?;
            found == bytes
        };
        ensure!(
            same || self.existing.overwrite,
            "{} exists, with other contents, and is replaced only with --overwrite",
            self.at(name)
        );
        Ok(same)
    }

    /// The digests of all files of the job; none as long as some are missing.
    pub(crate) fn complete(&self) -> Result<Option<Vec<(String, Sealed)>>> {
        let Some(names) = self.job.all_names(&self.store.names()?) else { return Ok(None) };
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            match self.sealed(&name)? {
                Some(sealed) => all.push((name, sealed)),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    /// The digests of one file, by its header; none if it is missing, unfinished or, where it is about to be replaced, of another job.
    fn sealed(&self, name: &str) -> Result<Option<Sealed>> {
        let Some(size) = self.store.size(name)? else { return Ok(None) };
        let sealed = self.header(name).and_then(|header| {
            header.check_size(size).with_context(|| format!("{} is incomplete", self.at(name)))?;
            self.job.sealed(&header).with_context(|| format!("{} is of another job", self.at(name)))
        });
        match sealed {
            Ok(sealed) => Ok(Some(sealed)),
            Err(_) if self.existing.overwrite => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A summary of a job that is replaced says nothing any more.
    pub(crate) fn forget_summary(&self) -> Result<()> {
        if self.existing.overwrite { self.store.remove(Folder::SUMMARY) } else { Ok(()) }
    }
}

/// Whether readers of checkpoints look at a file of this name.
pub(crate) fn is_of_a_checkpoint(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")
}

/// Problems of a folder that are listed; of more, only how many.
const SHOWN: usize = 10;

/// The headers of all safetensors files of a folder, by name, which must make one checkpoint.
pub(crate) fn read_whole(folder: &Path) -> Result<Vec<(String, Header)>> {
    let names = names(folder)?.into_iter().filter(|name| name.ends_with(".safetensors"));
    let read = |name: String| Ok((name.clone(), checkpoint::open_complete(&folder.join(name))?.1));
    let files = names.map(read).collect::<Result<Vec<_>>>()?;
    ensure!(!files.is_empty(), "the folder {} has no safetensors files", folder.display());
    let index = folder.join(Folder::INDEX);
    let index = index.exists().then(|| read::text(&index, read::MOST_LIST)).transpose()?;
    let problems = audit(&files, index.as_deref()).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut listed: String = problems.iter().take(SHOWN).map(|problem| format!("\n  {problem}")).collect();
    if problems.len() > SHOWN {
        listed = format!("{listed}\n  and {} more", problems.len() - SHOWN);
    }
    ensure!(problems.is_empty(), "{} is not one whole checkpoint:{listed}", folder.display());
    Ok(files)
}
