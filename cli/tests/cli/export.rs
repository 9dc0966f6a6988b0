//! `export`: another host runs the files and gets the numbers.
//!
//! The host here uses wgpu and nothing of the library: it reads the folder as any WebGPU host would.

use super::{command, failure, run, stdout};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use wgpu::util::DeviceExt;

/// More elements than any test asks for.
const ANY: &str = "68719476736";

#[test]
fn another_host_draws_the_same_elements() {
    let (device, queue) = host();
    for (init, dtype, count, offset, shape) in [
        ("eye(1)", "f32", "9", "0", "3,3"),
        ("sparse(0.4,0.02)", "f16", "1000", "7", "61,67"),
        ("orthogonal(0.7)", "bf16", "2001", "3", "40,70"),
        ("normal(0,0.02)", "f32", "1001", "0", ANY),
        ("normal(0.5,0.02)", "bf16", "4099", "17179869187", ANY),
        ("uniform(-0.1,0.3)", "f16", "777", "3", ANY),
        ("trunc_normal(0,0.02,-0.04,0.04)", "f32", "70001", "4294967295", ANY),
        ("constant(0.1)", "f16", "5", "0", ANY),
        ("dt_bias(0.001,0.1,0.0001)", "bf16", "1001", "3", ANY),
        ("sinusoids(10000,384)", "f32", "5000", "700", ANY),
    ] {
        // A table in workgroup memory is slow where workgroups are emulated.
        for table in if init == "normal(0,0.02)" { &["uniform", "workgroup"][..] } else { &["uniform"] } {
            let folder = tempfile::tempdir().unwrap();
            let draw = [
                "--init", init, "--count", count, "--offset", offset, "--seed", "5", "--name", "w", "--dtype", dtype,
                "--shape", shape,
            ];
            let status =
                command().arg("export").args(draw).args(["--table", table, "-o"]).arg(folder.path()).output().unwrap();
            assert!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
            let got = dispatch(&device, &queue, folder.path());
            let expected = run(["sample"].into_iter().chain(draw).chain(["--device", "cpu", "--format", "raw"])).stdout;
            assert!(!expected.is_empty() && got == expected, "{init} {dtype} {table}");
        }
    }
}

/// What a view of each kernel writes: views of single elements, of rows, of both in one list, and stretches.
#[test]
fn another_host_draws_the_same_part() {
    let (device, queue) = host();
    for (init, dtype, shape, view, kernels) in [
        ("normal(0,0.02)", "f32", "61,67", &["--permute", "1,0"][..], "view_normal_f32"),
        (
            "normal(0,0.02)",
            "bf16",
            "61,67",
            &["--permute", "1,0", "--offset", "7", "--count", "1001"],
            "view_normal_bf16",
        ),
        ("uniform(-0.1,0.3)", "f32", "61,4096", &["--part", ":,1024:2048"], "rows_uniform_f32"),
        ("normal(0,0.02)", "bf16", "9,5,70", &["--part", "1:,:,3:-4", "--permute", "2,0,1"], "view_normal_bf16"),
        ("orthogonal(0.7)", "bf16", "40,70", &["--part", ":,8:41", "--permute", "1,0"], "view_orthogonal_bf16"),
        ("sparse(0.4,0.02)", "f16", "61,67", &["--part", "3:-1,:66"], "view_sparse_f16"),
        ("constant(0.1)", "f32", "61,67", &["--permute", "1,0"], "view_constant_f32"),
        ("trunc_normal(0,0.02,-0.04,0.04)", "f16", "61,67", &["--part", "5:20"], "fill_truncated_f16"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let draw = ["--init", init, "--seed", "5", "--name", "w", "--dtype", dtype, "--shape", shape];
        let draw = [&draw[..], view].concat();
        let output = command().arg("export").args(&draw).arg("-o").arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let json = description(folder.path());
        let shaders = json["dispatches"].as_array().unwrap().iter().map(|step| step["shader"].as_str().unwrap());
        let shaders: Vec<_> = shaders.collect();
        assert!(shaders.contains(&&*format!("{kernels}.wgsl")), "{init} {view:?}: {shaders:?}");
        let got = dispatch(&device, &queue, folder.path());
        let expected = run(["sample", "--device", "cpu", "--format", "raw"].iter().chain(&draw)).stdout;
        assert!(!expected.is_empty() && got == expected, "{init} {dtype} {shape} {view:?}");
    }
}

/// The description says which part it is, as the command reads it, and pipelines have the constants of views.
#[test]
fn a_part_is_described() {
    let folder = tempfile::tempdir().unwrap();
    let arguments =
        ["export", "--init", "normal(0,1)", "--name", "w", "--shape", "6x8", "--part=:,-4:", "--permute", "1,0"];
    stdout(arguments.iter().map(AsRef::as_ref).chain(["-o".as_ref(), folder.path().as_os_str()]));
    let json = description(folder.path());
    let draws = ["shape", "part", "permute", "offset"].map(|field| json["draws"][field].as_str().unwrap());
    assert_eq!(draws, ["6,8", "0:6,4:8", "1,0", "0"]);
    assert_eq!((number(&json["output"]["elements"]), number(&json["buffers"]["output"]["size"])), (24, 96));
    let constants = json["dispatches"][0]["constants"].as_object().unwrap();
    assert!(constants["axes"].as_f64() >= Some(2.0), "{constants:?}");
    let nothing = ["export", "--init", "zeros", "--shape", "6,8", "--part", "2:2", "-o", "/no/such/folder"];
    assert!(failure(nothing).contains("nothing to dispatch"));
}

#[test]
fn the_folder_is_made() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/b");
    let arguments = ["export", "--init", "zeros", "--count", "9", "-o"];
    stdout(arguments.iter().map(AsRef::as_ref).chain([folder.as_os_str()]));
    assert!(
        folder.join("dispatch.json").exists()
            && folder.join("fill_constant.wgsl").exists()
            && folder.join("records.bin").exists()
    );
}

/// As `init` does with checkpoints.
#[test]
fn only_an_earlier_export_is_replaced_unless_asked() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("e");
    let at = |name: &str| folder.join(name);
    let export = |init: &'static str, more: &[&'static str]| {
        let start = ["export", "--init", init, "--count", "9", "--name", "w", "-o", folder.to_str().unwrap()];
        [&start[..], more].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    stdout(export("normal(0,1)", &[]));
    let first = std::fs::read(at("dispatch.json")).unwrap();
    stdout(export("normal(0,1)", &[]));
    assert_eq!(std::fs::read(at("dispatch.json")).unwrap(), first);
    // Other kernels and records, back and forth.
    for init in ["uniform(0,1)", "orthogonal", "normal(0,2)"] {
        let shaped = if init == "orthogonal" { &["--shape", "3,3"][..] } else { &[] };
        stdout(export(init, shaped));
    }
    for name in ["dispatch.json", "records.bin", "fill_normal_f32.wgsl"] {
        let mut bytes = std::fs::read(at(name)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        match text.find("\"grid\"") {
            Some(grid) => bytes[grid + 1] = b'G',
            None => bytes.push(b' '),
        }
        std::fs::write(at(name), &bytes).unwrap();
        let said = failure(export("normal(0,1)", &["--table", "workgroup"]));
        assert!(said.contains(&format!("{name} exists and is replaced only with --overwrite")), "{said}");
        assert_eq!(std::fs::read(at(name)).unwrap(), bytes);
        stdout(export("normal(0,1)", &["--overwrite"]));
    }
    // Somebody's files, without a description beside them; one of nothing is no loss.
    std::fs::remove_file(at("dispatch.json")).unwrap();
    std::fs::write(at("records.bin"), "mine").unwrap();
    let said = failure(export("normal(0,1)", &[]));
    assert!(said.contains("records.bin exists and is replaced only with --overwrite"), "{said}");
    std::fs::write(at("records.bin"), "").unwrap();
    stdout(export("normal(0,1)", &[]));
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

fn description(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("dispatch.json")).unwrap()).unwrap()
}

/// Runs what `dispatch.json` describes and returns the output's bytes.
fn dispatch(device: &wgpu::Device, queue: &wgpu::Queue, folder: &Path) -> Vec<u8> {
    let json = description(folder);
    let buffer = |(name, of): (&String, &Value)| {
        let contents = match of["file"].as_str() {
            Some(file) => std::fs::read(folder.join(file)).unwrap(),
            None => vec![0xA5; usize::try_from(number(&of["size"])).unwrap()],
        };
        assert_eq!(contents.len() as u64, number(&of["size"]));
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_SRC;
        let contents = &contents;
        let buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: None, contents, usage });
        (name.clone(), buffer)
    };
    let buffers: BTreeMap<String, wgpu::Buffer> = json["buffers"].as_object().unwrap().iter().map(buffer).collect();
    let length = number(&json["output"]["length"]);
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: length.next_multiple_of(4),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for step in json["dispatches"].as_array().unwrap() {
            let pipeline = pipeline(device, folder, step);
            let entries: Vec<_> = step["bindings"].as_array().unwrap().iter().map(|of| entry(&buffers, of)).collect();
            let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            });
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bindings, &[]);
            let [x, y, z] = [0, 1, 2].map(|axis| u32::try_from(number(&step["grid"][axis])).unwrap());
            pass.dispatch_workgroups(x, y, z);
        }
    }
    let written = &buffers[json["output"]["buffer"].as_str().unwrap()];
    encoder.copy_buffer_to_buffer(written, 0, &staging, 0, staging.size());
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |result| result.unwrap());
    device.poll(wgpu::PollType::wait_indefinitely()).unwrap();
    let mut bytes = staging.get_mapped_range(..).unwrap().to_vec();
    bytes.truncate(usize::try_from(length).unwrap());
    bytes
}

fn pipeline(device: &wgpu::Device, folder: &Path, step: &Value) -> wgpu::ComputePipeline {
    let source = std::fs::read_to_string(folder.join(step["shader"].as_str().unwrap())).unwrap();
    let source = wgpu::ShaderSource::Wgsl(source.into());
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor { label: None, source });
    let constants = step["constants"].as_object().unwrap().iter();
    let constants: Vec<_> = constants.map(|(key, value)| (key.as_str(), value.as_f64().unwrap())).collect();
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: None,
        layout: None,
        module: &module,
        entry_point: step["entry_point"].as_str(),
        compilation_options: wgpu::PipelineCompilationOptions { constants: &constants, ..Default::default() },
        cache: None,
    })
}

fn entry<'a>(buffers: &'a BTreeMap<String, wgpu::Buffer>, of: &Value) -> wgpu::BindGroupEntry<'a> {
    let buffer = &buffers[of["buffer"].as_str().unwrap()];
    let (offset, size) = (number(&of["offset"]), wgpu::BufferSize::new(number(&of["size"])));
    let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size });
    wgpu::BindGroupEntry { binding: u32::try_from(number(&of["binding"])).unwrap(), resource }
}
