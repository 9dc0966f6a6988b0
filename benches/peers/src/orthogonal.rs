//! Orthogonal matrices on the CPU: this crate beside the QR of a Gaussian matrix with a sign fix by nalgebra and faer, on all threads
//! and on one. Adapters, and batches of small matrices, are measured by `wgpu-init bench --work orthogonal`.

use crate::record::{OURS, Record};
use crate::turns::in_turn;
use crate::{Out, line};
use anyhow::Result;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};
use std::time::Instant;
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

fn gaussian(n: usize) -> Vec<f32> {
    let mut rng = SmallRng::seed_from_u64(1);
    (0..n * n).map(|_| StandardNormal.sample(&mut rng)).collect()
}

/// Each fills a matrix of n rows, column by column or row by row.
type Work = fn(usize, &mut [f32]) -> Result<()>;

fn ours(n: usize, out: &mut [f32]) -> Result<()> {
    let fill = Fill::new(Shape::new([n as u64, n as u64])?, Initializer::orthogonal(1.0))?.named(Seed::new(1), "w");
    Ok(CpuExecutor::new().run_in(bytemuck::cast_slice_mut::<f32, u8>(out), &[fill])?)
}

fn by_faer(n: usize, out: &mut [f32]) -> Result<()> {
    faer::set_global_parallelism(match rayon::current_num_threads() {
        1 => faer::Par::Seq,
        threads => faer::Par::rayon(threads),
    });
    let data = gaussian(n);
    let qr = faer::Mat::from_fn(n, n, |row, column| data[row * n + column]).qr();
    let (q, r) = (qr.compute_Q(), qr.R());
    for (column, out) in out.chunks_exact_mut(n).enumerate() {
        let sign = r[(column, column)].signum();
        out.iter_mut().enumerate().for_each(|(row, x)| *x = sign * q[(row, column)]);
    }
    Ok(())
}

fn by_nalgebra(n: usize, out: &mut [f32]) -> Result<()> {
    let (q, r) = nalgebra::DMatrix::from_row_slice(n, n, &gaussian(n)).qr().unpack();
    for (column, out) in out.chunks_exact_mut(n).enumerate() {
        let sign = r[(column, column)].signum();
        out.iter_mut().enumerate().for_each(|(row, x)| *x = sign * q[(row, column)]);
    }
    Ok(())
}

/// Largest |QᵀQ − I| over pairs of some rows or columns, with sums in f64.
fn gram_error(n: usize, q: &[f32]) -> f64 {
    let some: Vec<_> = q.chunks_exact(n).step_by(n / 64).collect();
    let mut worst = 0f64;
    for (a, left) in some.iter().enumerate() {
        for (b, right) in some[..=a].iter().enumerate() {
            let dot: f64 = left.iter().zip(*right).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum();
            worst = worst.max((dot - f64::from(u8::from(a == b))).abs());
        }
    }
    worst
}

pub fn run(out: Out) -> Result<()> {
    for n in [256, 512, 1024, 2048, 4096] {
        for threads in [1, rayon::current_num_threads()] {
            if n > 2048 && threads == 1 {
                continue;
            }
            let mut works: Vec<(&str, Work)> = vec![(OURS, ours), ("faer", by_faer)];
            if n <= 1024 && threads == 1 {
                works.push(("nalgebra", by_nalgebra));
            }
            let mut results = vec![vec![0f32; n * n]; works.len()];
            let mut both: Vec<_> = works.iter().zip(&mut results).collect();
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            let times = in_turn(if n > 1024 { 2 } else { 5 }, &mut both, |((_, work), result)| {
                let start = Instant::now();
                pool.install(|| work(n, result))?;
                Ok(start.elapsed())
            })?;
            for (((what, _), result), times) in works.iter().zip(&results).zip(times) {
                let how = if *what == OURS { "" } else { "QR with signs; " };
                out.put(
                    Record {
                        threads: Some(threads as u64),
                        detail: format!("{n} rows; {how}|QᵀQ − I| {:.2e}", gram_error(n, result)),
                        ..line(what, "orthogonal", "end_to_end", "orthogonal", "f32", 4 * n * n)
                    }
                    .timed(&times),
                )?;
            }
        }
    }
    Ok(())
}
