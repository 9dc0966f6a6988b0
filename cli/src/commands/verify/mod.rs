//! `verify`: does a checkpoint hold what its metadata says?

mod folder;

use crate::args::{ContentsArguments, VerifyArguments};
use crate::device::{Device, drawn};
use crate::figure::{count, many, size};
use crate::other::{Other, unread};
use crate::progress::Progress;
use crate::terminal::{self, Plain};
use crate::views::remarks;
use crate::{assign, checkpoint, model};
use anyhow::{Context, Result};
use serde_json::json;
use std::time::Instant;
use wgpu_init_models::checkpoint::{Header, Layout, Origin, Rank, verify};

pub(crate) fn run(arguments: &VerifyArguments) -> Result<()> {
    if arguments.file.is_dir() {
        return folder::run(arguments);
    }
    arguments.ranks.refuse_for(&arguments.file)?;
    let (start, report) = (Instant::now(), arguments.report.of(Rank::ALONE));
    let path = arguments.file.display();
    let (file, header) = checkpoint::open_complete(&arguments.file)?;
    let other = arguments.contents.from.open()?;
    let (layout, origin) = match &arguments.model {
        None => {
            let origin = Origin::from_metadata(header.metadata());
            let origin = origin.with_context(|| format!("{path} cannot be verified without --model"))?;
            (Layout::stored(&header, &origin)?, origin)
        }
        Some(model) => {
            told(&header, model, &arguments.contents, other.as_ref()).with_context(|| format!("{path} differs"))?
        }
    };
    let device = Device::open(&arguments.device.device, &drawn(&layout))?;
    let drawer = device.drawer(layout.largest_whole());
    let mut drawer = if let Some(other) = &other { other.lend(drawer) } else { drawer };
    let progress = Progress::new(report, "verifying", &device.name(), &[&layout]);
    let digest = verify(&layout, origin.effective_seed(), file, &mut drawer, &|more| progress.observe(more))
        .with_context(|| format!("{path} differs"))?;
    progress.finish();
    let (tensors, parameters) = (many(layout.tensors().len(), "tensor"), count(layout.parameters()));
    let bytes = size(layout.size());
    let identity = header.identity(digest);
    let (views, whole) = remarks(&[&layout]);
    let unread = unread(&[&layout], other.as_ref());
    if report.is_json() {
        let (digest, identity) = (format!("{digest:032x}"), format!("{identity:032x}"));
        let (values, path) = (origin.describe(), arguments.file.display().to_string());
        let members =
            json!({ "values": values, "bytes": layout.size(), "digest": digest, "identity": identity, "path": path });
        report.done(start.elapsed(), members);
        return Ok(());
    }
    let (path, origin, device) = (Plain(path), Plain(origin.describe()), device.describe());
    Ok(terminal::print(format_args!(
        "{path}: {tensors}{views}, {parameters} parameters{whole}, {bytes} are as {origin} gives them{unread} ({device})\n\
         digest    {digest:032x} (XXH3-128 of the data section)\n\
         identity  {identity:032x} (XXH3-128 of names, shapes, dtypes, laws and data)\n"
    ))?)
}

/// The tensors of a file, and what they are drawn from, as the command line says.
fn told(header: &Header, model: &str, contents: &ContentsArguments, other: Option<&Other>) -> Result<(Layout, Origin)> {
    let (tensors, scheme) = assign::contents(model::load(model)?, contents, other)?;
    let layout = Layout::found(header, tensors)?;
    let origin = Origin::new(contents.seed, contents.member, &scheme.stored(), &layout);
    Ok((layout, origin))
}
