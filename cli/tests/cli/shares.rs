//! What is said where files are shared badly by ranks.

use super::run;

#[test]
fn ranks_without_files_are_counted_and_a_size_is_named_that_helps() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.json");
    let one = |number| format!(r#""t.{number}": {{"dtype": "F32", "shape": [1000]}}"#);
    let tensors = |count| (0..count).map(one).collect::<Vec<_>>().join(",");
    let said = |name: &str, tensors: String, size: &str| {
        std::fs::write(&model, format!(r#"{{"tensors": {{{tensors}}}}}"#)).unwrap();
        let out = format!("{}/", folder.path().join(name).display());
        let path = model.to_str().unwrap();
        let flags =
            ["--init", "normal(0,1)", "--device", "cpu", "--rank", "0", "--ranks", "8", "--max-shard-size", size];
        let output = run(["init", path, "-o", &out].into_iter().chain(flags));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        said
    };
    let few = said("few", tensors(64), "64kB");
    assert_eq!(
        few,
        "note: 4 files for 8 ranks: 4 of them have nothing to write, one writes 200 % of the mean; --max-shard-size 4000B would be more \
         even\n"
    );
    assert_eq!(said("even", tensors(64), "4000B"), "");
    // Two tensors cannot be shared by eight.
    let said = said("two", tensors(2), "64kB");
    assert!(
        said.contains("1 file for 8 ranks: 7 of them have nothing to write") && said.contains("--format dcp"),
        "{said}"
    );
}
