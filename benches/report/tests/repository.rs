//! The repository's plots and figures are what its records give, and whatever is not is found.

use std::fs;
use std::path::Path;
use wgpu_init_report::outputs::{COMMAND, Outputs};

type Result = anyhow::Result<()>;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

#[test]
fn plots_and_figures_are_what_the_records_give() -> Result {
    Outputs::new(Path::new(ROOT))?.check()
}

/// A copy of what the command reads and writes.
fn copy() -> anyhow::Result<tempfile::TempDir> {
    let to = tempfile::tempdir()?;
    for folder in ["benches/record", "docs/plots"] {
        fs::create_dir_all(to.path().join(folder))?;
        for entry in fs::read_dir(Path::new(ROOT).join(folder))? {
            let entry = entry?;
            fs::copy(entry.path(), to.path().join(folder).join(entry.file_name()))?;
        }
    }
    for file in ["README.md", "docs/performance.md"] {
        fs::copy(Path::new(ROOT).join(file), to.path().join(file))?;
    }
    Ok(to)
}

#[test]
fn an_edited_figure_a_touched_plot_and_a_left_over_one_are_named() -> Result {
    let copy = copy()?;
    let root = copy.path();
    Outputs::new(root)?.write()?;
    let plot =
        Outputs::new(root)?.check().and_then(|()| Ok(fs::read_dir(root.join("docs/plots"))?.next().transpose()?))?;
    let plot = plot.map(|plot| plot.path());

    let page = fs::read_to_string(root.join("docs/performance.md"))?;
    let (before, figures) = page.split_once("<!-- figures:").unwrap_or_default();
    // Which table there is depends on the records: a share or a factor.
    let edits = [" %)", "×"].map(|unit| figures.replacen(unit, &format!("0{unit}"), 1));
    let edited = edits.iter().find(|edited| *edited != figures).map_or("", String::as_str);
    assert!(!edited.is_empty(), "there is a figure to edit");
    fs::write(root.join("docs/performance.md"), format!("{before}<!-- figures:{edited}"))?;
    fs::write(root.join("docs/plots/gone.svg"), "")?;
    if let Some(plot) = &plot {
        fs::write(plot, fs::read_to_string(plot)?.replacen("</svg>", "<g/></svg>", 1))?;
    }

    let outputs = Outputs::new(root)?;
    let message = outputs.check().map_err(|error| error.to_string()).err().unwrap_or_default();
    let name = plot.as_ref().and_then(|plot| plot.file_name()?.to_str()).unwrap_or("performance.md");
    for part in ["docs/performance.md", "docs/plots/gone.svg", name, COMMAND] {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    assert!(!message.contains("README.md"), "{message}");

    outputs.write()?;
    assert_eq!(fs::read_to_string(root.join("docs/performance.md"))?, page);
    assert!(!root.join("docs/plots/gone.svg").exists());
    Outputs::new(root)?.check()
}

#[test]
fn a_newer_record_makes_everything_stale() -> Result {
    let copy = copy()?;
    let root = copy.path();
    let header = "device,backend,driver,what,work,timing,law,dtype,bytes,tensors,seconds\n";
    let mut record = header.to_owned();
    for bytes in [1 << 20, 1 << 30] {
        for what in ["wgpu-init", "torch"] {
            record += &format!("Test GPU,Vulkan,1,{what},fill,warm,normal,f32,{bytes},1,1e-6\n");
        }
    }
    fs::write(root.join("benches/record/new-9999-12-31.csv"), record)?;
    let stale = Outputs::new(root)?.stale()?;
    for path in ["README.md", "docs/performance.md", "docs/plots/throughput-test-gpu-vulkan.svg"] {
        assert!(stale.iter().any(|stale| stale == path), "{path} is not in {stale:?}");
    }
    Ok(())
}
