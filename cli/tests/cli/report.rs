//! What is said of the progress, where no terminal shows a bar: lines for people, events for a job's log.

use super::{run, stdout};
use serde_json::Value;
use std::path::Path;

/// Every chunk is said.
const ALWAYS: [&str; 2] = ["--progress-every", "0.000000001"];

/// The arguments of a folder of llama-tiny in eight files, by one of two ranks.
fn init<'a>(out: &'a str, rank: &'a str) -> Vec<&'a str> {
    let one = ["init", "llama-tiny", "--device", "cpu", "-o", out, "--max-shard-size", "12MB", "--ranks", "2"];
    [&one[..], &["--rank", rank]].concat()
}

fn events(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn out(folder: &Path) -> String {
    format!("{}/", folder.join("out").display())
}

#[test]
fn events_tell_rank_bytes_and_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let out = out(folder.path());
    let mut bytes = 0;
    for (number, rank) in [(1, "1"), (0, "0")] {
        let events = events(&stdout([&init(&out, rank)[..], &["--json"], &ALWAYS].concat()));
        let of = |event: &str| events.iter().filter(|one| one["event"] == event).collect::<Vec<_>>();
        let (start, progress, done) = (of("start"), of("progress"), of("done"));
        assert_eq!((start.len(), done.len(), events.len()), (1, 1, progress.len() + 2));
        assert!(events.iter().all(|event| event["rank"] == number && event["ranks"] == 2));
        assert_eq!((&events[0]["event"], &events[0]["work"]), (&"start".into(), &"drawing".into()));
        let total = start[0]["bytes"].as_u64().unwrap();
        assert_eq!(done[0]["bytes"], total);
        bytes += total;
        // Chunk by chunk to the end, by the clock.
        assert!(progress.len() > 10, "{}", progress.len());
        for pair in progress.windows(2) {
            assert!(pair[0]["bytes"].as_u64() <= pair[1]["bytes"].as_u64());
            assert!(pair[0]["seconds"].as_f64() <= pair[1]["seconds"].as_f64());
        }
        let last = progress.last().unwrap();
        assert_eq!((&last["bytes"], &last["of"]), (&total.into(), &total.into()));
        assert!(last["tensor"].as_str().unwrap().ends_with(".weight"), "{last}");
        // Who is the last knows the whole.
        assert_eq!(done[0]["identity"].is_string(), number == 0, "{}", done[0]);
    }
    assert_eq!(bytes, 97_630_848);
    let summary: Value = serde_json::from_slice(&std::fs::read(format!("{out}wgpu-init.json")).unwrap()).unwrap();
    let verified = events(&stdout(["verify", &out, "--device", "cpu", "--json"]));
    assert_eq!(verified.last().unwrap()["identity"], summary["identity"]);
    // What is there already is checked, and nothing else.
    let resumed = events(&stdout([&init(&out, "0")[..], &["--json", "--resume"]].concat()));
    let told: Vec<_> = resumed.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(told, ["start", "done"]);
    assert_eq!((&resumed[0]["work"], &resumed[1]["files_written"]), (&"checking".into(), &0.into()));
}

#[test]
fn events_leave_the_standard_output_to_a_checkpoint() {
    let output = run(["init", "llama-tiny", "--device", "cpu", "--json", "-o", "/dev/stdout"]);
    assert!(output.status.success());
    let events = events(&String::from_utf8(output.stderr).unwrap());
    assert_eq!((&events[0]["event"], &events.last().unwrap()["event"]), (&"start".into(), &"done".into()));
    assert_eq!(u64::from_le_bytes(output.stdout[..8].try_into().unwrap()) % 8, 0, "a safetensors header");
}

#[test]
fn without_a_terminal_there_are_lines_unless_nobody_wants_them() {
    let folder = tempfile::tempdir().unwrap();
    let out = out(folder.path());
    let said = |more: &[&str]| {
        let output = run([&init(&out, "1")[..], &["--overwrite"], more].concat());
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let lines = said(&ALWAYS);
    let last = lines.lines().last().unwrap();
    assert!(last.starts_with("progress: rank 1 of 2: "), "{last}");
    assert!(last.contains("(100 %), ") && last.contains(" GB/s, ") && last.ends_with(", lm_head.weight"), "{last}");
    assert_eq!(said(&["--progress-every", "0"]), "");
    assert_eq!(said(&[]), "", "it takes less than ten seconds");
}
