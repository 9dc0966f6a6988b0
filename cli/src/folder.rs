//! What the command line says of a folder: formats, sizes of files, ranks.

use crate::args::InitArguments;
use crate::ranks::RankArguments;
use crate::store;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Who reads a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FolderFormat {
    Hf,
    Dcp,
}

/// How a checkpoint is shared among files, and these among processes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FolderArguments {
    /// In a folder: the most bytes of data of a file, e.g. 5GB, 500MB, 2GiB; a larger tensor has a file of its own [default: 5GB]
    #[arg(long, value_name = "SIZE", value_parser = parse_size, conflicts_with = "no_write")]
    pub(crate) max_shard_size: Option<u64>,
    /// How a folder is written. hf: whole tensors and an index, as Hugging Face's libraries read them. dcp: of every tensor each rank's
    /// part, as PyTorch's distributed checkpoint reads them from safetensors files (HuggingFaceStorageReader) [default: hf]
    #[arg(long, value_enum, conflicts_with = "no_write")]
    pub(crate) format: Option<FolderFormat>,
    /// With --format dcp: a TOML file with a mesh of ranks, and patterns of names with shard(AXIS) or replicate for each of its axes;
    /// without it, rows of every tensor, as FSDP has them
    #[arg(long, value_name = "FILE", requires = "format", conflicts_with = "no_write")]
    pub(crate) placements: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) ranks: RankArguments,
    /// In a folder: keep the files of this job that are complete and make the others
    #[arg(long, conflicts_with = "no_write")]
    pub(crate) resume: bool,
}

impl FolderArguments {
    /// Bytes of a file, as `huggingface_hub` has them.
    pub(crate) fn most(&self) -> u64 {
        self.max_shard_size.unwrap_or(5_000_000_000)
    }

    /// The option that only a folder can have.
    fn said(&self) -> Option<&'static str> {
        let Self { max_shard_size, format, placements, ranks, resume } = self;
        let said = [
            ("--format", format.is_some()),
            ("--placements", placements.is_some()),
            ("--max-shard-size", max_shard_size.is_some()),
            ("--rank", ranks.rank.is_some()),
            ("--ranks", ranks.ranks.is_some()),
            ("--resume", *resume),
        ];
        said.into_iter().find(|(_, is_said)| *is_said).map(|(flag, _)| flag)
    }
}

impl InitArguments {
    /// The output, if that is a folder.
    pub(crate) fn folder(&self) -> Option<anyhow::Result<&Path>> {
        let path = self.output.as_deref()?;
        if store::is_url(path) || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator) || path.is_dir()
        {
            return Some(Ok(path));
        }
        let flag = self.folder.said()?;
        Some(Err(anyhow::anyhow!("{flag} is for a folder: write -o {}/", path.display())))
    }
}

/// Bytes, as people write them: units of 1000, or of 1024 with an i.
fn parse_size(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, u32, u64); 9] = [
        ("KIB", 10, 0),
        ("MIB", 20, 0),
        ("GIB", 30, 0),
        ("TIB", 40, 0),
        ("KB", 0, 1_000),
        ("MB", 0, 1_000_000),
        ("GB", 0, 1_000_000_000),
        ("TB", 0, 1_000_000_000_000),
        ("B", 0, 1),
    ];
    let text = text.trim().to_ascii_uppercase();
    let unit = UNITS.iter().find_map(|(unit, shift, factor)| {
        let number = text.strip_suffix(unit)?;
        Some((number, if *factor == 0 { 1 << shift } else { *factor }))
    });
    let (number, unit) = unit.unwrap_or((&text, 1));
    let bytes = number.trim().parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "write a whole number and a unit, e.g. 5GB, 500MB or 2GiB".to_owned())
}
