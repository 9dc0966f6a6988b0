//! The repository's plots and figures are what its records give.

use expect_test::expect_file;
use std::fs;
use std::path::Path;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// `UPDATE_EXPECT=1` writes what is not.
#[test]
fn plots_and_figures_are_what_the_records_give() -> anyhow::Result<()> {
    let root = Path::new(ROOT);
    let outputs = wgpu_init_report::outputs(root)?;
    for (path, text) in &outputs {
        expect_file![root.join(path)].assert_eq(text);
    }
    for entry in fs::read_dir(root.join("docs/plots"))? {
        let path = format!("docs/plots/{}", entry?.file_name().to_string_lossy());
        assert!(outputs.contains_key(&path), "no record gives {path} any more: remove it");
    }
    Ok(())
}
