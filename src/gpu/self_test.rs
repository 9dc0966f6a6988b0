//! Does this device compute the contract's bits?
#![cfg(not(target_arch = "wasm32"))]

use super::executor::GpuExecutor;
use super::pipelines::filled_buffer;
use super::readback;
use crate::cpu::reference;
use crate::value::{normal::normal_unit, philox::philox4x32_10};
use crate::wgsl::Kernel;
use crate::{DType, Error, Fill, Initializer, Result, Seed, Shape};

/// Words whose normal unit values are compared: i · stride for i below this number.
const NORMAL_WORDS: u32 = 1 << 16;
/// Strides, and FNV-1a-64 over the little-endian bits of those values: the contract's own numbers, independent of this CPU.
/// Together the three runs use each of the 1664 rows of the quantile table that any word uses.
const NORMAL_HASHES: [(u32, u64); 3] =
    [(65_537, 0xe10e_e0d9_7291_1715), (64, 0xf3e4_260a_cf66_5f90), (1, 0x403a_c53d_966c_5e7b)];
/// Counters and keys of the known answers: zeros, ones, digits of π.
const PHILOX_INPUTS: [[u32; 8]; 3] = [
    [0; 8],
    [u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX, u32::MAX, 0, 0],
    [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344, 0xa409_3822, 0x299f_31d0, 0, 0],
];
/// Elements of each fill that is compared, odd so that edges take part.
const FILL_ELEMENTS: u64 = 4099;

impl GpuExecutor {
    /// Compares known answers, normal unit values and fills of every kind and dtype with the CPU, bit by bit.
    ///
    /// Submits to `queue` and **blocks**. It is not called by anything else: call it once per device if you
    /// rely on equal bits, since WGSL leaves the direction of rounding to the device.
    ///
    /// # Errors
    /// [`Error::SelfTest`] with the first item that differs; [`Error::DeviceFailed`].
    pub fn self_test(&self, queue: &wgpu::Queue) -> Result<()> {
        self.test_philox(queue)?;
        self.test_normal(queue)?;
        self.test_fills(queue)
    }

    fn test_philox(&self, queue: &wgpu::Queue) -> Result<()> {
        let expected = PHILOX_INPUTS.map(|[a, b, c, d, e, f, ..]| philox4x32_10([a, b, c, d], [e, f]));
        let request: &[u8] = bytemuck::cast_slice(&PHILOX_INPUTS);
        let got = self.check(queue, Kernel::CheckPhilox, request, 12, 1)?;
        compare("philox4x32-10", &got, expected.as_flattened())
    }

    fn test_normal(&self, queue: &wgpu::Queue) -> Result<()> {
        for (stride, expected_hash) in NORMAL_HASHES {
            let got = self.normal_units(queue, 0, stride, NORMAL_WORDS)?;
            let expected: Vec<u32> = (0..NORMAL_WORDS).map(|i| normal_unit(i.wrapping_mul(stride))).collect();
            compare("normal unit values", &got, &expected)?;
            let hash = fnv1a(bytemuck::cast_slice(&got));
            if hash != expected_hash {
                let [got, expected] = [hash, expected_hash].map(|hash| crate::value::word::halves(hash)[0]);
                return Err(Error::SelfTest { check: "hash of normal unit values", at: 0, got, expected });
            }
        }
        Ok(())
    }

    /// Bits of the normal unit values of the words `start + i · stride` (modulo 2^32), computed by the device.
    ///
    /// Submits to `queue` and **blocks**. This is how the exhaustive check of all 2^32 words runs.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if `count` words do not fit a binding; [`Error::DeviceFailed`].
    pub fn normal_units(&self, queue: &wgpu::Queue, start: u32, stride: u32, count: u32) -> Result<Vec<u32>> {
        let bytes = u64::from(count) * 4;
        let got = self.limits().max_binding_size.min(self.limits().max_buffer_size);
        if bytes > got {
            return Err(Error::DeviceLimit { limit: "max_storage_buffer_binding_size", got, needed: bytes });
        }
        let request = [start, stride, count];
        let per_workgroup = self.limits().workgroup_size(Kernel::CheckNormal);
        let workgroups = count.div_ceil(per_workgroup);
        self.check(queue, Kernel::CheckNormal, bytemuck::cast_slice(&request), count, workgroups)
    }

    fn test_fills(&self, queue: &wgpu::Queue) -> Result<()> {
        let initializers = [
            // Clamped, and in f32 and bf16 not.
            Initializer::uniform(-0.1, 0.3),
            Initializer::uniform(-0.7, 0.7),
            Initializer::normal(0.7, 0.02),
            Initializer::trunc_normal(0.01, 0.02, -0.03, 0.04),
            Initializer::constant(0.3),
        ];
        let device = self.device();
        let slot = (FILL_ELEMENTS * 4).next_multiple_of(4) + 4;
        // The fills' interiors begin at the start of a Philox block, and inside one.
        let starts = [(1u64 << 35) + 1, (1 << 35) + 3];
        let cases = (initializers.len() * DType::ALL.len() * starts.len()) as u64;
        let size = slot * cases;
        let storage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let output = buffer(device, size, storage);
        let staging = buffer(device, size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let mut fills = Vec::new();
        let laws = initializers.iter().flat_map(|i| DType::ALL.map(|dtype| (*i, dtype)));
        for ((initializer, dtype), start) in laws.flat_map(|law| starts.map(|start| (law, start))) {
            let whole = Shape::new([1 << 40])?;
            let fill = Fill::new(&output, whole, initializer)?
                .named(Seed::new(0x0123_4567_89ab_cdef), "self_test")
                .dtype(dtype)
                .elements(start..start + FILL_ELEMENTS)
                .at(slot * fills.len() as u64 + dtype.size());
            fills.push(fill);
        }
        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("wgpu_init::self_test") });
        self.record(device, &mut encoder, &fills)?;
        encoder.copy_buffer_to_buffer(&output, 0, &staging, 0, size);
        let view = readback::read(device, queue, encoder, &staging)?;
        for (at, fill) in fills.iter().enumerate() {
            let size = usize::try_from(fill.spec().dtype().size()).unwrap_or(4);
            let start = usize::try_from(slot).unwrap_or(usize::MAX) * at + size;
            let expected: Vec<u32> = reference::elements(fill.spec())?.collect();
            let bytes = &view[start..start + expected.len() * size];
            let got: Vec<u32> = bytes.chunks_exact(size).map(little_endian).collect();
            compare(fill.spec().distribution().name(), &got, &expected)?;
        }
        Ok(())
    }

    /// Runs a check kernel over `request` and reads `count` words back.
    fn check(
        &self,
        queue: &wgpu::Queue,
        kernel: Kernel,
        request: &[u8],
        count: u32,
        workgroups: u32,
    ) -> Result<Vec<u32>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let device = self.device();
        let size = u64::from(count) * 4;
        let request = filled_buffer(device, "wgpu_init::check_request", request, wgpu::BufferUsages::STORAGE)?;
        let output = buffer(device, size, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
        let staging = buffer(device, size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let (request, out) = (request.as_entire_buffer_binding(), output.as_entire_buffer_binding());
        let bindings = self.pipelines().bind(device, kernel, request, out, None);
        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("wgpu_init::check") });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&self.pipelines().get(device, kernel));
            pass.set_bind_group(0, &bindings, &[]);
            let x = workgroups.clamp(1, self.limits().max_workgroups_per_dimension);
            pass.dispatch_workgroups(x, workgroups.div_ceil(x), 1);
        }
        encoder.copy_buffer_to_buffer(&output, 0, &staging, 0, size);
        let view = readback::read(device, queue, encoder, &staging)?;
        Ok(view.chunks_exact(4).map(little_endian).collect())
    }
}

fn buffer(device: &wgpu::Device, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    let label = Some("wgpu_init::self_test");
    device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false })
}

fn little_endian(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

fn compare(check: &'static str, got: &[u32], expected: &[u32]) -> Result<()> {
    let differing = got.iter().zip(expected).enumerate().find(|(_, (got, expected))| got != expected);
    match differing {
        Some((at, (got, expected))) => Err(Error::SelfTest { check, at: at as u64, got: *got, expected: *expected }),
        None if got.len() == expected.len() => Ok(()),
        None => Err(Error::DeviceFailed { reason: format!("{check}: {} items were read back", got.len()) }),
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
