//! Random f32 tensors on the CPU: this crate beside `rand`, `rand_distr` and `rand_philox`. All alternate in one process; each figure is
//! the least of many repetitions.

#[allow(dead_code, reason = "a build for the best instructions leaves the others out")]
mod peers;

use std::hint::black_box;
use std::time::Instant;
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

#[derive(Clone, Copy, PartialEq)]
enum Law {
    Uniform,
    Normal,
    Truncated,
}

impl Law {
    const ALL: [Self; 3] = [Self::Uniform, Self::Normal, Self::Truncated];

    const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::Truncated => "trunc_normal",
        }
    }

    fn tensor(self, elements: usize) -> wgpu_init::Result<Fill> {
        let initializer = match self {
            Self::Uniform => Initializer::uniform(-0.02, 0.02),
            Self::Normal => Initializer::normal(0.0, 0.02),
            Self::Truncated => Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        };
        let fill = Fill::new(Shape::new([elements as u64])?, initializer)?;
        Ok(fill.named(Seed::new(0), "tensor"))
    }
}

/// Something that fills a slice.
struct Work<'a> {
    what: &'static str,
    fill: Box<dyn FnMut(&mut [f32]) + Send + 'a>,
}

impl<'a> Work<'a> {
    fn new(what: &'static str, fill: impl FnMut(&mut [f32]) + Send + 'a) -> Self {
        Self { what, fill: Box::new(fill) }
    }
}

/// KiB of what one thread fills: in a core's cache, and beyond it.
const ONE_THREAD: [usize; 2] = [64, 8 << 10];
/// KiB of what one thread and all of them fill, warm and in fresh memory.
const LARGE: [usize; 2] = [8 << 10, 64 << 10];

pub fn run() -> Outcome {
    println!("what,device,law,mib,seconds,gb_per_s");
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let (one, all) = (pool(1)?, pool(0)?);
    for kib in ONE_THREAD {
        for law in Law::ALL {
            let spec = law.tensor(kib << 8)?;
            let mut works = vec![ours("wgpu-init", &one, &spec), zeros(&one)];
            works.append(&mut peers::works(law));
            one.install(|| measure(&mut works, kib, law.name()));
        }
    }
    for kib in LARGE {
        for law in Law::ALL {
            let spec = law.tensor(kib << 8)?;
            // Memory that the process did not have before: the system zeroes it page by page.
            let into_fresh = |pool, spec| {
                let mut fill = ours("", pool, spec).fill;
                move |_: &mut [f32]| {
                    let mut memory = vec![0f32; kib << 8];
                    fill(&mut memory);
                    black_box(memory);
                }
            };
            for pool in [&one, &all] {
                let fresh = Work::new("wgpu-init into fresh memory", into_fresh(pool, &spec));
                let warm = [ours("wgpu-init", pool, &spec), zeros(pool)];
                let mut zeroed = zeros(pool).fill;
                let zeros_into_fresh = Work::new("clear into fresh memory", move |_| {
                    let mut memory = vec![0f32; kib << 8];
                    zeroed(&mut memory);
                    black_box(memory);
                });
                let mut works: Vec<_> = warm.into_iter().chain([fresh, zeros_into_fresh]).collect();
                pool.install(|| measure(&mut works, kib, law.name()));
            }
        }
    }
    Ok(())
}

fn ours<'a>(what: &'static str, pool: &'a rayon::ThreadPool, spec: &'a Fill) -> Work<'a> {
    Work::new(what, move |out| {
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(out);
        pool.install(|| CpuExecutor::new().run_in(bytes, [spec])).expect("the tensor is as long as the slice");
    })
}

/// What memory takes at best.
fn zeros(pool: &rayon::ThreadPool) -> Work<'_> {
    use rayon::prelude::*;
    Work::new("clear", move |out| {
        pool.install(|| out.par_chunks_mut(16 << 10).for_each(|chunk| chunk.fill(black_box(0.0))));
    })
}

/// Prints the least time of each, on the threads of the pool that this is called in: waking them from outside would cost 64 KiB as much
/// as filling them.
fn measure(works: &mut [Work<'_>], kib: usize, law: &str) {
    let repetitions = if kib <= 64 { 1000 } else { 60 };
    let mut memory = vec![1f32; kib << 8];
    let mut least = vec![f64::INFINITY; works.len()];
    for _ in 0..repetitions {
        for (work, least) in works.iter_mut().zip(&mut least) {
            let start = Instant::now();
            (work.fill)(black_box(&mut memory));
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    let device = device(rayon::current_num_threads());
    for (Work { what, .. }, seconds) in works.iter().zip(least) {
        let (mib, rate) = (kib as f64 / 1024.0, (kib << 10) as f64 / seconds * 1e-9);
        println!("{what},{device},{law},{mib},{seconds:.9},{rate:.3}");
    }
}

/// The processor, the threads in use, the instructions that there are for them, and those that the build takes for granted.
fn device(threads: usize) -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name));
    let name = name.unwrap_or(std::env::consts::ARCH).trim().replace(',', ";");
    #[cfg(target_arch = "x86_64")]
    let level = if is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "SSE"
    };
    #[cfg(not(target_arch = "x86_64"))]
    let level = std::env::consts::ARCH;
    let build = if cfg!(target_feature = "avx512f") {
        "built for AVX-512"
    } else if cfg!(target_feature = "avx2") {
        "built for AVX2"
    } else {
        "default build"
    };
    format!("CPU {name}; {threads} thread{}; {level}; {build}", if threads == 1 { "" } else { "s" })
}
