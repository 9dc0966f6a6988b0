//! A small language model's tensors in numr, filled in place on its device with PyTorch's defaults, and compared with the CPU executor's.
//!
//! `cargo run --release --manifest-path engines/numr/Cargo.toml`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

mod fill;

use anyhow::{Result, ensure};
use fill::fill;
use numr::dtype::DType as NumrDType;
use numr::ops::MatmulOps as _;
use numr::runtime::Runtime as _;
use numr::runtime::wgpu::{WgpuDevice, WgpuRuntime};
use numr::tensor::Tensor;
use wgpu_init::{CpuExecutor, DType, GpuExecutor, Seed, Shape};
use wgpu_init_models::{Assignments, Parameter, Recipe, Variables};

const SEED: Seed = Seed::new(42);

fn main() -> Result<()> {
    let device = WgpuDevice::new(0);
    let client = WgpuRuntime::default_client(&device);
    println!("{}", client.wgpu_device().adapter_info().name);
    let executor = GpuExecutor::new(client.wgpu_device())?; // once for a device
    executor.self_test_dtypes_blocking(client.wgpu_queue(), &[DType::F32])?;

    let parameters = [
        Parameter::new("wte.weight", Shape::new([1000, 64])?).in_module("Embedding"),
        Parameter::new("norm.weight", Shape::new([64])?).in_module("LayerNorm"),
        Parameter::new("norm.bias", Shape::new([64])?).in_module("LayerNorm"),
        Parameter::new("up.weight", Shape::new([255, 64])?).in_module("Linear"),
        Parameter::new("up.bias", Shape::new([255])?).in_module("Linear"),
    ];
    let assignments = Recipe::TorchDefault.assign(&parameters, &Variables::default())?;
    let empty = |parameter: &Parameter| -> Result<_> {
        let shape = parameter.shape.dims().iter().map(|&size| usize::try_from(size)).collect::<Result<Vec<_>, _>>()?;
        Ok(Tensor::<WgpuRuntime>::empty(&shape, NumrDType::F32, &device)?)
    };
    let tensors = parameters.iter().map(empty).collect::<Result<Vec<_>>>()?;
    fill(&executor, &client, &assignments, &tensors.iter().collect::<Vec<_>>(), SEED)?;

    // What the engine runs next sees the values: the same product by numr, of what the CPU executor made.
    let on_cpu = on_cpu(&assignments)?;
    let upload = |at: usize| Ok::<_, anyhow::Error>(Tensor::from_slice(&on_cpu[at], tensors[at].shape(), &device)?);
    let product = client.matmul(&tensors[0], &tensors[3].t()?.contiguous()?)?;
    let of_uploads = client.matmul(&upload(0)?, &upload(3)?.t()?.contiguous()?)?;
    ensure!(product.try_to_vec::<f32>()? == of_uploads.try_to_vec::<f32>()?, "products differ");
    for ((parameter, tensor), expected) in parameters.iter().zip(&tensors).zip(&on_cpu) {
        let got = tensor.try_to_vec::<f32>()?;
        let same = got.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits());
        ensure!(same && got.len() == expected.len(), "{} differs from the CPU executor's", parameter.name);
        println!("{:<12} {:>8} elements, equal on the CPU: {:?} …", parameter.name, got.len(), &got[..3]);
    }
    refused(&executor, &client, &assignments, &tensors)
}

/// The CPU executor's values of each parameter.
fn on_cpu(assignments: &Assignments) -> Result<Vec<Vec<f32>>> {
    let values = |one: &wgpu_init_models::Assignment| {
        let elements = one.parameter.shape.elements();
        let mut values = vec![0f32; usize::try_from(elements)?];
        let fills = one.fills(SEED, DType::F32, 0..elements, 0);
        CpuExecutor::new().run_in(&mut values, &fills)?;
        Ok(values)
    };
    assignments.list.iter().map(values).collect()
}

/// A tensor of the right shape whose memory is transposed, and one of another shape, are errors, and nothing is written.
fn refused(
    executor: &GpuExecutor,
    client: &numr::runtime::wgpu::WgpuClient,
    assignments: &Assignments,
    tensors: &[Tensor<WgpuRuntime>],
) -> Result<()> {
    let before = tensors[3].try_to_vec::<f32>()?;
    let transposed = tensors[3].t()?.contiguous()?.t()?;
    for other in [&transposed, &tensors[0]] {
        let mut wrong: Vec<_> = tensors.iter().collect();
        wrong[3] = other;
        let result = fill(executor, client, assignments, &wrong, Seed::new(7));
        let Err(error) = result else { anyhow::bail!("a tensor with the shape {:?} was taken", other.shape()) };
        println!("refused: {error}");
    }
    ensure!(tensors[3].try_to_vec::<f32>()? == before, "something was written");
    Ok(())
}
