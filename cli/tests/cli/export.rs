//! `export`: another host runs the files and gets the numbers.
//!
//! The host here uses wgpu and nothing of the library: it reads the folder as any WebGPU host would.

use super::{command, run, stdout};
use serde_json::Value;
use std::path::Path;
use wgpu::util::DeviceExt;

#[test]
fn another_host_draws_the_same_elements() {
    let (device, queue) = host();
    for (init, dtype, count, offset) in [
        ("normal(0,0.02)", "f32", "1001", "0"),
        ("normal(0.5,0.02)", "bf16", "4099", "17179869187"),
        ("uniform(-0.1,0.3)", "f16", "777", "3"),
        ("trunc_normal(0,0.02,-0.04,0.04)", "f32", "70001", "4294967295"),
        ("constant(0.1)", "f16", "5", "0"),
        ("dt_bias(0.001,0.1,0.0001)", "bf16", "1001", "3"),
        ("sinusoids(10000,384)", "f32", "5000", "700"),
    ] {
        for table in ["workgroup", "storage"] {
            let folder = tempfile::tempdir().unwrap();
            let draw =
                ["--init", init, "--count", count, "--offset", offset, "--seed", "5", "--name", "w", "--dtype", dtype];
            let status =
                command().arg("export").args(draw).args(["--table", table, "-o"]).arg(folder.path()).output().unwrap();
            assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
            let got = dispatch(&device, &queue, folder.path());
            let expected = run(["sample"].into_iter().chain(draw).chain(["--device", "cpu", "--format", "raw"])).stdout;
            assert!(!expected.is_empty() && got == expected, "{init} {dtype} {table}");
        }
    }
}

#[test]
fn the_folder_is_made() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    let arguments = ["export", "--init", "zeros", "--count", "9", "-o"];
    stdout(arguments.iter().map(AsRef::as_ref).chain([folder.as_os_str()]));
    assert!(
        folder.join("dispatch.json").exists()
            && folder.join("kernel.wgsl").exists()
            && folder.join("jobs.bin").exists()
    );
}

/// A device with the default limits of WebGPU, as a browser gives it.
fn host() -> (wgpu::Device, wgpu::Queue) {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
        .expect("an adapter is installed, e.g. mesa-vulkan-drivers");
    pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default())).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// Runs what `dispatch.json` describes and returns the output's bytes.
fn dispatch(device: &wgpu::Device, queue: &wgpu::Queue, folder: &Path) -> Vec<u8> {
    let json: Value = serde_json::from_slice(&std::fs::read(folder.join("dispatch.json")).unwrap()).unwrap();
    let source = std::fs::read_to_string(folder.join(json["shader"].as_str().unwrap())).unwrap();
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: None,
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let constants: Vec<_> = json["constants"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_f64().unwrap()))
        .collect();
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: json["entry_point"].as_str(),
        compilation_options: wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() },
        cache: None,
    });
    let buffers: Vec<(u32, wgpu::Buffer)> = json["bindings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|binding| {
            let contents = match binding["file"].as_str() {
                Some(file) => std::fs::read(folder.join(file)).unwrap(),
                None => vec![0xA5; usize::try_from(number(&binding["size"])).unwrap()],
            };
            assert_eq!(contents.len() as u64, number(&binding["size"]));
            let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
            let buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
                label: None,
                contents: &contents,
                usage,
            });
            (u32::try_from(number(&binding["binding"])).unwrap(), buffer)
        })
        .collect();
    let entries: Vec<_> = buffers
        .iter()
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
        .collect();
    let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: None,
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let output = &json["output"];
    let length = number(&output["length"]);
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: length.next_multiple_of(4),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        let [x, y, z] = [0, 1, 2].map(|axis| u32::try_from(number(&json["grid"][axis])).unwrap());
        pass.dispatch_workgroups(x, y, z);
    }
    let written = &buffers.iter().find(|(binding, _)| u64::from(*binding) == number(&output["binding"])).unwrap().1;
    encoder.copy_buffer_to_buffer(written, number(&output["offset"]), &staging, 0, staging.size());
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let mut bytes = staging.get_mapped_range(..).unwrap().to_vec();
    bytes.truncate(usize::try_from(length).unwrap());
    bytes
}
