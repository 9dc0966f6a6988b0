//! `verify DIR`: is a folder one checkpoint, and does each of its files hold what its metadata say?

use crate::args::VerifyArguments;
use crate::device::{Device, drawn};
use crate::figure::{count, many, size};
use crate::other::{Other, unread};
use crate::progress::Progress;
use crate::terminal::{self, Plain};
use crate::views::remarks;
use crate::{assign, checkpoint, model, place};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::Instant;
use wgpu_init_models::checkpoint::{Folder, Header, Layout, Origin, Rank, Summary, Tensor, identity_of, parts, verify};

/// A file that is verified.
struct Told {
    name: String,
    header: Header,
    layout: Layout,
    origin: Origin,
    /// XXH3-128 of its data: what the metadata say, until it is known.
    digest: Option<u128>,
}

pub(super) fn run(arguments: &VerifyArguments) -> Result<()> {
    let folder = arguments.file.as_path();
    let start = Instant::now();
    let ranks = arguments.ranks.find()?;
    let report = arguments.report.of(ranks.rank);
    let files = place::read_whole(folder)?;
    let differs = || format!("{} differs", folder.display());
    let other = arguments.contents.from.open()?;
    let mut files = match &arguments.model {
        None => files.into_iter().map(|(name, header)| stored(folder, name, header)).collect::<Result<Vec<_>>>()?,
        Some(model) => told(files, model, arguments, other.as_ref()).with_context(differs)?,
    };
    let sizes: Vec<_> = files.iter().map(|file| file.layout.size()).collect();
    let own = ranks.rank.shares(&sizes);
    let layouts: Vec<&Layout> = own.iter().map(|at| &files[*at].layout).collect();
    let mut dtypes: Vec<_> = layouts.iter().flat_map(|layout| drawn(layout)).collect();
    dtypes.sort_unstable();
    dtypes.dedup();
    let device = Device::open_local(&arguments.device.device, &dtypes, ranks.local)?;
    let progress = Progress::new(report, "verifying", &device.name(), &layouts);
    let drawer = device.drawer(layouts.iter().map(|layout| layout.largest_whole()).max().unwrap_or(0));
    let mut drawer = if let Some(other) = &other { other.lend(drawer) } else { drawer };
    let mut digests = Vec::with_capacity(own.len());
    for at in &own {
        let Told { name, layout, origin, .. } = &files[*at];
        let path = folder.join(name);
        let (data, _) = checkpoint::open_complete(&path)?;
        let digest = verify(layout, origin.effective_seed(), data, &mut drawer, &|more| progress.observe(more));
        digests.push((*at, digest.with_context(|| format!("{} differs", path.display()))?));
    }
    progress.finish();
    let (views, whole) = remarks(&layouts);
    let unread = unread(&layouts, other.as_ref());
    let sum = |of: &dyn Fn(&Layout) -> u64| layouts.iter().map(|layout| of(layout)).fold(0, u64::saturating_add);
    let tensors = count(sum(&|layout| layout.tensors().len() as u64));
    let total = sum(&Layout::size);
    let (parameters, bytes) = (count(sum(&Layout::parameters)), size(total));
    let share = match ranks.rank {
        Rank::ALONE => many(files.len(), "file"),
        rank => format!("{} of {} (rank {} of {})", own.len(), many(files.len(), "file"), rank.rank(), rank.ranks()),
    };
    for (at, digest) in digests {
        files[at].digest = Some(digest);
    }
    let origins: BTreeSet<_> = files.iter().map(|file| file.origin.describe()).collect();
    let origins = origins.into_iter().collect::<Vec<_>>().join(" and ");
    let identity = identity(folder, &files)?;
    if report.is_json() {
        let members = json!({ "values": origins, "files": own.len(), "bytes": total, "identity": identity, "path": folder.display().to_string() });
        report.done(start.elapsed(), members);
        return Ok(());
    }
    let identity = identity.map(|identity| format!("identity  {identity} (of all files)\n")).unwrap_or_default();
    let (path, device) = (Plain(folder.display()), device.describe());
    terminal::print(format_args!(
        "{path}: {share}, {tensors} tensors{views}, {parameters} parameters{whole}, {bytes} are as {} gives them{unread} ({device})\n\
         {identity}",
        Plain(origins)
    ))?;
    Ok(())
}

/// A file of which the metadata say what it holds.
fn stored(folder: &Path, name: String, header: Header) -> Result<Told> {
    let path = folder.join(&name);
    let origin = Origin::from_metadata(header.metadata())
        .with_context(|| format!("{} cannot be verified without --model", path.display()))?;
    let layout = Layout::stored(&header, &origin).with_context(|| format!("{} differs", path.display()))?;
    Ok(Told { digest: header.digest(), name, header, layout, origin })
}

/// Files that hold a model together, as the command line says.
fn told(
    files: Vec<(String, Header)>,
    model: &str,
    arguments: &VerifyArguments,
    other: Option<&Other>,
) -> Result<Vec<Told>> {
    let contents = &arguments.contents;
    let (tensors, scheme) = assign::contents(model::load(model)?, contents, other)?;
    let tensors = tensors.into_iter().filter(Tensor::is_stored);
    let tensors: HashMap<_, _> = tensors.map(|tensor| (tensor.name().to_owned(), tensor)).collect();
    // That parts make the whole of each tensor, and none is there twice, is known by now.
    let mut missing: BTreeSet<_> = tensors.keys().map(String::as_str).collect();
    let mut all = Vec::with_capacity(files.len());
    for (name, header) in files {
        let parts = parts(&header).with_context(|| name.clone())?;
        let mut own = Vec::with_capacity(header.tensors().len());
        for stored in header.tensors() {
            // What no model has is found where the header is compared.
            let Some(tensor) = tensors.get(&stored.name) else { continue };
            missing.remove(stored.name.as_str());
            own.push(match parts.get(&stored.name) {
                Some(ranges) => tensor.clone().with_shard(ranges).with_context(|| name.clone())?,
                None => tensor.clone(),
            });
        }
        let layout = Layout::found(&header, own).with_context(|| name.clone())?;
        let origin = Origin::new(contents.seed, contents.member, &scheme.stored(), &layout);
        all.push(Told { name, digest: None, header, layout, origin });
    }
    if let Some(first) = missing.first() {
        let more = if missing.len() > 1 { format!(" and {} more", missing.len() - 1) } else { String::new() };
        anyhow::bail!("no file has the tensor {first}{more} of the model");
    }
    Ok(all)
}

/// Of all files, if their digests are known; an error if the summary of the folder says something else.
fn identity(folder: &Path, files: &[Told]) -> Result<Option<String>> {
    let identities: Option<Vec<_>> =
        files.iter().map(|file| Some((file.name.as_str(), file.header.identity(file.digest?)))).collect();
    let Some(identities) = identities else { return Ok(None) };
    let identity = format!("{:032x}", identity_of(identities));
    let path = folder.join(Folder::SUMMARY);
    if path.exists() {
        let summary = Summary::from_json(&crate::read::text(&path, crate::read::MOST_LIST)?)?;
        let said = summary.identity();
        ensure!(said == identity, "{} is of other files: it says {said}, they have {identity}", path.display());
    }
    Ok(Some(identity))
}
