//! The CPU executor against `rand` with `rand_distr`, on one thread and on all; filling on the CPU and uploading against
//! filling in place.

mod common;

use common::host::Host;
use common::law::Law;
use common::{Gpu, Group};
use criterion::Criterion;
use std::time::Instant;
use wgpu_init::DType;

const SIZE: u64 = 64 << 20;

fn main() {
    let mut criterion = common::criterion();
    let size = common::sizes(&[SIZE])[0];
    for threads in [1, rayon::current_num_threads()] {
        against_rand(&mut criterion, threads, size);
    }
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
    group.finish();
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
