//! A folder of checkpoint files on the disk: what of a job stands in it already, and what may be written.

use crate::partial::Partial;
use crate::{checkpoint, interrupt, output, read, terminal};
use anyhow::{Context, Result, bail, ensure};
use std::io::{self, Write};
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
#[derive(Debug)]
pub(crate) struct Place<'a> {
    path: &'a Path,
    job: &'a Folder,
    existing: Existing,
}

/// Files of other ranks whose headers are read before anything is done: any of another job tells.
const SAMPLED: usize = 16;

impl<'a> Place<'a> {
    /// Makes the folder if it is missing. What is in it must belong to the job, or be nothing that readers of checkpoints look at.
    pub(crate) fn open(path: &'a Path, job: &'a Folder, sources: &[PathBuf], existing: Existing) -> Result<Self> {
        std::fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        let place = Self { path, job, existing };
        place.check_sources(sources)?;
        let mut others = 0;
        for name in place.checkpoint_names()? {
            let Some(rank) = job.rank_of(&name) else {
                let header = checkpoint::open(&place.at(&name));
                let whose = header.ok().and_then(|(_, header)| job.sealed(&header).err());
                let whose = whose.map_or_else(String::new, |whose| format!("; {whose}"));
                bail!(
                    "{} holds {name}, which is no file of this job ({}): say another folder, or take it away{whose}",
                    path.display(),
                    job.description()
                );
            };
            if name != Folder::INDEX && rank != place.rank() && others < SAMPLED && !existing.overwrite {
                others += 1;
                let header = checkpoint::open(&place.at(&name))?.1;
                job.sealed(&header).with_context(|| format!("{} is of another job", place.at(&name).display()))?;
            }
        }
        Ok(place)
    }

    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn rank(&self) -> u64 {
        self.job.rank().rank()
    }

    /// A model must not be read from what is written.
    fn check_sources(&self, sources: &[PathBuf]) -> Result<()> {
        let outputs = self.job.files().iter().map(FolderFile::name).chain([Folder::INDEX, Folder::SUMMARY]);
        for name in outputs {
            let Ok(output) = self.at(name).canonicalize() else { continue };
            if sources.iter().any(|source| source.canonicalize().is_ok_and(|source| source == output)) {
                bail!("the output {} is read from as well: say another folder", self.at(name).display());
            }
        }
        Ok(())
    }

    /// The files and indexes that readers take for a checkpoint's, in order.
    fn checkpoint_names(&self) -> Result<Vec<String>> {
        Ok(names(self.path)?.into_iter().filter(|name| is_of_a_checkpoint(name)).collect())
    }

    /// Whether a file of this rank is there already, complete.
    pub(crate) fn kept(&self, file: &FolderFile, observe: &Observer<'_>) -> Result<Option<Sealed>> {
        let path = self.at(file.name());
        let Some(place) = output::replaced(&path) else { return Ok(None) };
        let is_empty = place.metadata().is_ok_and(|metadata| metadata.len() == 0);
        // Nothing is lost with a file of nothing.
        if is_empty || (self.existing.overwrite && !self.existing.resume) {
            return Ok(None);
        }
        let exists = || format!("{} exists and is replaced only with --overwrite", path.display());
        let checked = self.check(file, &place, observe).with_context(exists);
        match checked {
            _ if !self.existing.resume => {
                checked?;
                bail!(
                    "{} exists: --resume keeps the files of this job that are complete and makes the others",
                    path.display()
                )
            }
            Ok(State::Complete(sealed)) => Ok(Some(sealed)),
            Ok(State::Cut { size, complete }) => {
                let path = path.display();
                terminal::say("note", format_args!("{path} has {size} of {complete} bytes and is made again"));
                Ok(None)
            }
            Err(error) if self.existing.overwrite => {
                terminal::say("note", format_args!("{} is made again: {:#}", path.display(), error.root_cause()));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn check(&self, file: &FolderFile, path: &Path, observe: &Observer<'_>) -> Result<State> {
        let mut stored = read::open(path)?;
        let size = stored.metadata()?.len();
        Ok(self.job.check(file, &mut stored, size, observe)?)
    }

    /// A file in the making.
    pub(crate) fn begin(&self, file: &FolderFile) -> Result<Partial> {
        let path = self.at(file.name());
        let path = output::replaced(&path).unwrap_or(path);
        Partial::of_rank(&path, self.rank())
    }

    /// Gives a complete file its name. One that has appeared meanwhile stays, unless replacing was asked for.
    pub(crate) fn finish(&self, file: &FolderFile, partial: Partial) -> Result<()> {
        if self.existing.overwrite || partial.replaces() {
            return partial.finish();
        }
        let finished = partial.finish_new();
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
        let path = self.at(name);
        let mut partial = Partial::of_rank(&output::replaced(&path).unwrap_or_else(|| path.clone()), self.rank())?;
        partial.file().write_all(bytes).with_context(|| format!("cannot write {}", path.display()))?;
        partial.finish()
    }

    /// An error where something else stands in a small file's place.
    pub(crate) fn check_small(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.holds(name, bytes).map(drop)
    }

    /// Whether a file of these bytes is there; an error if one of others is, and may not be replaced.
    fn holds(&self, name: &str, bytes: &[u8]) -> Result<bool> {
        let path = self.at(name);
        if !path.exists() {
            return Ok(false);
        }
        let same = read::bytes(&path, read::MOST_LIST)? == bytes;
        ensure!(
            same || self.existing.overwrite,
            "{} exists, with other contents, and is replaced only with --overwrite",
            path.display()
        );
        Ok(same)
    }

    /// The digests of all files of the job; none as long as some are missing.
    pub(crate) fn complete(&self) -> Result<Option<Vec<(String, Sealed)>>> {
        let Some(names) = self.job.all_names(&names(self.path)?) else { return Ok(None) };
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
        let path = self.at(name);
        if !path.is_file() {
            return Ok(None);
        }
        let sealed = checkpoint::open_complete(&path).and_then(|(_, header)| {
            self.job.sealed(&header).with_context(|| format!("{} is of another job", path.display()))
        });
        match sealed {
            Ok(sealed) => Ok(Some(sealed)),
            Err(_) if self.existing.overwrite => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A summary of a job that is replaced says nothing any more.
    pub(crate) fn forget_summary(&self) -> Result<()> {
        let path = self.at(Folder::SUMMARY);
        if !self.existing.overwrite || !path.exists() {
            return Ok(());
        }
        match std::fs::remove_file(&path) {
            // Another rank was faster.
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether readers of checkpoints look at a file of this name.
pub(crate) fn is_of_a_checkpoint(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")
}

/// What a folder holds, by name.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>> {
    let cannot = || format!("cannot read the folder {}", folder.display());
    let mut names = Vec::new();
    for entry in folder.read_dir().with_context(cannot)? {
        // What is no text is no name of ours.
        names.extend(entry.with_context(cannot)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
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
