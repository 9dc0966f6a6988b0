//! `verify`: does a checkpoint hold what its metadata says?

use crate::args::VerifyArguments;
use crate::checkpoint;
use crate::device::Device;
use crate::figure::{count, many, size};
use crate::progress::Progress;
use crate::terminal::{self, Plain};
use anyhow::{Context, Result};
use wgpu_init_models::checkpoint::{Layout, Origin, verify};

pub(crate) fn run(arguments: &VerifyArguments) -> Result<()> {
    let path = arguments.file.display();
    let (file, header) = checkpoint::open_complete(&arguments.file)?;
    let origin = Origin::from_metadata(header.metadata()).with_context(|| format!("{path} cannot be verified"))?;
    let layout = Layout::stored(&header, &origin)?;
    let device = Device::open(&arguments.device.device)?;
    let mut drawer = device.drawer(layout.largest_whole());
    let progress = Progress::new(&device, &layout);
    let digest = verify(&layout, origin.effective_seed(), file, &mut drawer, &|more| progress.observe(more))
        .with_context(|| format!("{path} differs"))?;
    progress.finish();
    let (tensors, parameters) = (many(layout.tensors().len(), "tensor"), count(layout.parameters()));
    let bytes = size(layout.size());
    let identity = header.identity(digest);
    let (path, origin, device) = (Plain(path), Plain(origin.describe()), device.describe());
    Ok(terminal::print(format_args!(
        "{path}: {tensors}, {parameters} parameters, {bytes} are as {origin} gives them ({device})\n\
         digest    {digest:032x} (XXH3-128 of the data section)\n\
         identity  {identity:032x} (XXH3-128 of names, shapes, dtypes, laws and data)\n"
    ))?)
}
