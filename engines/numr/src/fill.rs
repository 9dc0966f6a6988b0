//! What an engine that hands out wgpu buffers needs around [`GpuExecutor::record`]: some twenty lines.

use anyhow::{Context as _, Result, bail, ensure};
use numr::dtype::DType as NumrDType;
use numr::runtime::wgpu::{WgpuClient, WgpuRuntime, get_buffer};
use numr::tensor::Tensor;
use wgpu_init::gpu::Target;
use wgpu_init::{DType, GpuExecutor, Seed};
use wgpu_init_models::Assignments;

/// Fills tensors, one for each assignment and in their order, where they are on numr's device: one recording, one submission on numr's queue.
/// Nothing waits for it; what numr runs afterwards sees the values.
///
/// Tensors share their memory with clones and views of them, which change too: fill what was just made (`Tensor::empty`).
///
/// # Errors
/// Before anything is written: another shape than the assignment's, a view that is not contiguous, a dtype that is not f32, f16 or bf16;
/// [`wgpu_init::Error`] around what a recording refuses.
pub(crate) fn fill(
    executor: &GpuExecutor,
    client: &WgpuClient,
    assignments: &Assignments,
    tensors: &[&Tensor<WgpuRuntime>],
    seed: Seed,
) -> Result<()> {
    ensure!(
        tensors.len() == assignments.list.len(),
        "{} tensors for {} parameters: give one for each",
        tensors.len(),
        assignments.list.len()
    );
    let mut fills = Vec::new();
    for (assignment, tensor) in assignments.list.iter().zip(tensors) {
        let name = &assignment.parameter.name;
        let shape = tensor.shape().iter().map(|&size| u64::try_from(size)).collect::<Result<Vec<_>, _>>()?;
        let wanted = assignment.parameter.shape.dims();
        ensure!(shape == wanted, "{name}: the tensor has the shape {shape:?}, and the parameter {wanted:?}");
        ensure!(tensor.is_contiguous(), "{name}: a view with gaps; fill the tensor that it is of");
        let own = dtype(tensor.dtype(), name)?;
        ensure!(assignment.dtype_or(own) == own, "{name}: the rules want another dtype than {own:?}");
        if tensor.is_empty() {
            continue;
        }
        // numr knows a buffer by the number of its storage; a tensor may begin in the middle.
        let buffer = get_buffer(tensor.storage().ptr()).with_context(|| format!("{name}: its buffer is gone"))?;
        let size = own.size() as u64;
        let at = tensor.offset() as u64 * size;
        let target = Target::new(&*buffer, at..at + tensor.numel() as u64 * size);
        let elements = 0..assignment.parameter.shape.elements();
        fills.extend(assignment.fills(seed, own, elements, 0).into_iter().map(|fill| (target.clone(), fill)));
    }
    let descriptor = wgpu::CommandEncoderDescriptor { label: Some("initialisation") };
    let mut encoder = client.wgpu_device().create_command_encoder(&descriptor);
    executor.record(&mut encoder, fills)?;
    client.wgpu_queue().submit([encoder.finish()]);
    Ok(())
}

fn dtype(dtype: NumrDType, name: &str) -> Result<DType> {
    match dtype {
        NumrDType::F32 => Ok(DType::F32),
        NumrDType::F16 => Ok(DType::F16),
        NumrDType::BF16 => Ok(DType::Bf16),
        other => bail!("{name}: {other:?} is not filled: f32, f16 or bf16"),
    }
}
