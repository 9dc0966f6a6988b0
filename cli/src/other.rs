//! `--from`: another checkpoint, of which a model keeps what fits.

use crate::args::DTypeChoice;
use crate::figure::{count, many};
use crate::{checkpoint, model, terminal};
use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use wgpu_init_models::checkpoint::{Drawer, Layout, StoredTensor};
use wgpu_init_models::{NameGlob, Parameter, StoredDType};

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FromArguments {
    /// Keep what another checkpoint of the model has, and draw the rest: tensors that it lacks, rows that it has fewer of (a vocabulary
    /// that grew), and what --redraw names. A safetensors file, an index of several, or a folder with one of these
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) from: Option<PathBuf>,
    /// With --from: tensors that are drawn although the other checkpoint has them, by a pattern of names, e.g. 'lm_head.*'; may be repeated
    #[arg(long, value_name = "PATTERN", requires = "from", value_parser = parse_named)]
    pub(crate) redraw: Vec<Named>,
}

/// A pattern of names, and its text.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    text: String,
    pattern: NameGlob,
}

fn parse_named(text: &str) -> Result<Named, wgpu_init_models::Error> {
    Ok(Named { text: text.to_owned(), pattern: text.parse()? })
}

impl FromArguments {
    pub(crate) fn open(&self) -> Result<Option<Other>> {
        let Some(path) = &self.from else { return Ok(None) };
        let other = Other::open(path).with_context(|| format!("--from {}", path.display()))?;
        Ok(Some(Other { redraw: self.redraw.clone(), ..other }))
    }
}

/// Another checkpoint: what its headers list, and its files.
pub(crate) struct Other {
    path: PathBuf,
    redraw: Vec<Named>,
    /// By name: which file, and the tensor there.
    tensors: BTreeMap<String, (usize, StoredTensor)>,
    files: Vec<(PathBuf, File)>,
}

/// What another checkpoint has of a parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Has<'a> {
    /// Nothing.
    Nothing,
    /// It, and it is drawn anew: that was asked for.
    Redrawn,
    /// The first rows.
    Rows(&'a StoredTensor),
    /// All of it.
    All(&'a StoredTensor),
}

impl Other {
    fn open(path: &Path) -> Result<Self> {
        let (mut tensors, mut files) = (BTreeMap::new(), Vec::new());
        for path in model::files(path)? {
            let (file, header) = checkpoint::open_complete(&path)?;
            ensure!(
                !header.has_shards(),
                "{} holds parts of a model's tensors, or their axes in another order: whole tensors are needed",
                path.display()
            );
            tensors.extend(header.into_tensors().into_iter().map(|one| (one.name.clone(), (files.len(), one))));
            files.push((path, file));
        }
        Ok(Self { path: path.to_owned(), redraw: Vec::new(), tensors, files })
    }

    /// The files that it is read from.
    pub(crate) fn sources(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().map(|(path, _)| path.clone())
    }

    /// What it has of a parameter that is to be stored in `dtype`, if one was asked for.
    pub(crate) fn has(&self, parameter: &Parameter, dtype: DTypeChoice) -> Result<Has<'_>> {
        let name = parameter.name.as_str();
        let Some((_, stored)) = self.tensors.get(name) else { return Ok(Has::Nothing) };
        if self.redraw.iter().any(|named| named.pattern.is_match(name)) {
            return Ok(Has::Redrawn);
        }
        let (dims, others) = (parameter.shape.dims(), stored.shape.dims());
        let redraw = || format!("--redraw '{name}' draws it anew");
        let found = || anyhow!("tensor {name}: {} has {} {others:?}", self.path.display(), stored.dtype);
        if let (Some(asked), Ok(StoredDType::Float(float))) = (dtype.fixed(), stored.dtype.parse::<StoredDType>())
            && StoredDType::Float(asked.into()) != StoredDType::Float(float)
        {
            bail!(
                "{}, and --dtype says {asked}: numbers are kept as they are; leave --dtype out, or {}",
                found(),
                redraw()
            );
        }
        if dims == others {
            return Ok(Has::All(stored));
        }
        match (dims, others) {
            ([rows, row @ ..], [fewer, other @ ..]) if row == other && fewer < rows => Ok(Has::Rows(stored)),
            _ => bail!("{}, the model {dims:?}; only rows can be added: {}", found(), redraw()),
        }
    }

    /// Reads what is kept of it, for a drawer.
    pub(crate) fn lend<'a>(&'a self, drawer: Drawer<'a>) -> Drawer<'a> {
        drawer.keeping(|name, at, bytes| {
            let (file, stored) = self
                .tensors
                .get(name)
                .ok_or_else(|| io::Error::other(format!("{} has no tensor {name}", self.path.display())))?;
            let start = stored.bytes.start.saturating_add(at);
            if start.saturating_add(bytes.len() as u64) > stored.bytes.end {
                return Err(io::Error::other(format!("{} has less of the tensor {name}", self.path.display())));
            }
            let mut file = &self.files[*file].1;
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(bytes)
        })
    }

    /// Says what is drawn and what is not used; an error if nothing is kept.
    pub(crate) fn say(&self, parameters: &[Parameter], has: &[Has<'_>], drawn: &dyn Fn(usize) -> bool) -> Result<()> {
        for Named { text, pattern } in &self.redraw {
            let is_for = |parameter: &Parameter| pattern.is_match(&parameter.name);
            ensure!(parameters.iter().any(is_for), "--redraw {text}: no tensor of the model has such a name");
        }
        let is_kept = |has: &Has<'_>| matches!(has, Has::Rows(_) | Has::All(_));
        let names: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        if !has.iter().any(is_kept) {
            let of = |names: &mut dyn Iterator<Item = &str>| names.next().unwrap_or("nothing").to_owned();
            let (first, other) = (of(&mut names.iter().copied()), of(&mut self.tensors.keys().map(String::as_str)));
            bail!("nothing is kept of {}: the model has e.g. {first}, that checkpoint {other}", self.path.display());
        }
        let why = |(at, (parameter, has)): (usize, (&Parameter, &Has<'_>))| {
            let name = &parameter.name;
            match has {
                _ if !drawn(at) => None,
                Has::Nothing => Some(format!("{name} (it is not there)")),
                Has::Redrawn => Some(format!("{name} (as asked for)")),
                Has::Rows(stored) => {
                    let rows = |dims: &[u64]| dims.first().copied().unwrap_or(0);
                    Some(format!("{name} (rows {} to {})", rows(stored.shape.dims()), rows(parameter.shape.dims())))
                }
                Has::All(_) => None,
            }
        };
        list(
            format_args!("not kept from {} but drawn", self.path.display()),
            parameters.iter().zip(has).enumerate().filter_map(why).collect(),
        );
        let unused = self.tensors.keys().filter(|name| !names.contains(name.as_str())).cloned().collect();
        list(format_args!("of {}, which the model does not have, left out", self.path.display()), unused);
        Ok(())
    }
}

/// Tensors that a note names; of more, only how many.
const MOST: usize = 10;

fn list(what: std::fmt::Arguments<'_>, names: Vec<String>) {
    if names.is_empty() {
        return;
    }
    let mut text = format!("{} {what}:", many(names.len(), "tensor"));
    text.extend(names.iter().take(MOST).map(|name| format!("\n  {name}")));
    if names.len() > MOST {
        text = format!("{text}\n  and {} more", names.len() - MOST);
    }
    terminal::say("note", format_args!("{text}"));
}

/// What a verification says of elements that are kept from another checkpoint, where that is not read.
pub(crate) fn unread(layouts: &[&Layout], other: Option<&Other>) -> String {
    let kept = layouts.iter().filter_map(|layout| layout.kept());
    match kept.reduce(|a, b| (a.0 + b.0, a.1.saturating_add(b.1))) {
        Some((tensors, elements)) if other.is_none() => format!(
            ", but for {} parameters of {} from another checkpoint, which --from compares",
            count(elements),
            many(tensors, "tensor")
        ),
        _ => String::new(),
    }
}
