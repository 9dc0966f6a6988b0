//! `init`: the file that other tools read.

use super::{command, stdout};
use safetensors::{Dtype, SafeTensors};
use wgpu_init::cpu::reference;
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

/// What the contract gives for one tensor of a checkpoint.
fn expected(name: &str, dims: &[usize], dtype: DType, seed: u64, initializer: Initializer) -> Vec<u8> {
    let shape = Shape::new(dims.iter().map(|dim| *dim as u64).collect::<Vec<_>>()).unwrap();
    let fill = Fill::new(shape, initializer).unwrap().named(Seed::new(seed), name).dtype(dtype);
    reference::bytes(&fill).unwrap()
}

#[test]
fn a_recipe_gives_gpt2_its_published_values_in_a_file_that_loads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gpt2.safetensors");
    let arguments = ["init", "gpt2", "--recipe", "gpt2", "--seed", "7", "--device", "cpu", "-o"];
    let summary = stdout(arguments.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
    assert!(summary.contains("tensors     148") && summary.contains("parameters  124,439,808"), "{summary}");

    let bytes = std::fs::read(&path).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = metadata.metadata().clone().unwrap();
    for (key, value) in [
        ("wgpu_init.seed", "7"),
        ("wgpu_init.recipe", "gpt2"),
        ("wgpu_init.values_version", "1"),
        ("wgpu_init.crate_version", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(metadata.get(key).map(String::as_str), Some(value), "{key}");
    }
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.len(), 148);
    let residual = 0.02 / 24f64.sqrt();
    for (name, initializer) in [
        ("transformer.wpe.weight", Initializer::normal(0.0, 0.02)),
        ("transformer.h.0.attn.c_attn.weight", Initializer::normal(0.0, 0.02)),
        ("transformer.h.0.attn.c_attn.bias", Initializer::zeros()),
        ("transformer.h.3.ln_2.weight", Initializer::ones()),
        ("transformer.h.11.attn.c_proj.weight", Initializer::normal(0.0, residual)),
        ("transformer.h.11.mlp.c_proj.weight", Initializer::normal(0.0, residual)),
        ("transformer.ln_f.bias", Initializer::zeros()),
    ] {
        let tensor = tensors.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), Dtype::F32, "{name}");
        assert!(tensor.data() == expected(name, tensor.shape(), DType::F32, 7, initializer), "{name}");
    }
}

/// Standard deviations of a real initialisation by `transformers` 5.23.0 / torch 2.15.0 (the manifest's field `measured`).
#[test]
fn the_recipe_agrees_with_a_real_initialisation() {
    let manifest: serde_json::Value =
        serde_json::from_str(include_str!("../../../models/tests/data/gpt2.json")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gpt2.safetensors");
    let arguments = ["init", "gpt2", "--device", "cpu", "-o"];
    stdout(arguments.iter().map(AsRef::as_ref).chain([path.as_os_str()]));
    let bytes = std::fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    for (name, tensor) in tensors.iter() {
        let values: Vec<f64> =
            tensor.data().chunks_exact(4).map(|b| f64::from(f32::from_le_bytes(b.try_into().unwrap()))).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let std = (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        let measured = &manifest["tensors"][name]["measured"];
        let (their_mean, their_std) = (measured["mean"].as_f64().unwrap(), measured["std"].as_f64().unwrap());
        // Six standard errors of the difference of two samples of n: 2·σ²/n for means, σ²/n for standard deviations.
        let tolerance = 6.0 * their_std / n.sqrt() + 1e-12;
        assert!((std - their_std).abs() <= tolerance, "{name}: std {std}, real {their_std}");
        assert!((mean - their_mean).abs() <= 2f64.sqrt() * tolerance, "{name}: mean {mean}, real {their_mean}");
    }
}

#[test]
fn the_same_command_gives_the_same_bytes_and_another_seed_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, seed: &str| {
        let path = folder.path().join(name);
        let arguments =
            ["init", "llama-tiny", "--init", "normal(0,0.02)", "--dtype", "bf16", "--device", "cpu", "--seed"];
        stdout(arguments.iter().map(AsRef::as_ref).chain([seed.as_ref(), "-o".as_ref(), path.as_os_str()]));
        std::fs::read(path).unwrap()
    };
    let first = write("a.safetensors", "5");
    assert!(first == write("b.safetensors", "0x5"), "a file must depend on nothing but the command");
    assert!(first != write("c.safetensors", "6"), "the seed must matter");
}

#[test]
fn every_device_gives_the_same_digest() {
    let digest = |device: &str| {
        let arguments =
            ["init", "resnet50", "--init", "trunc_normal(0,0.02,-0.04,0.04)", "--no-write", "--device", device];
        let summary = stdout(arguments);
        summary.lines().find(|line| line.starts_with("digest")).unwrap().to_owned()
    };
    assert_eq!(digest("cpu"), digest("gpu"));
}

#[test]
fn a_header_without_data_is_model_enough_and_keep_keeps_dtypes() {
    let folder = tempfile::tempdir().unwrap();
    let header = br#"{"b.bias":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[6,30]},"empty":{"dtype":"BF16","shape":[0,4],"data_offsets":[30,30]}}"#;
    let model = folder.path().join("model.safetensors");
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    std::fs::write(&model, bytes).unwrap();
    let out = folder.path().join("out.safetensors");
    let init = "uniform(-0.5,0.5)";
    let status = command()
        .arg("init")
        .arg(&model)
        .args(["--init", init, "--device", "cpu", "-o"])
        .arg(&out)
        .output()
        .unwrap()
        .status;
    assert!(status.success());
    let bytes = std::fs::read(&out).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    for (name, stored, dtype) in
        [("a.weight", Dtype::F32, DType::F32), ("b.bias", Dtype::F16, DType::F16), ("empty", Dtype::BF16, DType::Bf16)]
    {
        let tensor = tensors.tensor(name).unwrap();
        assert_eq!(tensor.dtype(), stored, "{name}");
        assert_eq!(tensor.data(), expected(name, tensor.shape(), dtype, 0, init.parse().unwrap()), "{name}");
    }
}

#[test]
fn an_existing_file_is_replaced_whole_and_no_neighbour_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    std::fs::write(&path, "old").unwrap();
    let init = ["init", "llama-tiny", "--init", "zeros", "--device", "cpu", "--overwrite", "-o"];
    assert!(command().args(init).arg(&path).output().unwrap().status.success());
    assert!(SafeTensors::deserialize(&std::fs::read(&path).unwrap()).is_ok());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// GPT-2 small has 475 MiB; the command must not hold it.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_bounded() {
    let arguments = ["init", "gpt2", "--init", "normal(0,1)", "--no-write", "--device", "cpu"];
    let mut child = command().args(arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        let kib = line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(peak > 8 << 10, "the peak was not seen: {peak} KiB");
    assert!(peak < 100 << 10, "{peak} KiB");
}

#[test]
fn the_version_is_of_the_command() {
    let version = stdout(["--version"]);
    assert_eq!(version, format!("wgpu-init {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_says_how_large_the_buffers_are() {
    let help = stdout(["init", "--help"]);
    assert!(help.contains("64 MiB"), "{help}");
}
