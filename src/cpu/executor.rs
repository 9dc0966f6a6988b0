//! The executor: fills are cut into chunks, and chunks are filled in parallel.

use super::parallel::each;
use super::{chunk, orthogonal};
use crate::fill::{Job, check_overlap};
use crate::value::program::{Elementwise, Orthogonal, Program};
use crate::{Error, Fill, Result};
use core::borrow::Borrow;

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
/// let fill = Fill::new(Shape::new([768, 2304])?, Initializer::normal(0.0, 0.02))?;
/// let fill = fill.named(Seed::new(0), "transformer.h.0.attn.c_attn.weight");
/// CpuExecutor::new().run([(bytemuck::cast_slice_mut(&mut weight), fill)])?;
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
    pub fn run<'a, F: Borrow<Fill>>(&self, fills: impl IntoIterator<Item = (&'a mut [u8], F)>) -> Result<()> {
        let mut work = Work::default();
        for (index, (target, fill)) in fills.into_iter().enumerate() {
            let job = resolve(fill.borrow(), index, target.len())?;
            work.add(target, &[(index, job)]);
        }
        work.run();
        Ok(())
    }

    /// Writes several fills into one stretch of bytes, each at its offset. Bytes between them keep what they hold.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Overlap`]. Then nothing was written.
    pub fn run_in<F: Borrow<Fill>>(&self, target: &mut [u8], fills: impl IntoIterator<Item = F>) -> Result<()> {
        let mut jobs = Vec::new();
        for (index, fill) in fills.into_iter().enumerate() {
            let job = resolve(fill.borrow(), index, target.len())?;
            if !job.bytes.is_empty() {
                jobs.push((index, job));
            }
        }
        jobs.sort_by_cached_key(|(_, job)| job.bytes.start);
        check_overlap(jobs.iter().map(|(index, job)| (*index, &job.bytes)))?;
        let mut work = Work::default();
        work.add(target, &jobs);
        work.run();
        Ok(())
    }
}

fn resolve(fill: &Fill, index: usize, size: usize) -> Result<Job> {
    let size = size as u64;
    let job = fill.resolve().and_then(|job| {
        let core::ops::Range { start, end } = job.bytes;
        if end > size && start < end {
            return Err(Error::TargetTooSmall { start, end, size });
        }
        if let Program::Orthogonal(program) = &job.program
            && start < end
        {
            orthogonal::check_memory(&program.frames)?;
        }
        Ok(job)
    });
    job.map_err(|error| error.in_fill(index, fill.name()))
}

/// Bytes with the jobs that write them: small ones for all threads, and matrices that each have work for all threads.
#[derive(Default)]
struct Work<'a> {
    chunks: Vec<(&'a mut [u8], Job<Elementwise>)>,
    matrices: Vec<(&'a mut [u8], Job<Orthogonal>)>,
}

impl<'a> Work<'a> {
    /// Cuts sorted, disjoint jobs into chunks, each with its own part of `target`.
    fn add(&mut self, mut target: &'a mut [u8], jobs: &[(usize, Job)]) {
        let mut at = 0;
        let mut take = |bytes: u64| -> &'a mut [u8] {
            let (taken, rest) = core::mem::take(&mut target).split_at_mut(usize::try_from(bytes).unwrap_or(usize::MAX));
            target = rest;
            taken
        };
        for (_, job) in jobs.iter().filter(|(_, job)| !job.bytes.is_empty()) {
            take(job.bytes.start - at);
            at = job.bytes.end;
            match job.program {
                Program::Elementwise(program) => {
                    let (whole, mut start) = (job.with(program), job.bytes.start);
                    while start < job.bytes.end {
                        let end = job.bytes.end.min(start.saturating_add(CHUNK));
                        self.chunks.push((take(end - start), whole.part(start..end)));
                        start = end;
                    }
                }
                Program::Orthogonal(program) => {
                    self.matrices.push((take(job.bytes.end - job.bytes.start), job.with(program)));
                }
            }
        }
    }

    fn run(self) {
        each(self.chunks, |(bytes, job)| chunk::fill(&job, bytes));
        // One after the other: each has work for all threads, and needs memory of its own.
        for (bytes, job) in self.matrices {
            orthogonal::fill(&job, bytes);
        }
    }
}
