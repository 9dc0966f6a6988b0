//! `verify`: does a checkpoint hold what its metadata says?

use crate::args::VerifyArguments;
use crate::checkpoint::read::{self, OpenCheckpoint};
use crate::checkpoint::{Layout, Origin};
use crate::device::Device;
use crate::interrupt;
use crate::stream::Drawer;
use anyhow::{Context, Result, bail};
use std::io::Read;
use std::ops::Range;
use wgpu_init::DType;

pub(crate) fn run(arguments: &VerifyArguments) -> Result<()> {
    let path = arguments.file.display();
    let mut checkpoint = read::open(&arguments.file)?;
    checkpoint.require_data().with_context(|| format!("{path} is incomplete"))?;
    let origin = Origin::from_metadata(&checkpoint.metadata).with_context(|| format!("{path} cannot be verified"))?;
    let layout = layout(&checkpoint, &origin)?;
    let device = Device::open(&arguments.device.device)?;
    compare(&layout, &origin, &device, &mut checkpoint).with_context(|| format!("{path} differs"))?;
    println!(
        "{path}: {} tensors, {} parameters, {} bytes are as {} gives them ({})",
        layout.tensors.len(),
        layout.parameters(),
        layout.size,
        origin.describe(),
        device.describe()
    );
    Ok(())
}

/// The tensors where they stand in the file, drawn from what the metadata names.
fn layout(checkpoint: &OpenCheckpoint, origin: &Origin) -> Result<Layout> {
    let first = checkpoint.tensors.first().map_or(0, |tensor| tensor.bytes.start);
    let mut tensors = Vec::new();
    for stored in &checkpoint.tensors {
        let in_tensor = || format!("tensor {}", stored.name);
        let dtype = stored.dtype.to_string().parse().with_context(in_tensor)?;
        let tensor = origin.tensor(&stored.name, &stored.shape, dtype).with_context(in_tensor)?;
        tensors.push((tensor, stored.bytes.start - first..stored.bytes.end - first));
    }
    let size = tensors.last().map_or(0, |(_, bytes)| bytes.end);
    Ok(Layout { tensors, size })
}

fn compare(layout: &Layout, origin: &Origin, device: &Device, checkpoint: &mut OpenCheckpoint) -> Result<()> {
    use std::io::{Seek, SeekFrom};
    let first = checkpoint.tensors.first().map_or(0, |tensor| tensor.bytes.start);
    checkpoint.file.seek(SeekFrom::Start(first))?;
    let mut drawer = Drawer::new(device, layout.largest_whole());
    let mut stored = Vec::new();
    let mut start = 0;
    while start < layout.size {
        interrupt::check()?;
        let end = layout.chunk_end(start, drawer.chunk());
        let expected = drawer.draw(&layout.fills(origin.effective_seed(), &(start..end))?, end - start)?;
        stored.resize(expected.len(), 0);
        checkpoint.file.read_exact(&mut stored)?;
        if *expected != *stored {
            return difference(layout, start, &expected, &stored);
        }
        drawer.give_back(expected);
        start = end;
    }
    Ok(())
}

/// Says which element differs first.
fn difference(layout: &Layout, start: u64, expected: &[u8], stored: &[u8]) -> Result<()> {
    let Some(at) = expected.iter().zip(stored).position(|(a, b)| a != b) else { return Ok(()) };
    let byte = start + at as u64;
    let Some((tensor, bytes)) = layout.tensors.iter().find(|(_, bytes)| bytes.contains(&byte)) else {
        bail!("byte {byte} belongs to no tensor");
    };
    let size = tensor.dtype.size();
    let element = (byte - bytes.start) / size;
    let first = usize::try_from(bytes.start + element * size - start)?;
    let range = first..first + usize::try_from(size)?;
    let value = |bytes: &[u8], range: Range<usize>| {
        let bits = bytes[range].iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let digits = if tensor.dtype == DType::F32 { 8 } else { 4 };
        format!("{} (0x{bits:0digits$x})", tensor.dtype.decode(bits))
    };
    bail!(
        "tensor {}, element {element} {:?}: the file holds {}, expected {}",
        tensor.name(),
        coordinates(tensor.shape().dims(), element),
        value(stored, range.clone()),
        value(expected, range)
    )
}

/// A row-major position as coordinates.
fn coordinates(dims: &[u64], mut element: u64) -> Vec<u64> {
    let mut coordinates: Vec<u64> = dims
        .iter()
        .rev()
        .map(|dim| {
            let coordinate = element % dim;
            element /= dim;
            coordinate
        })
        .collect();
    coordinates.reverse();
    coordinates
}
