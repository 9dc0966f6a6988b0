//! Classes of modules that are told from a checkpoint's names and shapes.

use super::{failure, stdout};
use safetensors::{Dtype, tensor::TensorView};
use std::path::{Path, PathBuf};

/// A checkpoint of zeros, which has no classes.
fn checkpoint(folder: &Path, tensors: &[(&str, &[usize])]) -> PathBuf {
    let data = vec![0u8; 1 << 16];
    let view = |shape: &[usize]| {
        let bytes = 4 * shape.iter().product::<usize>();
        TensorView::new(Dtype::F32, shape.to_vec(), &data[..bytes]).unwrap()
    };
    let views = tensors.iter().map(|(name, shape)| (*name, view(shape)));
    let path = folder.join("net.safetensors");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    path
}

const PLAIN: [(&str, &[usize]); 5] = [
    ("stem.weight", &[8, 3, 3, 3]),
    ("stem.bias", &[8]),
    ("norm.weight", &[8]),
    ("norm.bias", &[8]),
    ("memory.weight", &[16, 8]),
];

#[test]
fn the_classes_are_shown_with_what_they_are_told_by() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &PLAIN);
    let text = stdout(["plan".as_ref(), path.as_os_str(), "--classes".as_ref()]);
    assert!(
        text.contains("Conv2d") && text.contains("a weight of 4 axes and a bias of the size of the first"),
        "{text}"
    );
    assert!(text.contains("5 tensors: Conv2d 2, LayerNorm 2\n1 may be of several classes"), "{text}");
    let json = stdout(["plan".as_ref(), path.as_os_str(), "--classes".as_ref(), "--json".as_ref()]);
    let rows: serde_json::Value = serde_json::from_str(&json).unwrap();
    let row = |name: &str| rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(row("norm.bias")["class"], "LayerNorm");
    assert_eq!(row("norm.bias")["alike"][0], "GroupNorm");
    let memory = row("memory.weight");
    assert!(memory["class"].is_null(), "{memory}");
    assert_eq!(memory["readings"], serde_json::json!(["Linear", "Embedding"]));
}

#[test]
fn two_readings_are_an_error_until_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &PLAIN);
    let plan = |more: &[&'static str]| -> Vec<std::ffi::OsString> {
        let mut arguments = vec!["plan".into(), path.clone().into(), "--json".into()];
        arguments.extend(more.iter().map(Into::into));
        arguments
    };
    let text = failure(plan(&["--recipe", "torch-default"]));
    assert!(text.contains("--class 'memory.weight=Linear' or --class 'memory.weight=Embedding'"), "{text}");
    let text = stdout(plan(&["--recipe", "torch-default", "--class", "memory.*=Embedding"]));
    assert!(text.contains("normal(0,1)") && text.contains("constant(1)"), "{text}");
    let text = failure(plan(&["--recipe", "torch-default", "--class", "memory"]));
    assert!(text.contains("write PATTERN=CLASS"), "{text}");

    // Rules of a file count on what the model lists, unless one says otherwise.
    let rules = folder.path().join("rules.toml");
    let by_class =
        "[[rule]]\nmodule = \"LayerNorm\"\ninit = \"constant(3)\"\n[[rule]]\nname = \"*\"\ninit = \"zeros\"\n";
    std::fs::write(&rules, by_class).unwrap();
    let with_rules = |more: &[&'static str]| {
        let mut arguments = plan(more);
        arguments.extend(["--rules".into(), rules.clone().into()]);
        stdout(arguments)
    };
    assert_eq!(with_rules(&[]).matches("constant(3)").count(), 0);
    assert_eq!(with_rules(&["--infer"]).matches("constant(3)").count(), 2);
}

#[test]
fn audits_and_checkpoints_go_by_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path(), &PLAIN[..4]);
    let made = folder.path().join("made.safetensors");
    let init = ["init".as_ref(), path.as_os_str(), "--recipe".as_ref(), "torch-default".as_ref(), "-o".as_ref()];
    stdout(init.into_iter().chain([made.as_os_str(), "--device".as_ref(), "cpu".as_ref()]));
    let audit = |file: &Path| {
        super::run(["audit".as_ref(), file.as_os_str(), "--recipe".as_ref(), "torch-default".as_ref()]).status.code()
    };
    assert_eq!(audit(&made), Some(0));
    assert_eq!(audit(&path), Some(1), "zeros are no draws");
    stdout(["verify".as_ref(), made.as_os_str(), "--device".as_ref(), "cpu".as_ref()]);
}

#[test]
fn a_librarys_recipe_goes_by_an_architecture() {
    let folder = tempfile::tempdir().unwrap();
    // Of timm's resnet18: the last norm of a branch begins with zeros, and with ones in torchvision's.
    let of_branch: [(&str, &[usize]); 3] =
        [("layer1.0.conv1.weight", &[8, 8, 3, 3]), ("layer1.0.bn2.weight", &[8]), ("layer1.0.bn2.bias", &[8])];
    let path = checkpoint(folder.path(), &of_branch);
    let plan = |recipe: &str| {
        stdout(["plan".as_ref(), path.as_os_str(), "--json".as_ref(), "--recipe".as_ref(), recipe.as_ref()])
    };
    assert_eq!(plan("timm/resnet18").matches("constant(0)").count(), 2);
    assert_eq!(plan("torchvision/resnet18").matches("constant(0)").count(), 1);
    let text = failure(["plan".as_ref(), path.as_os_str(), "--recipe".as_ref(), "torchvision".as_ref()]);
    assert!(text.contains("e.g. torchvision/resnet50"), "{text}");
    let text = failure(["plan".as_ref(), path.as_os_str(), "--recipe".as_ref(), "timm/resnet1".as_ref()]);
    assert!(text.contains("no rules for \"resnet1\""), "{text}");

    // The configuration says it; PyTorch's defaults would be wrong.
    std::fs::write(folder.path().join("config.json"), r#"{"architecture": "resnet18", "num_classes": 1000}"#).unwrap();
    let text = stdout(["plan".as_ref(), path.as_os_str(), "--json".as_ref()]);
    assert_eq!(text.matches("constant(0)").count(), 2, "{text}");
    let text = failure(["plan".as_ref(), path.as_os_str(), "--recipe".as_ref(), "torch-default".as_ref()]);
    assert!(text.contains("it is of timm"), "{text}");
    assert!(stdout(["recipes", "timm"]).contains("\nresnet18\n"));
    assert!(stdout(["recipes", "timm/resnet18"]).contains("kaiming_normal"));
}
