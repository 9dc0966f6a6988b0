//! `verify`: does a checkpoint hold what its metadata says?

use crate::args::VerifyArguments;
use crate::device::Device;
use crate::terminal::{self, Plain};
use crate::{checkpoint, interrupt};
use anyhow::{Context, Result};
use wgpu_init_models::checkpoint::{Layout, Origin, verify};

pub(crate) fn run(arguments: &VerifyArguments) -> Result<()> {
    let path = arguments.file.display();
    let (file, header) = checkpoint::open_complete(&arguments.file)?;
    let origin = Origin::from_metadata(header.metadata()).with_context(|| format!("{path} cannot be verified"))?;
    let layout = Layout::stored(&header, &origin)?;
    let device = Device::open(&arguments.device.device)?;
    let mut drawer = device.drawer(layout.largest_whole());
    let digest = verify(&layout, origin.effective_seed(), file, &mut drawer, &|_| interrupt::control())
        .with_context(|| format!("{path} differs"))?;
    let (tensors, parameters, bytes) = (layout.tensors().len(), layout.parameters(), layout.size());
    let identity = header.identity(digest);
    let (path, origin, device) = (Plain(path), Plain(origin.describe()), device.describe());
    Ok(terminal::print(format_args!(
        "{path}: {tensors} tensors, {parameters} parameters, {bytes} bytes are as {origin} gives them ({device})\n\
         digest    {digest:032x} (XXH3-128 of the data section)\n\
         identity  {identity:032x} (XXH3-128 of names, shapes, dtypes, laws and data)\n"
    ))?)
}
