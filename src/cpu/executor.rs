//! The executor: fills are cut into chunks, and chunks are filled in parallel.

use super::parallel::each;
use super::{chunk, orthogonal};
use crate::fill::{Job, check_overlap};
use crate::scheme::Place;
use crate::{Error, Fill, FillSpec, Kind, Result};

/// Bytes that one task writes: small enough for a core's cache, large enough that handing it out costs nothing.
const CHUNK: u64 = 64 << 10;

/// Writes fills into bytes in host memory, with the bits that every other executor produces.
///
/// With the feature `threads` it runs on rayon's current thread pool (install another one around the call to choose the
/// number of threads), otherwise on the calling thread.
///
/// ```
/// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
/// let mut weight = vec![0f32; 768 * 2304];
/// let shape = Shape::new([768, 2304])?;
/// let fill = Fill::new(bytemuck::cast_slice_mut(&mut weight), shape, Initializer::normal(0.0, 0.02))?;
/// CpuExecutor::new().run([fill.named(Seed::new(0), "transformer.h.0.attn.c_attn.weight")])?;
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuExecutor(());

impl CpuExecutor {
    /// An executor; it holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }

    /// Writes each fill into its own bytes. Elements are little-endian, in row-major order.
    ///
    /// # Errors
    /// [`Error::Fill`] around what is wrong with a fill. Then nothing was written.
    pub fn run<'a>(&self, fills: impl IntoIterator<Item = Fill<&'a mut [u8]>>) -> Result<()> {
        let mut chunks = Vec::new();
        for (index, fill) in fills.into_iter().enumerate() {
            let (target, spec) = fill.into_parts();
            let job = resolve(&spec, index, target.len())?;
            cut(target, 0, &[(index, job)], &mut chunks);
        }
        run(chunks);
        Ok(())
    }

    /// Writes several fills into one stretch of bytes, each at its offset. Bytes between them keep what they hold.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Overlap`]. Then nothing was written.
    pub fn run_in<'a>(&self, target: &mut [u8], specs: impl IntoIterator<Item = &'a FillSpec>) -> Result<()> {
        let mut jobs = Vec::new();
        for (index, spec) in specs.into_iter().enumerate() {
            let job = resolve(spec, index, target.len())?;
            if !job.bytes.is_empty() {
                jobs.push((index, job));
            }
        }
        jobs.sort_by_key(|(_, job)| job.bytes.start);
        check_overlap(&jobs)?;
        let mut chunks = Vec::new();
        cut(target, 0, &jobs, &mut chunks);
        run(chunks);
        Ok(())
    }
}

/// The bytes of a job: what a plan carries to a device that cannot compute them.
pub(crate) fn bytes_of(job: &Job) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(job.bytes.end - job.bytes.start).unwrap_or(usize::MAX)];
    let mut chunks = Vec::new();
    cut(&mut bytes, job.bytes.start, &[(0, job.clone())], &mut chunks);
    run(chunks);
    bytes
}

fn resolve(spec: &FillSpec, index: usize, size: usize) -> Result<Job> {
    let size = size as u64;
    let job = spec.resolve().and_then(|job| {
        let core::ops::Range { start, end } = job.bytes;
        if end > size && start < end { Err(Error::TargetTooSmall { start, end, size }) } else { Ok(job) }
    });
    job.map_err(|error| error.in_fill(index, spec.name()))
}

/// Cuts sorted, disjoint jobs into chunks, each with its own part of `target`, whose first byte is byte `at`.
fn cut<'a>(mut target: &'a mut [u8], mut at: u64, jobs: &[(usize, Job)], chunks: &mut Vec<(&'a mut [u8], Job)>) {
    let mut take = |bytes: u64| -> &'a mut [u8] {
        let (taken, rest) = core::mem::take(&mut target).split_at_mut(usize::try_from(bytes).unwrap_or(usize::MAX));
        target = rest;
        taken
    };
    for (_, job) in jobs {
        if job.bytes.is_empty() {
            continue;
        }
        take(job.bytes.start - at);
        let mut start = job.bytes.start;
        while start < job.bytes.end {
            // A matrix is made once, for all of its elements.
            let most = if job.constants.kind == Kind::Orthogonal { u64::MAX } else { CHUNK };
            let end = job.bytes.end.min(start.saturating_add(most));
            chunks.push((take(end - start), job.part(start..end)));
            start = end;
        }
        at = start;
    }
}

fn run(chunks: Vec<(&mut [u8], Job)>) {
    let (matrices, chunks): (Vec<_>, Vec<_>) =
        chunks.into_iter().partition(|(_, job)| job.constants.kind == Kind::Orthogonal);
    each(chunks, |(bytes, job)| chunk::fill(&job, bytes));
    // One after the other: each has work for all threads, and needs memory of its own.
    for (bytes, job) in matrices {
        if let Some((Place::Frames(frames), origin)) = job.constants.place {
            orthogonal::fill(&job, &frames, origin, bytes);
        }
    }
}
