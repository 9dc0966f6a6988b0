//! The documents as a reader of the repository sees them.

use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const FOLDERS: [&str; 8] =
    [".", "cli", "models", "models/docs", "docs", "docs/guide", "docs/decisions", "docs/internals"];

/// rustdoc hides lines that begin with `# `; a page of the repository shows them.
#[test]
fn no_example_has_a_line_that_only_rustdoc_hides() -> anyhow::Result<()> {
    let mut examples = 0;
    for folder in FOLDERS {
        for entry in fs::read_dir(Path::new(ROOT).join(folder))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            for example in text.split("\n```rust").skip(1) {
                let code = example.split("\n```").next().unwrap_or_default();
                let hidden = code.lines().skip(1).find(|line| line.trim() == "#" || line.trim().starts_with("# "));
                assert!(hidden.is_none(), "{}: {hidden:?}", path.display());
                examples += 1;
            }
        }
    }
    assert!(examples >= 8, "only {examples} examples were found");
    Ok(())
}
