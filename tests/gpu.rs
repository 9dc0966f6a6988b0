//! GPU = CPU, bit for bit, on every adapter of this machine, over the native and the portable shaders.

mod common;

use common::{POISON, TestAdapter, adapters_or_explain, device_with, poisoned_buffer, read_back};
use libtest_mimic::{Arguments, Failed, Trial};
use wgpu_init::cpu::reference;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{DType, Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for adapter in adapters_or_explain() {
        for products in [Products::Native, Products::Portable] {
            if products == Products::Native && !adapter.adapter.features().contains(wgpu::Features::SHADER_INT64) {
                continue;
            }
            for table in [Table::Storage, Table::Workgroup] {
                for (name, test) in TESTS {
                    let adapter = adapter.clone();
                    let name = format!("{}::{products:?}::{table:?}::{name}", adapter.label);
                    trials.push(Trial::test(name, move || {
                        Gpu::new(&adapter, products, table).and_then(|gpu| test(&gpu))
                    }));
                }
            }
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

type Test = fn(&Gpu) -> Result<(), Failed>;
const TESTS: &[(&str, Test)] = &[("self_test", self_test), ("distributions_and_dtypes", distributions_and_dtypes)];

struct Gpu {
    device: wgpu::Device,
    queue: wgpu::Queue,
    executor: GpuExecutor,
}

impl Gpu {
    fn new(adapter: &TestAdapter, products: Products, table: Table) -> Result<Self, Failed> {
        let (device, queue) = device_with(&adapter.adapter, |_| {});
        let options = wgpu_init::gpu::GpuOptions { products: Some(products), table: Some(table) };
        let executor = GpuExecutor::with_options(&device, options)?;
        Ok(Self { device, queue, executor })
    }
}

fn self_test(gpu: &Gpu) -> Result<(), Failed> {
    Ok(gpu.executor.self_test(&gpu.queue)?)
}

fn initializers() -> Vec<Initializer> {
    vec![
        Initializer::constant(0.1),
        Initializer::uniform(-0.1, 0.1),
        Initializer::uniform(0.25, 3.5),
        Initializer::normal(0.0, 0.02),
        Initializer::normal(1.0, 0.5),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0),
    ]
}

fn distributions_and_dtypes(gpu: &Gpu) -> Result<(), Failed> {
    for initializer in initializers() {
        for dtype in DType::ALL {
            let elements = 100_003;
            let buffer = poisoned_buffer(&gpu.device, elements * dtype.size() + 64);
            let fill = Fill::new(&buffer, Shape::new([elements])?, initializer)?
                .named(Seed::new(7), "w")
                .dtype(dtype)
                .at(16 + dtype.size());
            let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            gpu.executor.record(&gpu.device, &mut encoder, std::slice::from_ref(&fill))?;
            let got = read_back(&gpu.device, &gpu.queue, encoder, &buffer);
            let mut expected = vec![POISON; got.len()];
            let bytes = reference::bytes(fill.spec())?;
            let start = usize::try_from(16 + dtype.size())?;
            expected[start..start + bytes.len()].copy_from_slice(&bytes);
            if let Some(at) = (0..got.len()).find(|&at| got[at] != expected[at]) {
                return Err(format!(
                    "{initializer} {dtype}: byte {at} of {} is {:#x}, not {:#x}",
                    got.len(),
                    got[at],
                    expected[at]
                )
                .into());
            }
        }
    }
    Ok(())
}
