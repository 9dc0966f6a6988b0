//! Tensors of numr, filled in place: it gives its wgpu device, its queue and the buffer of a tensor.
//!
//! `cargo run --manifest-path engines/numr/Cargo.toml`; it stops with an error where a bit differs from the CPU executor's.

use anyhow::{Context, Result, ensure};
use numr::dtype::DType;
use numr::runtime::Runtime;
use numr::runtime::wgpu::{WgpuDevice, WgpuRuntime, get_buffer};
use numr::tensor::Tensor;
use wgpu_init::{CpuExecutor, Fill, GpuExecutor, Initializer, Seed, Shape};

const SHAPE: [usize; 2] = [300, 70];
const LAWS: [&str; 5] =
    ["normal(0,0.02)", "kaiming_uniform(fan_in,relu)", "trunc_normal(0,1,-2,2)", "orthogonal(1)", "sparse(0.4,0.02)"];

fn main() -> Result<()> {
    let device = WgpuDevice::new(0);
    let client = WgpuRuntime::default_client(&device);
    let gpu = GpuExecutor::new(client.wgpu_device())?;
    let name = client.wgpu_device().adapter_info().name;

    // A model's tensors, filled by one recording.
    let dims = SHAPE.map(|size| size as u64);
    let fills = LAWS.map(|law| -> Result<_> {
        let initializer: Initializer = law.parse()?;
        Ok(Fill::new(Shape::new(dims)?, initializer)?.named(Seed::new(42), law))
    });
    let fills = fills.into_iter().collect::<Result<Vec<_>>>()?;
    let tensors = LAWS.map(|_| Tensor::<WgpuRuntime>::empty(&SHAPE, DType::F32, &device));
    let tensors = tensors.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
    let mut targets = Vec::new();
    for tensor in &tensors {
        ensure!(tensor.is_contiguous() && tensor.offset() == 0, "a fresh tensor is the whole of its buffer");
        targets.push(get_buffer(tensor.ptr()).context("numr knows its tensor")?);
    }
    let mut encoder = client.wgpu_device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    gpu.record(&mut encoder, targets.iter().map(|buffer| &**buffer).zip(&fills))?;
    client.wgpu_queue().submit([encoder.finish()]);

    for ((tensor, fill), law) in tensors.iter().zip(&fills).zip(LAWS) {
        let mut expected = vec![0f32; SHAPE[0] * SHAPE[1]];
        CpuExecutor::new().run([(&mut expected, fill)])?;
        let got = tensor.try_to_vec::<f32>()?;
        ensure!(bytemuck::cast_slice::<_, u32>(&got) == bytemuck::cast_slice::<_, u32>(&expected), "{law}: other bits");
        println!("{law} in a tensor of numr on {name}: the bits of the CPU executor");
    }
    Ok(())
}
