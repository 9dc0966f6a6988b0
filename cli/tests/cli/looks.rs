//! What a person sees: widths, figures, colours, and what is said without being asked.

use super::{command, failure, run, stdout};
use serde_json::Value;
use std::path::{Path, PathBuf};

const MODELS: [&str; 12] = [
    "gpt2",
    "gpt2-xl",
    "llama-tiny",
    "llama-3.1-8b",
    "llama-3.1-70b",
    "mixtral-8x7b",
    "bert-base",
    "t5-small",
    "vit-base",
    "whisper-tiny",
    "mamba-130m",
    "resnet50",
];

fn manifest(folder: &Path, tensors: &str) -> PathBuf {
    let path = folder.join("model.json");
    std::fs::write(&path, format!(r#"{{"tensors": {{{tensors}}}}}"#)).unwrap();
    path
}

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_plan_fits_a_hundred_columns() {
    for model in MODELS {
        let plan = stdout(["plan", model]);
        let widest = plan.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 100, "{model} has {widest} columns:\n{plan}");
        assert!(!plan.contains("00000000") && !plan.contains("99999999"), "{plan}");
    }
    let folder = tempfile::tempdir().unwrap();
    let tensor = |name: &str, shape: &str| format!(r#""{name}": {{"dtype": "F32", "shape": {shape}}}"#);
    let long = "layer.".repeat(40);
    let list =
        [tensor(&format!("{long}weight"), "[1000000, 1, 1, 1, 1, 1, 1, 1]"), tensor("重み重み重み.weight", "[2, 2]")];
    let model = manifest(folder.path(), &list.join(","));
    for init in ["kaiming_uniform(fan_in,leaky_relu=2.23606797749979)", "trunc_normal(0,1,-1.0000000001,3)"] {
        let plan = stdout(["plan", model.to_str().unwrap(), "--init", init]);
        assert!(plan.lines().all(|line| line.chars().count() <= 100), "{plan}");
        assert!(plan.contains('…') && plan.contains("layer.layer.weight  f32"), "names differ by their ends:\n{plan}");
    }
}

#[test]
fn a_plan_says_each_law_once_and_adds_up() {
    let plan = stdout(["plan", "gpt2"]);
    let line = plan.lines().find(|line| line.starts_with("transformer.h.3.attn.c_proj.weight")).unwrap();
    let cells: Vec<_> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells, ["transformer.h.3.attn.c_proj.weight", "f32", "768x768", "normal(0, 0.004082)", "3"]);
    // The rule of that number, and what it decides.
    let rule = plan.lines().find(|line| line.ends_with("  *.c_proj.weight")).unwrap();
    assert_eq!(rule.split_whitespace().collect::<Vec<_>>(), ["3", "24", "35,389,440", "*.c_proj.weight"]);
    assert!(plan.contains("148 tensors, 124,439,808 parameters, 474.70 MiB (f32)"), "{plan}");
    let line = plan.lines().find(|line| line.starts_with("transformer.ln_f.bias")).unwrap();
    assert!(line.contains("  zeros  "), "{line}");
    // Where a law depends on the shape, its initializer stands with the rule; the JSON has all digits.
    let plan = stdout(["plan", "resnet50"]);
    assert_eq!(plan.matches("kaiming_normal").count(), 1, "{plan}");
    assert!(
        plan.contains("  normal(0, 0.02525)  ") && plan.contains("  init = kaiming_normal(fan_out, relu)\n"),
        "{plan}"
    );
    // Without rules it is the last line.
    let plan = stdout(["plan", "llama-tiny", "--init", "normal(0,1)"]);
    assert!(!plan.contains("Rules") && plan.contains("values: normal(0,1)"), "{plan}");
    let rows: Vec<Value> = serde_json::from_str(&stdout(["plan", "resnet50", "--json"])).unwrap();
    assert_eq!(rows[0]["init"], "normal(0,0.02525381361380527)");
}

/// A checkpoint of llama-tiny and its path.
fn checkpoint(folder: &Path) -> PathBuf {
    let path = folder.join("m.safetensors");
    stdout(["init", "llama-tiny", "--device", "cpu", "-o", path.to_str().unwrap()]);
    path
}

#[test]
fn inspect_is_short_and_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let path = path.to_str().unwrap();
    let text = stdout(["inspect", path]);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    assert!(text.contains("characters; --metadata shows all)"), "{text}");
    let plan = stdout(["plan", "llama-tiny"]);
    let totals = |text: &str| {
        let line = text.lines().find(|line| line.contains(" parameters, ")).unwrap();
        line.split(" (").next().unwrap().to_owned()
    };
    assert_eq!(totals(&text), totals(&plan));
    assert!(text.contains(" bytes)"), "{text}");
    // Constants are written as people write them.
    let norm = text.lines().find(|line| line.starts_with("model.norm.weight")).unwrap();
    let cells: Vec<_> = norm.split_whitespace().collect();
    assert_eq!(cells[3..7], ["1", "1", "1", "0"], "{norm}");
    let all = stdout(["inspect", path, "--metadata"]);
    let tensors = all.lines().find(|line| line.starts_with("wgpu_init.tensors = {")).unwrap();
    assert!(tensors.ends_with('}') && tensors.matches("normal(").count() > 40, "{tensors}");
    assert!(!all.contains("histogram"), "{all}");
}

/// A file has its tensors in the order of their names' bytes.
#[test]
fn layers_are_counted_as_people_count_them() {
    let folder = tempfile::tempdir().unwrap();
    let tensor = |name: &str, dtype: &str| format!(r#""{name}": {{"dtype": "{dtype}", "shape": [2]}}"#);
    let list = ["h.10.w", "h.2.w", "h.1.w"].map(|name| tensor(name, "F16"));
    let model = manifest(folder.path(), &[&list[..], &[tensor("a.w", "F32")]].concat().join(","));
    let path = folder.path().join("m.safetensors");
    let [model, path] = [model.to_str().unwrap(), path.to_str().unwrap()];
    stdout(["init", model, "--init", "normal(0,1)", "--device", "cpu", "-o", path]);
    let rows = |text: &str| {
        let rows = text.lines().filter(|line| line.ends_with('w') || line.contains(".w "));
        rows.map(|row| row.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let expected = ["a.w f32", "h.1.w f16", "h.2.w f16", "h.10.w f16"];
    assert_eq!(rows(&stdout(["inspect", path])), expected);
    assert_eq!(rows(&stdout(["plan", path, "--init", "normal(0,1)"])), expected);
}

/// `inspect --plot FILE | head`: who reads the table decides nothing.
#[cfg(unix)]
#[test]
fn a_plot_is_drawn_whoever_reads_the_table() {
    let folder = tempfile::tempdir().unwrap();
    let (path, plot) = (checkpoint(folder.path()), folder.path().join("m.svg"));
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let inspect = command().arg("inspect").arg(&path).arg("--plot").arg(&plot).stdout(writer).output().unwrap();
    assert!(inspect.status.success(), "{}", said(&inspect));
    assert!(std::fs::read_to_string(plot).unwrap().trim_end().ends_with("</svg>"));
}

#[test]
fn a_plot_is_an_svg_of_every_kind_of_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let path = checkpoint(folder.path());
    let plot = folder.path().join("m.svg");
    let [path, plot] = [path.to_str().unwrap(), plot.to_str().unwrap()];
    let text = stdout(["inspect", path, "--plot", plot]);
    assert!(text.contains("57 tensors") && text.trim_end().ends_with(&format!("plot: {plot}")), "{text}");
    let svg = std::fs::read_to_string(plot).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("57 tensors of 12 kinds") && svg.contains("model.layers.*.self_attn.q_proj.weight"), "{svg}");
    assert!(svg.contains("values of normal(0, 0.02)") && svg.contains("the law that the file names"), "{svg}");
    // A point for each of six layers of seven kinds; norms are ones.
    assert_eq!((svg.matches("<circle").count(), svg.matches("all of them 1").count()), (42, 3), "{svg}");
    for (place, says) in [("m.png", "must end in .svg"), ("missing/m.svg", "No such file")] {
        let place = folder.path().join(place);
        assert!(failure(["inspect", path, "--plot", place.to_str().unwrap()]).contains(says));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

/// Escape sequences where they are wanted, and nowhere else.
#[test]
fn colours_are_for_those_who_want_them() {
    let escapes = |set: &[(&str, &str)], arguments: &[&str]| {
        let mut command = command();
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(set.iter().copied());
        let output = command.args(arguments).output().unwrap();
        [output.stdout, output.stderr].map(|bytes| bytes.contains(&0x1b))
    };
    let (plan, wrong) = (["plan", "gpt2"], ["plan", "no-such-model"]);
    assert_eq!(escapes(&[], &plan), [false, false], "a pipe");
    assert_eq!(escapes(&[("CLICOLOR_FORCE", "1")], &plan), [true, false]);
    assert_eq!(escapes(&[("CLICOLOR_FORCE", "1")], &wrong), [false, true]);
    assert_eq!(escapes(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &plan), [false, false]);
    let raw = ["sample", "--init", "constant(0)", "--count", "8", "--format", "raw", "--device", "cpu"];
    assert_eq!(escapes(&[("CLICOLOR_FORCE", "1")], &raw), [false, true], "only the note has a colour");
}

#[test]
fn devices_are_a_table_unless_more_is_asked_for() {
    let (short, long) = (stdout(["devices"]), stdout(["devices", "-v"]));
    assert!(short.lines().next().unwrap().starts_with("device  name"), "{short}");
    assert!(!short.contains("workgroups") && long.contains("workgroups"), "{short}\n{long}");
    assert_eq!(short.matches("passed").count(), long.matches("passed").count());
    assert!(short.lines().any(|line| line.starts_with("cpu ")) && long.contains("cpu: CPU executor"), "{short}");

    // An adapter that is not there is told from those that are.
    let names: Vec<_> = long.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
    for (device, says) in [("no such gpu", "no adapter is called \"no such gpu\""), ("99", "there is no adapter 99")] {
        let text = failure(["sample", "--init", "zeros", "--count", "1", "--device", device]);
        assert!(text.contains(says) && names.iter().all(|name| text.contains(name)), "{text}\n{long}");
        assert!(text.contains("cpu: the CPU executor"), "{text}");
    }
}

#[test]
fn the_stream_that_nobody_named_is_said_and_pipes_stay_clean() {
    let sample = ["sample", "--init", "normal(0,1)", "--count", "2", "--device", "cpu"];
    for arguments in [&sample[..], &["words", "--count", "2"]] {
        let output = run(arguments);
        assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
        assert_eq!(said(&output).trim(), "note: stream 0; --name NAME takes that of a model's parameter");
        let named = run(arguments.iter().copied().chain(["--name", "w"]));
        assert!(said(&named).is_empty() && named.stdout != output.stdout, "{}", said(&named));
        let numbered = run(arguments.iter().copied().chain(["--stream", "0"]));
        assert!(said(&numbered).is_empty() && numbered.stdout == output.stdout, "{}", said(&numbered));
    }
}

/// Mesa's layer and libwayland would say "error: XDG_RUNTIME_DIR is invalid or not set in the environment."
#[test]
fn a_run_that_succeeds_says_no_error() {
    for place in [None, Some("relative")] {
        for device in ["auto", "gpu"] {
            let mut command = command();
            match place {
                None => command.env_remove("XDG_RUNTIME_DIR"),
                Some(place) => command.env("XDG_RUNTIME_DIR", place),
            };
            let sample = ["sample", "--init", "zeros", "--count", "1", "--name", "w", "--device", device];
            let output = command.args(sample).output().unwrap();
            assert!(output.status.success() && said(&output).is_empty(), "{}", said(&output));
        }
    }
}

#[test]
fn help_of_every_command_shows_an_example() {
    let help = stdout(["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<_> = commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    assert!(commands.len() > 9 && help.contains("Examples:"), "{help}");
    for command in commands.iter().filter(|command| !["", "help"].contains(command)) {
        let help = stdout([command, "--help"]);
        assert!(help.contains("Example") && help.contains(&format!("  wgpu-init {command} ")), "{help}");
    }
}
