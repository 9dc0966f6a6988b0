//! A device under test, and the comparison of a whole poisoned buffer with what the CPU says it must hold.

use crate::common::{POISON, TestAdapter, device_with, poisoned_buffer, read_back};
use libtest_mimic::Failed;
use std::ops::Range;
use wgpu_init::gpu::{GpuOptions, Requirements};
use wgpu_init::plan::Tiling;
use wgpu_init::wgsl::{Products, Table};
use wgpu_init::{CpuExecutor, DType, Fill, GpuExecutor, Initializer, Seed, Shape, Stream, wgpu};

/// One case; it fails by an `Err` or a panic.
pub(crate) type Test = fn(&Gpu) -> Result<(), Failed>;
pub(crate) const TESTS: &[(&str, Test)] =
    &[("harness::the_comparison_sees_every_kind_of_difference", the_comparison_sees_every_kind_of_difference)];

/// A device, its queue and an executor with chosen shaders.
pub(crate) struct Gpu {
    pub(crate) adapter: TestAdapter,
    pub(crate) products: Products,
    pub(crate) table: Table,
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) executor: GpuExecutor,
}

impl Gpu {
    /// A fresh device of `adapter` whose requested features and limits `edit` may change.
    pub(crate) fn new(
        adapter: &TestAdapter,
        products: Products,
        table: Table,
        edit: impl FnOnce(&mut Requirements),
    ) -> Result<Self, Failed> {
        let (device, queue) = device_with(&adapter.adapter, edit);
        // With the table in workgroup memory, everything is as on a hardware GPU.
        let tiling = if table == Table::Workgroup { Tiling::PARALLEL } else { Tiling::EMULATED };
        let mut options = GpuOptions::default();
        (options.products, options.table, options.tiling) = (Some(products), Some(table), Some(tiling));
        let executor = GpuExecutor::with_options(&device, options)?;
        Ok(Self { adapter: adapter.clone(), products, table, device, queue, executor })
    }

    /// A device of the same adapter with other limits.
    pub(crate) fn with_limits(&self, edit: impl FnOnce(&mut wgpu::Limits)) -> Result<Self, Failed> {
        Self::new(&self.adapter, self.products, self.table, |requirements| edit(&mut requirements.limits))
    }

    pub(crate) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// Records each list of specs as a call of its own, all in one encoder, and gives the bytes of the buffer.
    pub(crate) fn run(&self, size: u64, calls: &[&[Fill]]) -> Result<Vec<u8>, Failed> {
        let buffer = poisoned_buffer(&self.device, size);
        let mut encoder = self.encoder();
        for specs in calls {
            self.executor.record(&mut encoder, specs.iter().map(|spec| (&buffer, spec)))?;
        }
        Ok(read_back(&self.device, &self.queue, encoder, &buffer))
    }

    /// Runs the calls and compares the whole buffer with the CPU.
    pub(crate) fn check(&self, size: u64, calls: &[&[Fill]]) -> Result<(), Failed> {
        compare(&self.run(size, calls)?, &expected(size, calls)?)
    }
}

/// What a poisoned buffer holds after the calls, by the CPU executor (which `tests/cpu.rs` compares with the reference).
pub(crate) fn expected(size: u64, calls: &[&[Fill]]) -> Result<Vec<u8>, Failed> {
    let mut bytes = vec![POISON; usize::try_from(size.next_multiple_of(4))?];
    for specs in calls {
        CpuExecutor::new().run_in(&mut bytes, *specs)?;
    }
    Ok(bytes)
}

/// The first byte that differs, in words.
pub(crate) fn compare(got: &[u8], expected: &[u8]) -> Result<(), Failed> {
    if got.len() != expected.len() {
        return Err(format!("{} bytes, not {}", got.len(), expected.len()).into());
    }
    if got == expected {
        return Ok(());
    }
    let at = (0..got.len()).find(|&at| got[at] != expected[at]).unwrap_or_default();
    let what = match (got[at], expected[at]) {
        (POISON, _) => "was probably not written",
        (_, POISON) => "should not have been written",
        _ => "has another value",
    };
    let words = |bytes: &[u8]| format!("{:02x?}", &bytes[at / 4 * 4..(at / 4 * 4 + 8).min(bytes.len())]);
    Err(format!("byte {at} of {} {what}: {} instead of {}", got.len(), words(got), words(expected)).into())
}

/// For what depends on the size of elements and not on how they are rounded: some drivers compile each kernel of each test for seconds, and
/// `values.rs` has all dtypes.
pub(crate) const ONE_OF_EACH_SIZE: [DType; 3] = [DType::F32, DType::Bf16, DType::F8E4M3Fn];

/// A slice of a tensor of 2^64 − 1 elements under a key with all bits in use, at a byte offset.
pub(crate) fn spec(initializer: Initializer, dtype: DType, elements: Range<u64>, offset: u64) -> Fill {
    let whole = Shape::new([u64::MAX]).expect("a shape");
    let fill = Fill::new(whole, initializer).expect("valid parameters");
    let fill = fill.keyed(Seed::new(0xdead_beef_0123_4567), Stream::new(0x89ab_cdef_7654_3210));
    fill.dtype(dtype).elements(elements).at(offset)
}

/// Negative control: a comparison that cannot fail proves nothing.
fn the_comparison_sees_every_kind_of_difference(gpu: &Gpu) -> Result<(), Failed> {
    let normal = |elements, offset| spec(Initializer::normal(0.0, 1.0), DType::F16, elements, offset);
    let truth = expected(256, &[&[normal(0..50, 30)]])?;
    let must_differ = |what: &str, specs: &[Fill]| match compare(&gpu.run(256, &[specs])?, &truth) {
        Ok(()) => Err(Failed::from(format!("{what} was not seen"))),
        Err(_) => Ok(()),
    };
    must_differ("a fill that never ran", &[])?;
    must_differ("one element too few", &[normal(0..49, 30)])?;
    must_differ("one element too many", &[normal(0..51, 30)])?;
    must_differ("a shift by one element", &[normal(1..51, 30)])?;
    must_differ("a place of one halfword beside", &[normal(0..50, 32)])?;
    must_differ("another dtype", &[spec(Initializer::normal(0.0, 1.0), DType::Bf16, 0..50, 30)])?;
    must_differ("another scale", &[spec(Initializer::normal(0.0, 1.001), DType::F16, 0..50, 30)])?;
    compare(&gpu.run(256, &[&[normal(0..50, 30)]])?, &truth)
}
