//! Every adapter beside the CPU: the same bits, and nothing before, between or behind what is filled.

use crate::common::{POISON, adapters_or_explain, device_with, poisoned_buffer, read_back};
use crate::partition::{Dice, Partition, partition};
use std::sync::{Mutex, OnceLock};
use wgpu::{CommandEncoderDescriptor, Device, Queue};
use wgpu_init::{DType, GpuExecutor};

/// Partitions of one input, in one submission of a buffer each.
const MOST: u64 = 4;

struct Adapter {
    label: String,
    device: Device,
    queue: Queue,
    executor: GpuExecutor,
}

/// All of them, opened once; none on a machine without, if that was asked for.
fn adapters() -> &'static Mutex<Vec<Adapter>> {
    static ADAPTERS: OnceLock<Mutex<Vec<Adapter>>> = OnceLock::new();
    ADAPTERS.get_or_init(|| {
        let open = |found: crate::common::TestAdapter| {
            let (device, queue) = device_with(&found.adapter, |_| {});
            let executor = GpuExecutor::new(&device).expect("an executor");
            Adapter { label: found.label, device, queue, executor }
        };
        Mutex::new(adapters_or_explain().into_iter().map(open).collect())
    })
}

pub(crate) fn target(bytes: &[u8]) {
    let dice = &mut Dice::of(bytes);
    // One of each size of element: each dtype has kernels of its own, which take long to compile in software.
    let dtypes = [DType::F32, DType::Bf16, DType::F8E5M2];
    let partitions: Vec<_> = (0..=dice.below(MOST)).map(|_| partition(dice, &dtypes)).collect();
    let adapters = adapters().lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    for adapter in &*adapters {
        adapter.check(&partitions);
    }
}

impl Adapter {
    fn check(&self, partitions: &[Partition]) {
        let buffers: Vec<_> = partitions.iter().map(|one| poisoned_buffer(&self.device, one.size)).collect();
        let mut encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
        let fills =
            partitions.iter().zip(&buffers).flat_map(|(one, buffer)| one.parts.iter().map(move |part| (buffer, part)));
        let recorded = self.executor.record(&mut encoder, fills);
        assert!(recorded.is_ok(), "{}: {recorded:?}", self.label);
        self.queue.submit([encoder.finish()]);
        for (one, buffer) in partitions.iter().zip(&buffers) {
            let encoder = self.device.create_command_encoder(&CommandEncoderDescriptor::default());
            let got = read_back(&self.device, &self.queue, encoder, buffer);
            assert!(got == one.expected(POISON), "{}: {}", self.label, one.what);
        }
    }
}
