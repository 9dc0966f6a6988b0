//! The executor.

use super::pipelines::{Pipelines, filled_buffer};
use super::tuning::Tuning;
use crate::plan::{self, Plan, Spread, plan};
use crate::value::normal::TABLE_BYTES;
use crate::wgsl::{Kernel, Products, Table};
use crate::{Error, Fill, Result};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Which of the equivalent shaders an executor uses, and what it compiles them with. All give the same bits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GpuOptions {
    /// How 32 × 32 → 64 bits are multiplied. `None`: natively where the device has `SHADER_INT64` enabled.
    pub products: Option<Products>,
    /// Where the quantile table is read. `None`: in workgroup memory, except on CPUs that emulate a GPU.
    pub table: Option<Table>,
    /// How work is spread over workgroups. `None`: [`Spread::EMULATED`] on CPUs that emulate a GPU, else [`Spread::PARALLEL`].
    pub spread: Option<Spread>,
    /// Where compiled pipelines are kept and looked up: a program that keeps its data between runs starts faster on drivers that
    /// have no cache of their own. Making one is `unsafe` and needs `wgpu::Features::PIPELINE_CACHE`, so it is the caller's.
    pub pipeline_cache: Option<wgpu::PipelineCache>,
}

impl From<Tuning> for GpuOptions {
    fn from(tuning: Tuning) -> Self {
        let Tuning { products, table, spread } = tuning;
        Self { products: Some(products), table: Some(table), spread: Some(spread), pipeline_cache: None }
    }
}

/// Records fills for one device. Made once per device; it holds layouts, the quantile table (16 KiB) and pipelines, which are
/// compiled on their first use.
///
/// Nothing is submitted, polled or waited for, and the queue is not touched: recording only adds one compute pass to the
/// caller's encoder. `&self` everywhere; any number of threads may record at a time.
#[derive(Debug)]
pub struct GpuExecutor {
    device: wgpu::Device,
    limits: plan::Device,
    pipelines: Pipelines,
    /// Of orthogonal matrices; passes of one queue use it one after the other.
    workspace: Mutex<Option<[wgpu::Buffer; 3]>>,
}

#[cfg(not(target_arch = "wasm32"))]
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<GpuExecutor>();
};

impl GpuExecutor {
    /// An executor for `device` with the shaders that suit it best.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if the device's limits are too small; [`requirements`](super::requirements()) are always enough.
    /// [`Error::DeviceFailed`] if the device was lost.
    pub fn new(device: &wgpu::Device) -> Result<Self> {
        Self::with_options(device, GpuOptions::default())
    }

    /// An executor with chosen shaders, e.g. to compare them.
    ///
    /// # Errors
    /// As [`new`](Self::new); also [`Error::DeviceLimit`] if a chosen shader needs what the device lacks.
    pub fn with_options(device: &wgpu::Device, options: GpuOptions) -> Result<Self> {
        let limits = device.limits();
        let needs = |limit, got: u32, needed: u32| {
            let error = Error::DeviceLimit { limit, got: got.into(), needed: needed.into() };
            if got < needed { Err(error) } else { Ok(()) }
        };
        needs("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 3)?;
        needs("max_bind_groups", limits.max_bind_groups, 1)?;
        needs("max_bindings_per_bind_group", limits.max_bindings_per_bind_group, 3)?;
        needs("max_compute_workgroups_per_dimension", limits.max_compute_workgroups_per_dimension, 1)?;
        let invocations = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
        needs("max_compute_invocations_per_workgroup", invocations, 1)?;
        let table_bytes = TABLE_BYTES.len() as u64;
        let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        if binding < table_bytes {
            let (limit, got) = ("max_storage_buffer_binding_size", binding);
            return Err(Error::DeviceLimit { limit, got, needed: table_bytes });
        }

        let has_int64 = device.features().contains(wgpu::Features::SHADER_INT64);
        let products = options.products.unwrap_or(if has_int64 { Products::Native } else { Products::Portable });
        if products == Products::Native && !has_int64 {
            return Err(Error::DeviceLimit { limit: "Features::SHADER_INT64", got: 0, needed: 1 });
        }
        let has_room = u64::from(limits.max_compute_workgroup_storage_size) >= table_bytes;
        let uniform = limits.max_uniform_buffer_binding_size;
        let has_uniform = uniform >= table_bytes && limits.max_uniform_buffers_per_shader_stage >= 1;
        let emulated = device.adapter_info().device_type == wgpu::DeviceType::Cpu;
        let table = options.table.unwrap_or(match emulated {
            true if has_uniform => Table::Uniform,
            false if has_room => Table::Workgroup,
            _ => Table::Storage,
        });
        if table == Table::Workgroup && !has_room {
            let (limit, got) = ("max_compute_workgroup_storage_size", limits.max_compute_workgroup_storage_size.into());
            return Err(Error::DeviceLimit { limit, got, needed: table_bytes });
        }
        if table == Table::Uniform && !has_uniform {
            let (limit, got) = ("max_uniform_buffer_binding_size", uniform);
            return Err(Error::DeviceLimit { limit, got, needed: table_bytes });
        }

        let max_workgroup_size = invocations.min(256);
        let limits = plan::Device {
            max_binding_size: limits.max_storage_buffer_binding_size,
            max_buffer_size: limits.max_buffer_size,
            offset_alignment: limits.min_storage_buffer_offset_alignment.into(),
            max_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            max_workgroup_size,
            spread: options.spread.unwrap_or(if emulated { Spread::EMULATED } else { Spread::PARALLEL }),
        };
        let pipelines = Pipelines::new(device, products, table, limits, options.pipeline_cache)?;
        Ok(Self { device: device.clone(), limits, pipelines, workspace: Mutex::default() })
    }

    /// The shaders in use, and how their work is spread.
    #[must_use]
    pub const fn tuning(&self) -> Tuning {
        let (products, table) = self.pipelines.paths();
        Tuning { products, table, spread: self.limits.spread }
    }

    /// The limits that plans for this device respect.
    #[must_use]
    pub const fn limits(&self) -> &plan::Device {
        &self.limits
    }

    /// Records `fills` into `encoder` as one compute pass. The caller submits when it likes.
    ///
    /// Buffers need `STORAGE`; the byte range of each fill is written and nothing else. Fills of one call run in any order;
    /// calls run in theirs. A fill without elements does nothing.
    ///
    /// # Errors
    /// Anything in [`Error`] that concerns fills, their list or the device. Then the encoder is as it was.
    ///
    /// What wgpu does not let a library see stays the caller's duty: buffers belong to this device and are neither destroyed
    /// nor mapped at submission.
    pub fn record(
        &self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        fills: &[Fill<&wgpu::Buffer>],
    ) -> Result<()> {
        let prepared = self.prepare(device, fills)?;
        if !prepared.dispatches.is_empty() {
            let label = Some("wgpu_init::record");
            prepared
                .run(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, timestamp_writes: None }));
        }
        Ok(())
    }

    /// Records `fills` into a compute pass of the caller's, e.g. one with timestamps or other work.
    ///
    /// Sets the pipeline and bind group 0 of the pass.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_in_pass(
        &self,
        device: &wgpu::Device,
        pass: &mut wgpu::ComputePass<'_>,
        fills: &[Fill<&wgpu::Buffer>],
    ) -> Result<()> {
        self.prepare(device, fills)?.run(pass);
        Ok(())
    }

    /// One-shot for scripts: records, submits and **blocks** until the device has finished.
    ///
    /// # Errors
    /// As [`record`](Self::record); [`Error::DeviceFailed`] if the device was lost.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn fill_blocking(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        fills: &[Fill<&wgpu::Buffer>],
    ) -> Result<()> {
        let label = Some("wgpu_init::fill_blocking");
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        self.record(device, &mut encoder, fills)?;
        let submission = queue.submit([encoder.finish()]);
        super::readback::wait(device, submission)
    }

    /// Validates, plans and makes every object the pass needs; nothing is recorded yet.
    fn prepare(&self, device: &wgpu::Device, fills: &[Fill<&wgpu::Buffer>]) -> Result<Prepared> {
        if *device != self.device {
            return Err(Error::WrongDevice);
        }
        let mut buffers: Vec<&wgpu::Buffer> = Vec::new();
        #[expect(clippy::mutable_key_type, reason = "wgpu's handles compare and hash by identity")]
        let mut known: HashMap<&wgpu::Buffer, usize> = HashMap::new();
        let mut specs = Vec::with_capacity(fills.len());
        for (index, fill) in fills.iter().enumerate() {
            let (buffer, spec) = (*fill.target(), fill.spec());
            if !buffer.usage().contains(wgpu::BufferUsages::STORAGE) {
                return Err(
                    Error::MissingStorageUsage { usage: format!("{:?}", buffer.usage()) }.in_fill(index, spec.name())
                );
            }
            let target = *known.entry(buffer).or_insert_with(|| {
                buffers.push(buffer);
                buffers.len() - 1
            });
            specs.push((target, spec));
        }
        let sizes: Vec<u64> = buffers.iter().map(|buffer| buffer.size()).collect();
        let plan = plan(&sizes, &specs, &self.limits)?;
        self.objects(device, &plan, &buffers)
    }

    /// Pipelines and bind groups of a plan. A table of records of its own for each call: a shared one would be overwritten by
    /// the next call before the first was submitted.
    fn objects(&self, device: &wgpu::Device, plan: &Plan, buffers: &[&wgpu::Buffer]) -> Result<Prepared> {
        if plan.dispatches.is_empty() {
            return Ok(Prepared { dispatches: Vec::new() });
        }
        let workspace = if plan.workspace == [0; 3] { None } else { Some(self.workspace(device, plan.workspace)?) };
        let records = filled_buffer(device, "wgpu_init::records", &plan.records, wgpu::BufferUsages::STORAGE)?;
        let dispatches = plan.dispatches.iter().map(|dispatch| {
            let bind = |buffer, range: &core::ops::Range<u64>| wgpu::BufferBinding {
                buffer,
                offset: range.start,
                size: wgpu::BufferSize::new(range.end - range.start),
            };
            if let (true, Some(workspace)) = (dispatch.kernel.uses_workspace(), &workspace) {
                let output = (dispatch.kernel == Kernel::FillOrthogonal)
                    .then(|| bind(buffers[dispatch.target], &dispatch.window));
                let kernel = dispatch.kernel;
                let records = bind(&records, &dispatch.records);
                let bindings = self.pipelines.bind_workspace(device, kernel, records, output, workspace);
                return (self.pipelines.get(device, kernel), bindings, dispatch.grid);
            }
            let output = bind(buffers[dispatch.target], &dispatch.window);
            let (kernel, list) = (dispatch.kernel, dispatch.list.as_ref().map(|list| bind(&records, list)));
            let bindings = self.pipelines.bind(device, kernel, bind(&records, &dispatch.records), output, list);
            (self.pipelines.get(device, dispatch.kernel), bindings, dispatch.grid)
        });
        Ok(Prepared { dispatches: dispatches.collect() })
    }

    /// The three buffers of the workspace, at least this large. Kept for later calls; recorded passes keep those they use.
    fn workspace(&self, device: &wgpu::Device, sizes: [u64; 3]) -> Result<[wgpu::Buffer; 3]> {
        let limits = device.limits();
        for (limit, got) in [
            (
                "max_storage_buffers_per_shader_stage (for orthogonal matrices)",
                limits.max_storage_buffers_per_shader_stage,
            ),
            ("max_bindings_per_bind_group (for orthogonal matrices)", limits.max_bindings_per_bind_group),
        ] {
            if got < 4 {
                return Err(Error::DeviceLimit { limit, got: got.into(), needed: 4 });
            }
        }
        let (limit, got) = ("max_compute_workgroup_storage_size", limits.max_compute_workgroup_storage_size.into());
        if got < 16_384 {
            return Err(Error::DeviceLimit { limit, got, needed: 16_384 });
        }
        let mut kept = self.workspace.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(buffers) = kept.as_ref() {
            if buffers.iter().zip(sizes).all(|(buffer, size)| buffer.size() >= size) {
                return Ok(buffers.clone());
            }
        }
        let have = kept.as_ref().map_or([0; 3], |buffers| buffers.each_ref().map(wgpu::Buffer::size));
        let labels = ["wgpu_init::reflectors", "wgpu_init::matrices", "wgpu_init::products"];
        let make = |at: usize| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(labels[at]),
                size: sizes[at].max(have[at]),
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        };
        let buffers = [make(0), make(1), make(2)];
        *kept = Some(buffers.clone());
        Ok(buffers)
    }

    /// Lets go of the workspace of orthogonal matrices: 8 bytes for each entry of the largest matrix that was recorded (or of
    /// small ones worked on together, up to 128 MiB) and some KiB for each 32 columns. Passes that are not submitted yet keep theirs;
    /// the next orthogonal fill makes another.
    pub fn release_workspace(&self) {
        *self.workspace.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn device(&self) -> &wgpu::Device {
        &self.device
    }

    pub(super) const fn pipelines(&self) -> &Pipelines {
        &self.pipelines
    }
}

/// Everything that one pass needs.
struct Prepared {
    dispatches: Vec<(wgpu::ComputePipeline, wgpu::BindGroup, [u32; 3])>,
}

impl Prepared {
    fn run(&self, pass: &mut wgpu::ComputePass<'_>) {
        for (pipeline, bindings, [x, y, z]) in &self.dispatches {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }
}
