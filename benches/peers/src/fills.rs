//! Filling f32 tensors on the first adapter: this crate, cubek-random through cubecl-wgpu, and numr, each on a device of its own.
//!
//! The host's time from recording to the end of the work, on memory written before, the repetitions of all alternating. Each
//! has one adapter to choose only if the environment says so: `VK_DRIVER_FILES`, `WGPU_BACKEND`.

use cubecl::prelude::Scalar;
use cubecl::std::tensor::TensorHandle;
use numr::ops::RandomOps;
use numr::runtime::{Runtime, RuntimeClient};
use std::time::Instant;
use wgpu_init::{Fill, GpuExecutor, Initializer, Seed, Shape, wgpu};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const REPETITIONS: usize = 9;
const MIB: [u64; 3] = [1, 16, 64];

#[derive(Clone, Copy, PartialEq)]
enum Law {
    Uniform,
    Normal,
    Truncated,
}

impl Law {
    const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::Truncated => "trunc_normal",
        }
    }
}

pub fn run() -> Result<()> {
    println!("what,device,law,mib,seconds,gb_per_s,driver");
    let (device, queue, name, driver) = pollster::block_on(open())?;
    let executor = GpuExecutor::new(&device)?;
    let cube = cubecl::device::Device::Wgpu(Default::default()).client();
    let numr_device = numr::runtime::wgpu::WgpuDevice::new(0);
    let numr = numr::runtime::wgpu::WgpuRuntime::default_client(&numr_device);
    eprintln!(
        "this crate on {name}; cubecl: {:?}; numr: {:?}",
        cube.properties().hardware,
        numr.wgpu_device().adapter_info()
    );
    for mib in MIB {
        let elements = mib << 18;
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: mib << 20,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let wait = || device.poll(wgpu::PollType::wait_indefinitely()).map(drop);
        let shape = [usize::try_from(elements)?];
        let cube_tensor = TensorHandle::empty(&cube, shape, f32::elem_type_native());
        let numr_tensor = numr.rand(&shape, numr::dtype::DType::F32)?;
        for law in [Law::Uniform, Law::Normal, Law::Truncated] {
            let initializer = match law {
                Law::Uniform => Initializer::uniform(0.0, 1.0),
                Law::Normal => Initializer::normal(0.0, 1.0),
                Law::Truncated => Initializer::trunc_normal(0.0, 1.0, -2.0, 2.0),
            };
            let ours = || -> Result<()> {
                let fill = Fill::new(Shape::new([elements])?, initializer)?.named(Seed::new(0), "tensor");
                let mut encoder = device.create_command_encoder(&Default::default());
                executor.record(&mut encoder, [(&buffer, fill)])?;
                queue.submit([encoder.finish()]);
                Ok(wait()?)
            };
            let clear = || -> Result<()> {
                let mut encoder = device.create_command_encoder(&Default::default());
                encoder.clear_buffer(&buffer, 0, None);
                queue.submit([encoder.finish()]);
                Ok(wait()?)
            };
            let cubek = || -> Result<()> {
                let (out, dtype) = (cube_tensor.clone().binding(), f32::elem_type_native());
                match law {
                    Law::Uniform => cubek_random::random_uniform(&cube, 0.0, 1.0, out, dtype),
                    _ => cubek_random::random_normal(&cube, 0.0, 1.0, out, dtype),
                }
                .map_err(|error| format!("{error}"))?;
                cubecl::future::block_on(cube.sync()).map_err(|error| format!("{error:?}"))?;
                Ok(())
            };
            let numr_fill = || -> Result<()> {
                match law {
                    Law::Uniform => numr.rand_seeded_into(&numr_tensor, 0)?,
                    _ => numr.randn_seeded_into(&numr_tensor, 0)?,
                }
                numr.synchronize();
                Ok(())
            };
            let all: [(&str, &dyn Fn() -> Result<()>); 4] =
                [("clear_buffer", &clear), ("wgpu-init", &ours), ("cubek-random", &cubek), ("numr", &numr_fill)];
            // Neither of the others truncates.
            let all = if law == Law::Truncated { &all[..2] } else { &all[..] };
            let mut least = vec![f64::INFINITY; all.len()];
            for repetition in 0..=REPETITIONS {
                for ((_, work), least) in all.iter().zip(&mut least) {
                    let start = Instant::now();
                    work()?;
                    // The first one compiles.
                    if repetition > 0 {
                        *least = least.min(start.elapsed().as_secs_f64());
                    }
                }
            }
            for ((what, _), seconds) in all.iter().zip(least) {
                let rate = (mib << 20) as f64 / seconds / 1e9;
                println!("{what},{name},{},{mib},{seconds:.9},{rate:.3},{driver}", law.name());
            }
        }
    }
    Ok(())
}

async fn open() -> Result<(wgpu::Device, wgpu::Queue, String, String)> {
    let instance = wgpu::Instance::default();
    let adapter = instance.request_adapter(&wgpu::RequestAdapterOptions::default()).await?;
    let info = adapter.get_info();
    let (device, queue) = adapter.request_device(&wgpu_init::requirements(&adapter).device_descriptor()).await?;
    let name = format!("{:?} {}", info.backend, info.name).replace(',', ";");
    let driver = format!("{} {}", info.driver, info.driver_info).replace(',', ";");
    Ok((device, queue, name, driver.trim().to_owned()))
}
