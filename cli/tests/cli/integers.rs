//! Tensors that are no floats, and dtypes that only a checkpoint has.

/// Positions, masks and packed weights are no numbers to draw, whatever dtype is asked for.
#[test]
fn integers_are_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (folder.path().join("model.json"), folder.path().join("out.safetensors"));
    let no_floats = ["I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "BOOL", "F8_E8M0", "F4", "i64", "bool"];
    let tensor = |name: &str, dtype: &str| format!(r#""{name}": {{"dtype": "{dtype}", "shape": [8]}}"#);
    let list = no_floats.iter().enumerate().map(|(index, dtype)| tensor(&format!("n.{index}"), dtype));
    let floats = ["F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"];
    let list = list.chain(floats.iter().map(|dtype| tensor(&format!("x.{dtype}"), dtype)));
    std::fs::write(&model, format!(r#"{{"tensors": {{{}}}}}"#, list.collect::<Vec<_>>().join(", "))).unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nname = \"*\"\ninit = \"normal(0, 1)\"\ndtype = \"f32\"\n").unwrap();
    for scheme in [&["--init", "normal(0,1)", "--dtype", "bf16"][..], &["--rules", rules.to_str().unwrap()]] {
        let arguments = ["init", model.to_str().unwrap(), "--device", "cpu", "-o", out.to_str().unwrap()];
        let output = super::run(arguments.iter().chain(scheme));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("left out") && said.contains("n.0 (I8)") && said.contains("and 3 more"), "{said}");
        let bytes = std::fs::read(&out).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut names = tensors.names();
        names.sort_unstable();
        assert_eq!(names, ["x.BF16", "x.F16", "x.F32", "x.F64", "x.F8_E4M3", "x.F8_E5M2"]);
    }
    std::fs::write(&model, r#"{"tensors": {"mask": {"dtype": "BOOL", "shape": [8]}}}"#).unwrap();
    let arguments = ["plan", model.to_str().unwrap(), "--init", "zeros", "--dtype", "f32"];
    assert!(super::failure(arguments).contains("no tensor of floating-point numbers"));
}

/// A rule that says their dtype has them written, whatever `--dtype` makes of the others; f64 is listed or said by a rule.
#[test]
fn what_only_a_checkpoint_has_is_written_planned_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (folder.path().join("model.json"), folder.path().join("out.safetensors"));
    let list = r#"{"tensors": {"wide": {"dtype": "F64", "shape": [4]}, "position_ids": {"dtype": "I64", "shape": [1, 6]},
        "mask": {"dtype": "BOOL", "shape": [2]}, "other": {"dtype": "I64", "shape": [2]}, "w": {"dtype": "F32", "shape": [4]}}}"#;
    std::fs::write(&model, list).unwrap();
    let rules = folder.path().join("rules.toml");
    let text = r#"
rule = [
    { name = "position_ids", init = "arange", dtype = "i64" },
    { name = "mask", init = "ones", dtype = "bool" },
    { name = "*", init = "normal(0, 1)" },
]
"#;
    std::fs::write(&rules, text).unwrap();
    let with = ["--rules", rules.to_str().unwrap()];
    let init = |more: &[&str]| {
        let arguments = ["init", model.to_str().unwrap(), "--device", "cpu", "-o", out.to_str().unwrap()];
        let output = super::run(arguments.iter().chain(&with).chain(more));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("other (I64)") && !said.contains("mask"), "{said}");
    };
    for (more, wide) in [
        (&["--dtype", "bf16"][..], safetensors::Dtype::BF16),
        (&["--dtype", "f8_e4m3fn"], safetensors::Dtype::F8_E4M3),
        (&["--dtype", "f8_e5m2"], safetensors::Dtype::F8_E5M2),
        (&[], safetensors::Dtype::F64),
    ] {
        // The second time the file is replaced without being asked: it still holds what was written.
        init(more);
        let bytes = std::fs::read(&out).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(tensors.len(), 4);
        assert_eq!(tensors.tensor("wide").unwrap().dtype(), wide);
        assert_eq!(tensors.tensor("mask").unwrap().data(), [1, 1]);
        let ids: Vec<u8> = (0..6i64).flat_map(i64::to_le_bytes).collect();
        assert_eq!(tensors.tensor("position_ids").unwrap().data(), ids);
        super::stdout(["verify", out.to_str().unwrap(), "--device", "cpu"]);
    }
    let plan = super::stdout(["plan", model.to_str().unwrap(), "--json"].iter().chain(&with));
    let rows: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let of = |name: &str| rows.as_array().unwrap().iter().find(|row| row["name"] == name).unwrap();
    assert_eq!([&of("position_ids")["init"], &of("position_ids")["dtype"]], ["arange", "i64"]);
    assert_eq!([&of("mask")["init"], &of("wide")["dtype"]], ["constant(1)", "f64"]);
    assert!(of("other")["init"].is_null());
    let table = super::stdout(["plan", model.to_str().unwrap()].iter().chain(&with));
    assert!(table.contains("arange") && table.contains("bool 2 B"), "{table}");

    std::fs::write(&rules, "[[rule]]\nname = \"*\"\ninit = \"normal(0, 1)\"\ndtype = \"i64\"\n").unwrap();
    let said = super::failure(["plan", model.to_str().unwrap()].iter().chain(&with));
    assert!(said.contains("normal(0,1) gives no i64") && said.contains("take a constant or arange"), "{said}");
}

/// No rule need be for them, and no initializer need fit their shape.
#[test]
fn integers_stop_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    let list = r#"{"tensors": {"w.weight": {"dtype": "F32", "shape": [4, 4]}, "ids": {"dtype": "torch.int64", "shape": [4]}}}"#;
    std::fs::write(&model, list).unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, "[[rule]]\nname = \"*.weight\"\ninit = \"ones\"\n").unwrap();
    for scheme in [["--init", "xavier_uniform(1)"], ["--rules", rules.to_str().unwrap()]] {
        let output = super::run(["plan", model.to_str().unwrap(), "--dtype", "f32"].iter().chain(&scheme));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("ids (torch.int64)"), "{said}");
    }
    // What a rule skips is not said.
    std::fs::write(&rules, "[[rule]]\nname = \"ids\"\nskip = true\n[[rule]]\nname = \"*\"\ninit = \"ones\"\n").unwrap();
    let output = super::run(["plan", model.to_str().unwrap(), "--rules", rules.to_str().unwrap()]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(&model, list.replace("F32", "nf4")).unwrap();
    let said = super::failure(["plan", model.to_str().unwrap(), "--init", "ones", "--dtype", "f32"]);
    assert!(said.contains("\"nf4\" is not known"), "{said}");
}
