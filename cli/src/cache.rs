//! What is kept of a device between runs, in the user's folder of caches: compiled pipelines, the fastest tuning, and that the self-test
//! was passed. Everything works without it, and no bit depends on it; what cannot be read or written is done without.

use crate::partial::Partial;
use crate::pipelines::{self, Pipelines};
use crate::read;
use std::fs;
use std::hash::Hasher;
use std::io::Write;
use std::path::{Path, PathBuf};
use wgpu_init::gpu::Tuning;
use wgpu_init::{DType, wgpu};
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// A cache of all pipelines has some hundred KiB.
const MOST_CACHE: u64 = 256 << 20;

/// The files of one device with one driver.
pub(crate) struct DeviceCache {
    pipelines: Option<PathBuf>,
    tuning: Option<PathBuf>,
    passed: Option<PathBuf>,
}

/// A cache of pipelines, where it is kept, and what is there already; None where nothing is, or what is there is damaged.
pub(crate) struct CachedPipelines {
    pub(crate) cache: wgpu::PipelineCache,
    path: PathBuf,
    known: Option<Pipelines>,
}

impl DeviceCache {
    pub(crate) fn new(info: &wgpu::AdapterInfo) -> Self {
        let file = |kind: &str| dirs::cache_dir().map(|folder| folder.join("wgpu-init").join(file_name(info, kind)));
        Self { pipelines: file("pipelines"), tuning: file("tuning"), passed: file("passed") }
    }

    /// The tuning that was found on this device.
    pub(crate) fn tuning(&self) -> Option<Tuning> {
        read::text(self.tuning.as_ref()?, read::MOST_TEXT).ok()?.trim().parse().ok()
    }

    /// Keeps a tuning and says where.
    pub(crate) fn keep_tuning(&self, tuning: Tuning) -> std::io::Result<Option<&Path>> {
        let Some(path) = &self.tuning else { return Ok(None) };
        replace(path, format!("{tuning}\n").as_bytes())?;
        Ok(Some(path))
    }

    /// Those of the dtypes for which this very program has not passed the self-test on the device with this tuning. Another build, driver
    /// or tuning is tested anew.
    pub(crate) fn untested(&self, tuning: Tuning, dtypes: &[DType]) -> Vec<DType> {
        let passed = self.passed(tuning);
        dtypes.iter().filter(|dtype| !passed.contains(dtype)).copied().collect()
    }

    /// Keeps that it passed for these too.
    pub(crate) fn keep_passed(&self, tuning: Tuning, dtypes: &[DType]) {
        let Some((path, stamp)) = self.passed.as_ref().zip(stamp(tuning)) else { return };
        let before = self.passed(tuning);
        let passed = DType::ALL.iter().filter(|dtype| before.contains(dtype) || dtypes.contains(dtype));
        let lines: String =
            [stamp].into_iter().chain(passed.map(ToString::to_string)).map(|line| line + "\n").collect();
        // Next time it is tested again, that is all.
        let _ = replace(path, lines.as_bytes());
    }

    /// For which dtypes this program passed.
    fn passed(&self, tuning: Tuning) -> Vec<DType> {
        let Some((path, stamp)) = self.passed.as_ref().zip(stamp(tuning)) else { return Vec::new() };
        let kept = read::text(path, read::MOST_TEXT).unwrap_or_default();
        let mut lines = kept.lines();
        if lines.next() != Some(&stamp) {
            return Vec::new();
        }
        lines.filter_map(|line| line.parse().ok()).collect()
    }

    /// Removes everything that is kept of the device.
    pub(crate) fn forget(&self) -> std::io::Result<()> {
        for path in [&self.pipelines, &self.tuning, &self.passed].into_iter().flatten() {
            match fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// A cache of pipelines with what is kept, on devices that have one.
    pub(crate) fn pipelines(&self, device: &wgpu::Device) -> Option<CachedPipelines> {
        let path = self.pipelines.clone()?;
        let known = read::bytes(&path, MOST_CACHE).ok().and_then(|file| Pipelines::from_file(&file));
        let cache = pipelines::cache(device, known.as_ref())?;
        Some(CachedPipelines { cache, path, known })
    }
}

impl CachedPipelines {
    /// Whether nothing was kept that could be used.
    pub(crate) fn is_new(&self) -> bool {
        self.known.is_none()
    }

    /// Writes the cache if it has changed.
    pub(crate) fn keep(self) {
        if let Some(now) = Pipelines::of(&self.cache).filter(|now| self.known.as_ref() != Some(now)) {
            // Next time is slower, that is all.
            let _ = replace(&self.path, &now.to_file());
        }
    }
}

/// What says which program passed, and how it worked. Its bytes stand for the shaders in it, and for what translates them.
fn stamp(tuning: Tuning) -> Option<String> {
    let program = fs::read(std::env::current_exe().ok()?).ok()?;
    Some(format!("{:032x} {tuning}", xxh3_128(&program)))
}

/// A name that says what it is of, and is another for another driver.
fn file_name(info: &wgpu::AdapterInfo, kind: &str) -> String {
    let mut hash = Xxh3::new();
    for part in [&info.name, &info.driver, &info.driver_info] {
        hash.write(part.as_bytes());
        hash.write_u8(0);
    }
    let backend = format!("{:?}", info.backend).to_lowercase();
    format!("{backend}-{:04x}-{:04x}-{:016x}.{kind}", info.vendor, info.device, hash.finish())
}

/// Writes a file as a whole or not at all.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let mut partial = Partial::new(path).map_err(std::io::Error::other)?;
    partial.file().write_all(bytes)?;
    partial.finish().map_err(std::io::Error::other)
}
