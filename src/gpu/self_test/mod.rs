//! Does this device compute the contract's bits?

mod fills;

use super::executor::GpuExecutor;
use super::pipelines::filled_buffer;
use super::readback;
use super::scope::scoped;
use crate::cpu::reference;
use crate::plan::{Dispatch, Path};
use crate::value::{normal::normal_unit, philox::philox4x32_10};
use crate::wgsl::{Kernel, Resource};
use crate::{DType, Error, Result, Stream};

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

impl GpuExecutor {
    /// Compares known answers, normal unit values and fills by every kernel in every dtype with the CPU, bit by bit.
    ///
    /// Submits to `queue` and waits for it; works in a browser. It is not called by anything else: call it once per device if you
    /// rely on equal bits, since WGSL leaves the direction of rounding to the device.
    ///
    /// It compiles some eighty pipelines, which takes a driver a second to half a minute: [`self_test_dtypes`](Self::self_test_dtypes)
    /// compiles those of the element types that are used.
    ///
    /// # Errors
    /// [`Error::SelfTest`] with the first item that differs; [`Error::DeviceFailed`], and as [`record`](Self::record).
    pub async fn self_test(&self, queue: &wgpu::Queue) -> Result<()> {
        self.self_test_dtypes(queue, DType::ALL).await
    }

    /// [`self_test`](Self::self_test) of what fills of these element types run, and of nothing else.
    ///
    /// # Errors
    /// As there.
    pub async fn self_test_dtypes(&self, queue: &wgpu::Queue, dtypes: &[DType]) -> Result<()> {
        self.test_philox(queue).await?;
        self.test_normal(queue).await?;
        self.test_fills(queue, dtypes).await
    }

    /// [`self_test`](Self::self_test), **blocking** the thread.
    ///
    /// # Errors
    /// As there.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn self_test_blocking(&self, queue: &wgpu::Queue) -> Result<()> {
        self.self_test_dtypes_blocking(queue, DType::ALL)
    }

    /// [`self_test_dtypes`](Self::self_test_dtypes), **blocking** the thread.
    ///
    /// # Errors
    /// As there.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn self_test_dtypes_blocking(&self, queue: &wgpu::Queue, dtypes: &[DType]) -> Result<()> {
        readback::block_on(self.device(), core::pin::pin!(self.self_test_dtypes(queue, dtypes)))
    }

    async fn test_philox(&self, queue: &wgpu::Queue) -> Result<()> {
        let expected = PHILOX_INPUTS.map(|[a, b, c, d, e, f, ..]| philox4x32_10([a, b, c, d], [e, f]));
        let request: &[u8] = bytemuck::cast_slice(&PHILOX_INPUTS);
        let got = self.check(queue, Kernel::CheckPhilox, request, 12, 1).await?;
        compare("philox4x32-10", &got, expected.as_flattened())
    }

    async fn test_normal(&self, queue: &wgpu::Queue) -> Result<()> {
        for (stride, expected_hash) in NORMAL_HASHES {
            let got = self.normal_units(queue, 0, stride, NORMAL_WORDS).await?;
            let expected: Vec<u32> = (0..NORMAL_WORDS).map(|i| normal_unit(i.wrapping_mul(stride))).collect();
            compare("normal unit values", &got, &expected)?;
            let hash = Stream::from_bytes(bytemuck::cast_slice(&got)).get();
            if hash != expected_hash {
                let [got, expected] = [hash, expected_hash].map(|hash| crate::value::word::halves(hash)[0]);
                return Err(Error::SelfTest { check: "hash of normal unit values", at: 0, got, expected });
            }
        }
        Ok(())
    }

    /// Bits of the normal unit values of the words `start + i · stride` (modulo 2^32), computed by the device.
    async fn normal_units(&self, queue: &wgpu::Queue, start: u32, stride: u32, count: u32) -> Result<Vec<u32>> {
        let needed = u64::from(count) * 4;
        let got = self.plan_device().max_binding_size.min(self.plan_device().max_buffer_size);
        if needed > got {
            let (limit, purpose) = ("max_storage_buffer_binding_size", Some("a list of words"));
            return Err(Error::DeviceLimit { limit, purpose, got, needed });
        }
        let request = [start, stride, count];
        let per_workgroup = self.plan_device().workgroup_size(Kernel::CheckNormal);
        let workgroups = count.div_ceil(per_workgroup);
        self.check(queue, Kernel::CheckNormal, bytemuck::cast_slice(&request), count, workgroups).await
    }

    /// Bits of the normal unit values of the words `start + i · stride` (modulo 2^32), computed by the device.
    ///
    /// Submits to `queue` and **blocks**. This is how the exhaustive check of all 2^32 words runs.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if `count` words do not fit a binding; [`Error::DeviceFailed`].
    #[doc(hidden)]
    #[cfg(not(target_arch = "wasm32"))]
    pub fn normal_units_blocking(&self, queue: &wgpu::Queue, start: u32, stride: u32, count: u32) -> Result<Vec<u32>> {
        readback::block_on(self.device(), core::pin::pin!(self.normal_units(queue, start, stride, count)))
    }

    async fn test_fills(&self, queue: &wgpu::Queue, dtypes: &[DType]) -> Result<()> {
        let device = self.device();
        let mut fills = Vec::new();
        let mut size = 0;
        for fill in fills::fills(dtypes)? {
            // Between two fills a word that none writes, and starts that are no multiples of 16 bytes.
            let (element, elements) = (fill.element_type().size(), fill.range().end - fill.range().start);
            fills.push(fill.at(size + element));
            size = (size + (elements + 1) * element).next_multiple_of(4) + 4;
        }
        for (fill, elements) in fills::views(dtypes)? {
            // Whole groups where a view has them.
            size = size.next_multiple_of(16);
            let element = fill.element_type().size();
            fills.push(fill.at(size));
            size = (size + elements * element).next_multiple_of(4) + 4;
        }
        if fills.is_empty() {
            return Ok(());
        }
        let storage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let read = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST;
        let (output, staging) = scoped(device, || Ok((buffer(device, size, storage), buffer(device, size, read))))?;
        let label = Some("wgpu_init::self_test");
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        let (plan, buffers) = self.plan(fills.iter().map(|fill| (&output, fill)))?;
        self.pipelines().compile_all(device, plan.dispatches.iter().map(Dispatch::path).collect())?;
        self.prepared(&plan, &buffers)?.record(&mut encoder);
        encoder.copy_buffer_to_buffer(&output, 0, &staging, 0, size);
        let view = readback::read(device, queue, encoder, &staging).await?;
        for fill in &fills {
            let size = usize::try_from(fill.element_type().size()).unwrap_or(usize::MAX);
            let start = usize::try_from(fill.resolve()?.job.bytes.start).unwrap_or(usize::MAX);
            let expected: Vec<u32> = reference::elements(fill)?.collect();
            let bytes = &view[start..start + expected.len() * size];
            let got: Vec<u32> = bytes.chunks_exact(size).map(little_endian).collect();
            compare(fill.distribution().name(), &got, &expected)?;
        }
        Ok(())
    }

    /// Runs a check kernel over `request` and reads `count` words back.
    async fn check(
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
        let layout = self.pipelines().layout(device, kernel)?;
        let pipeline = self.pipelines().get(device, Path::plain(kernel))?;
        let (output, staging, bindings) = scoped(device, || {
            let request = filled_buffer(device, "wgpu_init::check_request", request, wgpu::BufferUsages::STORAGE)?;
            let output = buffer(device, size, wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC);
            let staging = buffer(device, size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
            let resources = kernel.bindings(self.plan_device().table);
            let entry = |(binding, of): (u32, &crate::wgsl::Binding)| wgpu::BindGroupEntry {
                binding,
                resource: match of.resource {
                    Resource::Records => request.as_entire_binding(),
                    Resource::Table => self.pipelines().table.as_entire_binding(),
                    Resource::Target | Resource::List | Resource::Workspace(_) | Resource::Output => {
                        output.as_entire_binding()
                    }
                },
            };
            let entries: Vec<_> = (0..).zip(&resources).map(entry).collect();
            let label = Some("wgpu_init::check");
            let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label,
                layout: &layout.bindings,
                entries: &entries,
            });
            Ok((output, staging, bindings))
        })?;
        let mut encoder =
            device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("wgpu_init::check") });
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(&pipeline);
            pass.set_bind_group(0, &bindings, &[0]);
            let x = workgroups.clamp(1, self.plan_device().max_workgroups_per_dimension);
            pass.dispatch_workgroups(x, workgroups.div_ceil(x), 1);
        }
        encoder.copy_buffer_to_buffer(&output, 0, &staging, 0, size);
        let view = readback::read(device, queue, encoder, &staging).await?;
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
