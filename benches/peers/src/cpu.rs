//! Random tensors on the CPU: this crate beside `rand`, `rand_distr` and `rand_philox`, all in turn.

use crate::law::Law;
use crate::record::{OURS, Record};
use crate::turns::in_turn;
use crate::{Out, line, peers};
use anyhow::Result;
use rayon::prelude::*;
use std::hint::black_box;
use std::time::Instant;
use wgpu_init::{CpuExecutor, DType};

/// Something that fills a slice, and how its line begins.
pub struct Work {
    record: Record,
    fill: Box<dyn FnMut(&mut [f32]) + Send>,
}

impl Work {
    pub fn new(what: &str, detail: &str, law: Law, fill: impl FnMut(&mut [f32]) + Send + 'static) -> Self {
        let record = Record { detail: detail.to_owned(), ..line(what, "fill", "warm", law.name(), "f32", 0) };
        Self { record, fill: Box::new(fill) }
    }

    /// In memory that the process did not have before: the system zeroes it page by page.
    fn fresh(mut self) -> Self {
        let mut fill = self.fill;
        self.record.timing = "first_touch".to_owned();
        self.fill = Box::new(move |warm: &mut [f32]| {
            let mut memory = vec![0f32; warm.len()];
            fill(&mut memory);
            black_box(memory);
        });
        self
    }
}

/// Bytes of a tensor, and repetitions: in a core's cache, in a shared one, and beyond.
const SIZES: [(usize, u32); 3] = [(64 << 10, 1000), (8 << 20, 60), (64 << 20, 9)];

pub fn run(out: Out) -> Result<()> {
    for (bytes, repetitions) in SIZES {
        for law in Law::RANDOM {
            for threads in [1, rayon::current_num_threads()] {
                let mut works = ours(law, bytes)?;
                works.push(zeros(law));
                if bytes > SIZES[0].0 {
                    works.extend(ours(law, bytes)?.into_iter().take(1).chain([zeros(law)]).map(Work::fresh));
                }
                if threads == 1 {
                    works.append(&mut peers::works(law));
                }
                // On the threads of the pool: waking them from outside would cost 64 KiB as much as filling them.
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
                let times = pool.install(|| {
                    let mut memory = vec![1f32; bytes / 4];
                    in_turn(repetitions, &mut works, |work| {
                        let start = Instant::now();
                        (work.fill)(black_box(&mut memory));
                        Ok(start.elapsed())
                    })
                })?;
                for (Work { record, .. }, times) in works.into_iter().zip(times) {
                    let (threads, bytes) = (Some(threads as u64), Some(bytes as u64));
                    out.put(Record { threads, bytes, path: path(), ..record }.timed(&times))?;
                }
            }
        }
    }
    Ok(())
}

/// This crate, in each dtype of as many bytes: the first is f32.
fn ours(law: Law, bytes: usize) -> Result<Vec<Work>> {
    let dtypes = [DType::F32, DType::F16, DType::Bf16].into_iter();
    let work = dtypes.map(|dtype| {
        let fill = law.tensor(dtype, bytes as u64)?;
        let mut work = Work::new(OURS, "", law, move |out| {
            let bytes: &mut [u8] = bytemuck::cast_slice_mut(out);
            CpuExecutor::new().run_in(bytes, [&fill]).expect("the tensor is as long as the slice");
        });
        work.record.dtype = Some(dtype.to_string());
        Ok(work)
    });
    work.collect()
}

/// What memory takes at best.
fn zeros(law: Law) -> Work {
    let fill = |out: &mut [f32]| out.par_chunks_mut(16 << 10).for_each(|chunk| chunk.fill(black_box(0.0)));
    let mut work = Work::new("clear", &format!("beside {}", law.name()), law, fill);
    (work.record.work, work.record.law, work.record.dtype) = ("clear".to_owned(), None, None);
    work
}

/// The instructions that there are, and those that the build takes for granted.
fn path() -> String {
    #[cfg(target_arch = "x86_64")]
    let has = (is_x86_feature_detected!("avx512f"), is_x86_feature_detected!("avx2"), "SSE");
    #[cfg(not(target_arch = "x86_64"))]
    let has = (false, false, std::env::consts::ARCH);
    let level = |has: (bool, bool, &'static str)| match has {
        (true, _, _) => "AVX-512",
        (_, true, _) => "AVX2",
        (_, _, other) => other,
    };
    let build = level((cfg!(target_feature = "avx512f"), cfg!(target_feature = "avx2"), ""));
    let build = if build.is_empty() { "default build".to_owned() } else { format!("built for {build}") };
    format!("{}, {build}", level(has))
}
