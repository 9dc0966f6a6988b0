//! A task that was taken for dead and started again, while the first one still runs.

use super::command;
use super::folder::{config, contents, init, made};
use super::stdout;
use std::process::Stdio;

#[test]
fn a_rank_that_runs_twice_at_a_time_writes_the_same_folder() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let alone = made(folder.path(), "alone");
    stdout(init(&config, &alone, &[]));
    for round in 0..6 {
        let resumes = round % 2 == 0;
        let twice = made(folder.path(), &format!("twice{round}"));
        let start = |rank: &str| {
            let mut flags = vec!["--rank", rank, "--ranks", "2"];
            flags.extend(resumes.then_some("--resume"));
            let arguments = init(&config, &twice, &flags);
            command().args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let running: Vec<_> = ["0", "0", "1", "1"].into_iter().map(start).collect();
        for child in running {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            // Without --resume one of the two learns of the other.
            let learns = said.contains("another run has written it meanwhile") || said.contains("exists: --resume");
            assert!(output.status.success() || (!resumes && learns), "{said}");
        }
        // Whoever was second has left its files to the first, and nothing of its own.
        assert_eq!(contents(&twice), contents(&alone));
    }
}
