//! Published known answers and pinned hashes on the device.

use crate::harness::{Gpu, Test};
use crate::support::known::philox4x32;
use libtest_mimic::Failed;
use wgpu_init::DType;
use wgpu_init::wgpu::{self, util::DeviceExt};
use wgpu_init::wgsl::Kernel;

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("known_answers::philox_gives_random123s_answers", philox_gives_random123s_answers),
    ("known_answers::the_self_test_passes", the_self_test_passes),
];

fn the_self_test_passes(gpu: &Gpu) -> Result<(), Failed> {
    gpu.executor.self_test_blocking(&gpu.queue)?;
    // In part, in none.
    gpu.executor.self_test_dtypes_blocking(&gpu.queue, &[DType::F8E5M2, DType::F16])?;
    Ok(gpu.executor.self_test_dtypes_blocking(&gpu.queue, &[])?)
}

/// Through the check kernel's published interface, with a pipeline made here.
fn philox_gives_random123s_answers(gpu: &Gpu) -> Result<(), Failed> {
    let answers: Vec<_> = philox4x32().into_iter().filter(|answer| answer.rounds == 10).collect();
    assert_eq!(answers.len(), 3);
    let inputs: Vec<[u32; 8]> = answers
        .iter()
        .map(|answer| {
            let ([a, b, c, d], [e, f]) = (answer.counter, answer.key);
            [a, b, c, d, e, f, 0, 0]
        })
        .collect();
    let device = &gpu.device;
    let request = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: None,
        contents: bytemuck::cast_slice(&inputs),
        usage: wgpu::BufferUsages::STORAGE,
    });
    let output = crate::common::poisoned_buffer(device, 16 * answers.len() as u64);
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(Kernel::CheckPhilox.source(gpu.products, gpu.table).into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: Some(Kernel::ENTRY_POINT),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &[
            wgpu::BindGroupEntry { binding: 0, resource: request.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: output.as_entire_binding() },
        ],
    });
    let mut encoder = gpu.encoder();
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(&pipeline);
    pass.set_bind_group(0, &bindings, &[]);
    pass.dispatch_workgroups(1, 1, 1);
    drop(pass);
    let bytes = crate::common::read_back(device, &gpu.queue, encoder, &output);
    for (answer, got) in answers.iter().zip(bytes.chunks_exact(16)) {
        let expected: Vec<u8> = answer.expected.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(got, expected, "{answer:x?}");
    }
    Ok(())
}
