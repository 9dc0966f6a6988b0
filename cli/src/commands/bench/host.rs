//! The same tensors on the CPU: by this crate, by `rand` and `rand_distr`, and by a plain clear.

use super::law::Law;
use anyhow::{Context, Result};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, Uniform};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use std::time::{Duration, Instant};
use wgpu_init::{CpuExecutor, Fill};

/// Bytes that a thread takes at a time: as many as the CPU executor hands out.
const CHUNK: usize = 64 << 10;

/// Threads, and memory that they have touched.
pub(crate) struct Host {
    pool: rayon::ThreadPool,
    words: Vec<f32>,
}

impl Host {
    /// 0 threads: one for each core.
    pub(crate) fn new(threads: usize, bytes: u64) -> Result<Self> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let words = vec![1.0; usize::try_from(bytes / 4).context("the tensor fits the memory")?];
        Ok(Self { pool, words })
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        bytemuck::cast_slice_mut(&mut self.words)
    }

    /// What memory takes at best.
    pub(crate) fn clear(&mut self) -> Duration {
        let Self { pool, words } = self;
        let start = Instant::now();
        pool.install(|| words.par_chunks_mut(CHUNK / 4).for_each(|chunk| chunk.fill(std::hint::black_box(0.0))));
        start.elapsed()
    }

    /// The CPU executor.
    pub(crate) fn fill(&mut self, specs: &[Fill]) -> Result<Duration> {
        let start = Instant::now();
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut self.words);
        self.pool.install(|| CpuExecutor::new().run_in(bytes, specs))?;
        Ok(start.elapsed())
    }

    /// What the work takes on the pool's own threads.
    pub(crate) fn timed(&mut self, work: impl FnOnce(&mut [u8]) -> Result<()> + Send) -> Result<Duration> {
        let Self { pool, words } = self;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(words);
        pool.install(|| {
            let start = Instant::now();
            work(bytes)?;
            Ok(start.elapsed())
        })
    }

    /// `rand`'s fastest generator and `rand_distr`, a generator for each chunk.
    pub(crate) fn rand_distr(&mut self, law: Law) -> Result<Duration> {
        let uniform = Uniform::new(-0.02f32, 0.02)?;
        let normal = Normal::new(0.0f32, 0.02)?;
        let start = Instant::now();
        match law {
            Law::Constant => self.each(|_, chunk| chunk.fill(std::hint::black_box(0.02))),
            Law::Uniform => self.each(|rng, chunk| chunk.iter_mut().for_each(|x| *x = rng.sample(uniform))),
            Law::Normal => self.each(|rng, chunk| chunk.iter_mut().for_each(|x| *x = rng.sample(normal))),
            Law::Truncated => self.each(|rng, chunk| {
                chunk.iter_mut().for_each(|x| {
                    *x = loop {
                        let z = normal.sample(rng);
                        if z.abs() <= 0.04 {
                            break z;
                        }
                    }
                });
            }),
        }
        Ok(start.elapsed())
    }

    fn each(&mut self, fill: impl Fn(&mut SmallRng, &mut [f32]) + Sync) {
        let Self { pool, words } = self;
        pool.install(|| {
            words.par_chunks_mut(CHUNK / 4).enumerate().for_each(|(index, chunk)| {
                fill(&mut SmallRng::seed_from_u64(index as u64), chunk);
            });
        });
    }
}
