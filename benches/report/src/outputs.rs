//! Everything that is generated, compared with what the repository holds.

use crate::figures;
use crate::plot;
use crate::record::Records;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};

/// What makes the outputs anew.
pub const COMMAND: &str = "cargo run -p wgpu-init-report";

const PLOTS: &str = "docs/plots";

/// The generated files of a repository.
#[derive(Clone, Debug)]
pub struct Outputs {
    root: PathBuf,
    /// Paths in the repository, and contents; of files with a generated block the whole.
    files: Vec<(String, String)>,
    notes: Vec<String>,
}

impl Outputs {
    /// What the records of the repository at this path give. Writes nothing.
    ///
    /// # Errors
    /// A record or a file with a generated block cannot be read.
    pub fn new(root: &Path) -> Result<Self> {
        let records = Records::read(&root.join("benches/record"))?;
        let plots = plot::all(&records)?;
        let mut files = Vec::new();
        for (path, blocks) in [
            ("README.md", vec![(&figures::CHART_BLOCK, figures::chart(&records, &plots))]),
            (
                "docs/performance.md",
                vec![
                    (&figures::BLOCK, figures::headline(&records)),
                    (&figures::GALLERY_BLOCK, figures::gallery(&plots)),
                ],
            ),
        ] {
            let mut text =
                std::fs::read_to_string(root.join(path)).with_context(|| format!("{path} cannot be read"))?;
            for (block, content) in blocks {
                text = block.replace(&text, &content).with_context(|| path.to_owned())?;
            }
            files.push((path.to_owned(), text));
        }
        files.extend(
            plots.into_iter().chain([plot::histograms()?]).map(|plot| (format!("{PLOTS}/{}", plot.name), plot.svg)),
        );
        Ok(Self { root: root.to_owned(), files, notes: records.notes })
    }

    /// What a person may want to know of the choice of records.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Files that are not what the records give, and plots that no record gives any more.
    ///
    /// # Errors
    /// The folder of plots cannot be read.
    pub fn stale(&self) -> Result<Vec<String>> {
        let differs = |(path, new): &&(String, String)| {
            std::fs::read_to_string(self.root.join(path)).map_or(true, |old| old != *new)
        };
        let mut stale: Vec<_> = self.files.iter().filter(differs).map(|(path, _)| path.clone()).collect();
        stale.extend(self.superfluous()?);
        Ok(stale)
    }

    /// # Errors
    /// Something is stale: the message names it, and the command to run.
    pub fn check(&self) -> Result<()> {
        let stale = self.stale()?;
        ensure!(stale.is_empty(), "not what benches/record gives: {}; run `{COMMAND}`", stale.join(", "));
        Ok(())
    }

    /// Writes what is stale and removes what is superfluous; says what it did.
    ///
    /// # Errors
    /// A file cannot be written or removed.
    pub fn write(&self) -> Result<Vec<String>> {
        let stale = self.stale()?;
        let mut changes = Vec::new();
        for path in self.superfluous()? {
            std::fs::remove_file(self.root.join(&path)).with_context(|| format!("{path} cannot be removed"))?;
            changes.push(format!("removed {path}"));
        }
        std::fs::create_dir_all(self.root.join(PLOTS))?;
        for (path, text) in self.files.iter().filter(|(path, _)| stale.contains(path)) {
            std::fs::write(self.root.join(path), text).with_context(|| format!("{path} cannot be written"))?;
            changes.push(format!("wrote {path}"));
        }
        Ok(changes)
    }

    fn superfluous(&self) -> Result<Vec<String>> {
        let folder = self.root.join(PLOTS);
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let path = format!("{PLOTS}/{name}");
            if name.ends_with(".svg") && !self.files.iter().any(|(known, _)| *known == path) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}
