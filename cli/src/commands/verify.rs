//! `verify`: does a checkpoint hold what its metadata says?

use crate::args::VerifyArguments;
use crate::device::Device;
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
    verify(&layout, origin.effective_seed(), file, &mut drawer, &|_| interrupt::control())
        .with_context(|| format!("{path} differs"))?;
    println!(
        "{path}: {} tensors, {} parameters, {} bytes are as {} gives them ({})",
        layout.tensors().len(),
        layout.parameters(),
        layout.size(),
        origin.describe(),
        device.describe()
    );
    Ok(())
}
