//! The CPU executor against `rand` with `rand_distr`, on one thread and on all; filling on the CPU and uploading against
//! filling in place.

mod common;

use common::host::Host;
use common::law::Law;
use common::{Gpu, Group};
use criterion::Criterion;
use std::time::{Duration, Instant};
use wgpu_init::DType;

const SIZE: u64 = 64 << 20;
/// Long against handing work to a thread, short enough for a shared cache.
const ALTERNATING: u64 = 8 << 20;

fn main() {
    let mut criterion = common::criterion();
    let size = common::sizes(&[SIZE])[0];
    for threads in [1, rayon::current_num_threads()] {
        against_rand(&mut criterion, threads, size);
    }
    alternating(common::sizes(&[ALTERNATING])[0]);
    for gpu in common::gpus() {
        against_upload(&mut criterion, &gpu, size);
    }
    criterion.final_summary();
}

fn against_rand(criterion: &mut Criterion, threads: usize, bytes: u64) {
    let mut host = Host::new(threads, bytes).expect("threads and memory");
    let mut group = Group::new(criterion, &format!("cpu, {threads} threads"));
    group.measure("f32/clear", bytes, || Ok(host.clear()));
    for law in Law::ALL {
        let specs = [law.tensor(DType::F32, bytes).expect("a valid tensor")];
        group.measure(&format!("f32/{}", law.name()), bytes, || host.fill(&specs));
        if law != Law::Constant {
            group.measure(&format!("f32/{} by rand_distr", law.name()), bytes, || host.rand_distr(law));
        }
    }
    // Bytes a second: as many elements a second as f32 would be half of its figure.
    for dtype in [DType::F16, DType::Bf16] {
        for law in Law::ALL {
            let specs = [law.tensor(dtype, bytes).expect("a valid tensor")];
            group.measure(&format!("{dtype}/{}", law.name()), bytes, || host.fill(&specs));
        }
    }
    group.finish();
}

/// Nanoseconds an element on one thread, each the least of many repetitions that alternate: what a busy machine disturbs least.
#[expect(clippy::cast_precision_loss, reason = "figures for a person")]
#[expect(clippy::print_stderr, reason = "a benchmark prints")]
fn alternating(bytes: u64) {
    let mut host = Host::new(1, bytes).expect("a thread and memory");
    let repetitions = if common::is_test() { 1 } else { 100 };
    eprintln!("\n{:14} {:>8} {:>8} {:>8} {:>12}", "ns an element", "f32", "f16", "bf16", "rand_distr");
    for law in Law::RANDOM {
        let specs =
            [DType::F32, DType::F16, DType::Bf16].map(|dtype| [law.tensor(dtype, bytes).expect("a valid tensor")]);
        let mut least = [Duration::MAX; 4];
        for _ in 0..repetitions {
            for (least, specs) in least.iter_mut().zip(&specs) {
                *least = host.fill(specs).expect("the work runs").min(*least);
            }
            least[3] = host.rand_distr(law).expect("the work runs").min(least[3]);
        }
        let sizes = [4.0, 2.0, 2.0, 4.0];
        let [f32, f16, bf16, rand] =
            core::array::from_fn(|column| least[column].as_secs_f64() * 1e9 * sizes[column] / bytes as f64);
        eprintln!("{:14} {f32:8.3} {f16:8.3} {bf16:8.3} {rand:12.3}", law.name());
    }
}

fn against_upload(criterion: &mut Criterion, gpu: &Gpu, bytes: u64) {
    let mut host = Host::new(0, bytes).expect("threads and memory");
    let mut group = Group::new(criterion, &format!("upload {}", gpu.label));
    let target = gpu.clock.storage(bytes);
    group.measure("f32/clear", bytes, || {
        gpu.clock.end_to_end(&mut |encoder| {
            encoder.clear_buffer(&target, 0, None);
            Ok(())
        })
    });
    for law in Law::ALL {
        let specs = [law.tensor(DType::F32, bytes).expect("a valid tensor")];
        group.measure(&format!("f32/{} in place", law.name()), bytes, || {
            gpu.clock.end_to_end(&mut |encoder| gpu.record(encoder, &target, &specs))
        });
        if law != Law::Constant {
            group.measure(&format!("f32/{} on the CPU and uploaded", law.name()), bytes, || {
                let start = Instant::now();
                host.fill(&specs)?;
                gpu.clock.upload(&target, host.bytes())?;
                Ok(start.elapsed())
            });
        }
    }
    group.finish();
}
