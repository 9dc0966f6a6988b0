//! A record's file and its date.

use anyhow::{Context, Result, ensure};
use std::path::Path;

/// Where a figure comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// As `2026-11-24`: the end of the file's name. In front, so that sources sort by it.
    pub date: String,
    /// The file's name.
    pub name: String,
}

impl Source {
    /// # Errors
    /// The name does not end with a date, so nobody could say which record is the newest.
    pub fn new(name: &str) -> Result<Self> {
        let stem = name.strip_suffix(".csv").unwrap_or(name);
        let date = stem.len().checked_sub(10).and_then(|at| stem.get(at..)).unwrap_or_default();
        let is_date =
            date.chars().enumerate().all(|(at, c)| if at == 4 || at == 7 { c == '-' } else { c.is_ascii_digit() });
        ensure!(date.len() == 10 && is_date, "the record {name} has no date: call it NAME-YYYY-MM-DD.csv");
        Ok(Self { date: date.to_owned(), name: name.to_owned() })
    }
}

/// Names and contents of the CSV files in a folder, by name: the order in which a system lists them decides nothing.
pub(super) fn list(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            let name = path.file_name().and_then(|name| name.to_str()).context("a record's name is text")?.to_owned();
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            files.push((name, text));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn dates() {
        let date = |name| Source::new(name).ok().map(|source| source.date);
        assert_eq!(date("bench-x-2026-11-24.csv").as_deref(), Some("2026-11-24"));
        assert_eq!(date("bench.csv"), None);
        assert_eq!(date("bench-2026-11-2é.csv"), None);
        assert_eq!(date("bench-2026_11_24.csv"), None);
    }
}
