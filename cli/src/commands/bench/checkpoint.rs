//! Writing a checkpoint, beside a plain write and a plain copy of as many bytes in the same folder.

use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use crate::args::{DTypeChoice, SchemeArguments};
use crate::assign::{self, Scheme};
use crate::device::Device;
use crate::interrupt::Unfinished;
use crate::output::Output;
use crate::{interrupt, model};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wgpu_init::{CpuExecutor, DType, Seed};
use wgpu_init_models::checkpoint::{Layout, write};

/// Bytes of one plain write.
const PIECE: usize = 1 << 20;

/// Does a work once and says how long it took.
type Once<'a> = Box<dyn Fn() -> Result<Duration> + 'a>;

/// A model's tensors as f32 normals, and where to write them.
pub(crate) struct Bench {
    layout: Layout,
    header: Vec<u8>,
    /// Removed with all that is in it when this value goes, after an error too.
    folder: TempDir,
    _unfinished: Unfinished,
}

impl Bench {
    pub(crate) fn new(folder: &Path, model: &str) -> Result<Self> {
        let scheme = Scheme::Init(Law::Normal.initializer());
        let model = model::bundled_first(model)?;
        let layout =
            Layout::new(assign::tensors(model, &scheme, &SchemeArguments::default(), DTypeChoice::F32, None)?)?;
        let header = layout.header(&BTreeMap::new())?;
        let cannot = || format!("cannot write to {}", folder.display());
        let folder = tempfile::Builder::new().prefix(".wgpu-init-bench-").tempdir_in(folder).with_context(cannot)?;
        let unfinished = Unfinished::new(folder.path());
        Ok(Self { layout, header, folder, _unfinished: unfinished })
    }

    /// The three works in turn, so that what else the machine does hits all alike.
    pub(crate) fn rows(&self, rows: &mut Rows<'_>, device: &Device) -> Result<()> {
        let timing = Timing::EndToEnd;
        let bytes = self.header.len() as u64 + self.layout.size();
        let checkpoint = Task::new(Work::WriteCheckpoint, timing, Law::Normal, DType::F32, bytes);
        let mut piece = vec![0; PIECE];
        CpuExecutor::new().run_in(&mut piece, &[Law::Normal.tensor(DType::F32, PIECE as u64)?])?;
        self.source(&piece, bytes)?;
        let works: Vec<(Task, Once<'_>)> = vec![
            (checkpoint.tensors(self.layout.tensors().len()), Box::new(|| self.write_checkpoint(device))),
            (Task::plain(Work::WriteBytes, timing, bytes), Box::new(|| self.write_bytes(&piece, bytes))),
            (Task::plain(Work::CopyFile, timing, bytes), Box::new(|| self.copy_file())),
        ];
        rows.in_turn(works, |work| work())
    }

    /// What is copied. It stays in the system's cache where that is large enough.
    fn source(&self, piece: &[u8], bytes: u64) -> Result<()> {
        let mut output = Output::create(&self.folder.path().join("source"))?;
        write_pieces(&mut output, piece, bytes)?;
        output.finish()
    }

    fn write_checkpoint(&self, device: &Device) -> Result<Duration> {
        self.timed(|path| {
            let mut output = Output::create(path)?;
            let mut drawer = device.drawer(self.layout.largest_whole());
            let go_on = |_| interrupt::control();
            write(&self.layout, &self.header, Seed::new(0), &mut drawer, &mut output, &go_on)?;
            output.finish()
        })
    }

    /// Bytes that are in memory, and in a processor's cache, through the same calls.
    fn write_bytes(&self, piece: &[u8], bytes: u64) -> Result<Duration> {
        self.timed(|path| {
            let mut output = Output::create(path)?;
            write_pieces(&mut output, piece, bytes)?;
            output.finish()
        })
    }

    fn copy_file(&self) -> Result<Duration> {
        let source = self.folder.path().join("source");
        self.timed(|path| {
            // As far as a checkpoint goes: to the disk.
            std::fs::copy(&source, path)?;
            Ok(std::fs::File::open(path)?.sync_all()?)
        })
    }

    /// The time from before a file is made until it is complete under its name. It is removed afterwards.
    fn timed(&self, work: impl FnOnce(&Path) -> Result<()>) -> Result<Duration> {
        let path = self.folder.path().join("target");
        let start = Instant::now();
        work(&path)?;
        let elapsed = start.elapsed();
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        Ok(elapsed)
    }
}

fn write_pieces(output: &mut Output, piece: &[u8], bytes: u64) -> Result<()> {
    let mut left = bytes;
    while left > 0 {
        let size = left.min(piece.len() as u64);
        output.write_all(&piece[..usize::try_from(size)?]).context("cannot write")?;
        left -= size;
    }
    Ok(())
}
