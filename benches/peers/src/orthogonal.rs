//! Orthogonal matrices: this crate on the CPU and on each adapter, QR of a Gaussian matrix with sign fix by nalgebra and faer, and a
//! plain f32 matrix product of the same size on each adapter.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};
use std::time::Instant;
use wgpu_init::{CpuExecutor, Fill, GpuExecutor, Initializer, Seed, Shape};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Matrices and their rows: as of attention heads, of gates and of experts.
const BATCHES: [(u64, u64); 3] = [(256, 64), (64, 128), (16, 256)];
/// An adapter whose last size took more seconds is not given the next.
const PATIENCE: f64 = 1.0;

/// Seconds, the least of some repetitions.
fn least(repetitions: u32, mut run: impl FnMut() -> Outcome) -> Result<f64, Box<dyn std::error::Error>> {
    run()?;
    let mut best = f64::INFINITY;
    for _ in 0..repetitions {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

fn gaussian(n: usize) -> Vec<f32> {
    let mut rng = SmallRng::seed_from_u64(1);
    (0..n * n).map(|_| StandardNormal.sample(&mut rng)).collect()
}

/// Largest |QQᵀ − I| over pairs of some rows.
fn gram_error(n: usize, entry: impl Fn(usize, usize) -> f32) -> f64 {
    let rows: Vec<Vec<f64>> =
        (0..n).step_by(n / 64).map(|row| (0..n).map(|column| f64::from(entry(row, column))).collect()).collect();
    let mut worst = 0f64;
    for (a, left) in rows.iter().enumerate() {
        for (b, right) in rows[..=a].iter().enumerate() {
            let dot: f64 = left.iter().zip(right).map(|(x, y)| x * y).sum();
            worst = worst.max((dot - f64::from(u8::from(a == b))).abs());
        }
    }
    worst
}

pub fn run() -> Outcome {
    println!("what,device,n,seconds,gram_error");
    for n in [256usize, 512, 1024, 2048, 4096] {
        let repetitions = if n > 1024 { 1 } else { 5 };
        let mut values = vec![0f32; n * n];
        let spec = |seed| {
            let shape = Shape::new([n as u64, n as u64])?;
            let fill = Fill::new(shape, Initializer::orthogonal(1.0))?;
            Ok::<_, wgpu_init::Error>(fill.named(Seed::new(seed), "w"))
        };
        let seconds =
            least(repetitions, || Ok(CpuExecutor::new().run_in(bytemuck::cast_slice_mut::<f32, u8>(&mut values), &[spec(1)?])?))?;
        println!("wgpu-init orthogonal,cpu,{n},{seconds:.6},{:.2e}", gram_error(n, |r, c| values[r * n + c]));

        let mut q = faer::Mat::<f32>::zeros(n, n);
        let seconds = least(repetitions, || {
            let data = gaussian(n);
            let matrix = faer::Mat::from_fn(n, n, |r, c| data[r * n + c]);
            let qr = matrix.qr();
            q = qr.compute_Q();
            let r = qr.R();
            for column in 0..n {
                if r[(column, column)] < 0.0 {
                    (0..n).for_each(|row| q[(row, column)] = -q[(row, column)]);
                }
            }
            Ok(())
        })?;
        println!("faer QR with signs (one thread),cpu,{n},{seconds:.6},{:.2e}", gram_error(n, |r, c| q[(r, c)]));

        if n <= 1024 {
            let mut q = nalgebra::DMatrix::<f32>::zeros(n, n);
            let seconds = least(2, || {
                let (mut result, r) = nalgebra::DMatrix::from_row_slice(n, n, &gaussian(n)).qr().unpack();
                for column in 0..n {
                    if r[(column, column)] < 0.0 {
                        result.column_mut(column).neg_mut();
                    }
                }
                q = result;
                Ok(())
            })?;
            println!("nalgebra QR with signs,cpu,{n},{seconds:.6},{:.2e}", gram_error(n, |r, c| q[(r, c)]));
        }
    }
    for (matrices, n) in BATCHES {
        let shape = Shape::new([matrices, n, n])?;
        let mut values = vec![0f32; usize::try_from(shape.elements())?];
        let spec = Fill::new(shape, Initializer::orthogonal_batch(1.0, 1))?.named(Seed::new(1), "w");
        let seconds =
            least(5, || Ok(CpuExecutor::new().run_in(bytemuck::cast_slice_mut::<f32, u8>(&mut values), &[spec.clone()])?))?;
        println!("wgpu-init orthogonal batch of {matrices},cpu,{n},{seconds:.6},");
    }
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    for adapter in pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all())) {
        let info = adapter.get_info();
        let name = format!("{:?} {} {}", info.backend, info.name, info.driver_info).replace(',', ";");
        let requirements = wgpu_init::requirements(&adapter);
        let Ok((device, queue)) = pollster::block_on(adapter.request_device(&requirements.device_descriptor())) else {
            continue;
        };
        let gpu = GpuExecutor::new(&device)?;
        let on_gpu = |shape: Shape, init: Initializer| {
            let buffer = storage(&device, 4 * shape.elements());
            least(2, || {
                let fill = Fill::new(shape.clone(), init)?.named(Seed::new(1), "w");
                Ok(gpu.fill_blocking(&queue, [(&buffer, fill)])?)
            })
        };
        for (matrices, n) in BATCHES {
            let seconds = on_gpu(Shape::new([matrices, n, n])?, Initializer::orthogonal_batch(1.0, 1))?;
            println!("wgpu-init orthogonal batch of {matrices},{name},{n},{seconds:.6},");
        }
        for n in [256u64, 512, 1024, 2048, 4096] {
            let orthogonal = on_gpu(Shape::new([n, n])?, Initializer::orthogonal(1.0))?;
            println!("wgpu-init orthogonal,{name},{n},{orthogonal:.6},");
            let product = product(&device, n);
            let seconds = least(2, || {
                let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
                {
                    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                    pass.set_pipeline(&product.0);
                    pass.set_bind_group(0, &product.1, &[]);
                    let tiles = u32::try_from(n / 16)?;
                    pass.dispatch_workgroups(tiles, tiles, 1);
                }
                queue.submit([encoder.finish()]);
                device.poll(wgpu::PollType::wait_indefinitely())?;
                Ok(())
            })?;
            println!("plain f32 matrix product,{name},{n},{seconds:.6},");
            // The next size takes about eight times as long.
            if orthogonal.max(seconds) > PATIENCE {
                break;
            }
        }
    }
    Ok(())
}

fn storage(device: &wgpu::Device, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size,
        usage: wgpu::BufferUsages::STORAGE,
        mapped_at_creation: false,
    })
}

const PRODUCT: &str = "
@group(0) @binding(0) var<storage, read> a: array<f32>;
@group(0) @binding(1) var<storage, read> b: array<f32>;
@group(0) @binding(2) var<storage, read_write> c: array<f32>;
var<workgroup> left: array<f32, 256>;
var<workgroup> right: array<f32, 256>;
@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) at: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
    let n = u32(sqrt(f32(arrayLength(&c))) + 0.5);
    var sum = 0.0;
    for (var start = 0u; start < n; start += 16u) {
        left[local.y * 16u + local.x] = a[at.y * n + start + local.x];
        right[local.y * 16u + local.x] = b[(start + local.y) * n + at.x];
        workgroupBarrier();
        for (var k = 0u; k < 16u; k += 1u) {
            sum += left[local.y * 16u + k] * right[k * 16u + local.x];
        }
        workgroupBarrier();
    }
    c[at.y * n + at.x] = sum;
}
";

fn product(device: &wgpu::Device, n: u64) -> (wgpu::ComputePipeline, wgpu::BindGroup) {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(PRODUCT.into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some("main"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let buffers = [0; 3].map(|_| storage(device, 4 * n * n));
    let entries: Vec<_> = (0..)
        .zip(&buffers)
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
        .collect();
    let layout = pipeline.get_bind_group_layout(0);
    let group =
        device.create_bind_group(&wgpu::BindGroupDescriptor { label: None, layout: &layout, entries: &entries });
    (pipeline, group)
}
