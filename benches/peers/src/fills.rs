//! Filling f32 tensors on the first adapter: this crate, cubek-random through cubecl-wgpu, and numr, each on a device of its own.
//!
//! The host's time from recording to the end of the work, on memory written before, all in turn. Each has one adapter to choose only
//! if the environment says so: `VK_DRIVER_FILES`, `WGPU_BACKEND`.

use crate::law::Law;
use crate::record::{OURS, Record};
use crate::turns::in_turn;
use crate::{Out, line};
use anyhow::{Result, anyhow};
use cubecl::prelude::Scalar;
use cubecl::std::tensor::TensorHandle;
use numr::ops::RandomOps;
use numr::runtime::{Runtime, RuntimeClient};
use std::time::Instant;
use wgpu_init::{DType, GpuExecutor, wgpu};

const REPETITIONS: u32 = 9;
const MIB: [usize; 3] = [1, 16, 64];

pub fn run(out: Out) -> Result<()> {
    let instance = wgpu::Instance::default();
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))?;
    let request = adapter.request_device(&wgpu_init::requirements(&adapter).device_descriptor());
    let ((device, queue), info) = (pollster::block_on(request)?, adapter.get_info());
    let executor = GpuExecutor::new(&device)?;
    let cube = cubecl::device::Device::Wgpu(Default::default()).client();
    let numr_device = numr::runtime::wgpu::WgpuDevice::new(0);
    let numr = numr::runtime::wgpu::WgpuRuntime::default_client(&numr_device);
    let (of_cube, of_numr) = (cube.properties().hardware.clone(), numr.wgpu_device().adapter_info());
    eprintln!("this crate on {}; cubecl: {of_cube:?}; numr: {of_numr:?}", info.name);
    for bytes in MIB.map(|mib| mib << 20) {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: None,
            size: bytes as u64,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let cube_tensor = TensorHandle::empty(&cube, [bytes / 4], f32::elem_type_native());
        let numr_tensor = numr.rand(&[bytes / 4], numr::dtype::DType::F32)?;
        for law in Law::RANDOM {
            let fill = law.tensor(DType::F32, bytes as u64)?;
            let submit = |record: &dyn Fn(&mut wgpu::CommandEncoder) -> Result<()>| -> Result<()> {
                let mut encoder = device.create_command_encoder(&Default::default());
                record(&mut encoder)?;
                queue.submit([encoder.finish()]);
                Ok(device.poll(wgpu::PollType::wait_indefinitely()).map(drop)?)
            };
            let clear = || {
                submit(&|encoder| {
                    encoder.clear_buffer(&buffer, 0, None);
                    Ok(())
                })
            };
            let ours = || submit(&|encoder| Ok(executor.record(encoder, [(&buffer, &fill)])?));
            let cubek = || {
                let (out, dtype) = (cube_tensor.clone().binding(), f32::elem_type_native());
                match law {
                    Law::Uniform => cubek_random::random_uniform(&cube, 0.0, 1.0, out, dtype),
                    _ => cubek_random::random_normal(&cube, 0.0, 1.0, out, dtype),
                }
                .map_err(|error| anyhow!("{error}"))?;
                cubecl::future::block_on(cube.sync()).map_err(|error| anyhow!("{error:?}"))
            };
            let numr_fill = || {
                match law {
                    Law::Uniform => numr.rand_seeded_into(&numr_tensor, 0)?,
                    _ => numr.randn_seeded_into(&numr_tensor, 0)?,
                }
                numr.synchronize();
                Ok(())
            };
            let mut works: Vec<(&str, &dyn Fn() -> Result<()>)> =
                vec![("clear", &clear), (OURS, &ours), ("cubek-random", &cubek), ("numr", &numr_fill)];
            // Neither of the others truncates.
            works.truncate(if law == Law::Truncated { 2 } else { 4 });
            let times = in_turn(REPETITIONS, &mut works, |(_, work)| {
                let start = Instant::now();
                work()?;
                Ok(start.elapsed())
            })?;
            for ((what, _), times) in works.iter().zip(times) {
                let work = if *what == "clear" { "clear" } else { "fill" };
                let record = Record {
                    device: info.name.clone(),
                    backend: format!("{:?}", info.backend),
                    driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
                    ..line(what, work, "end_to_end", law.name(), "f32", bytes)
                };
                out.put(record.timed(&times))?;
            }
        }
    }
    Ok(())
}
