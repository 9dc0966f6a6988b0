//! The executor.

use super::pipelines::Pipelines;
use super::prepared::Prepared;
use super::scope::scoped;
use super::target::{Target, Targets};
use super::tuning::Tuning;
use crate::plan::{self, Jobs, Plan, Tiling};
use crate::value::normal::TABLE_BYTES;
use crate::wgsl::{Products, Table};
use crate::{DType, Error, Fill, Initializer, Result};
use core::borrow::Borrow;
use std::sync::{Mutex, PoisonError};

/// Which of the equivalent shaders an executor uses, and what it compiles them with. All give the same bits.
///
/// ```
/// use wgpu_init::gpu::GpuOptions;
/// use wgpu_init::wgsl::Products;
/// let mut options = GpuOptions::default();
/// options.products = Some(Products::Portable);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GpuOptions {
    /// How 32 × 32 → 64 bits are multiplied. `None`: natively where the device has `SHADER_INT64` enabled.
    pub products: Option<Products>,
    /// Where the quantile table is read. `None`: in workgroup memory, except on CPUs that emulate a GPU.
    pub table: Option<Table>,
    /// How work is spread over workgroups. `None`: [`Tiling::EMULATED`] on CPUs that emulate a GPU, else [`Tiling::PARALLEL`].
    pub tiling: Option<Tiling>,
    /// Where compiled pipelines are kept and looked up: a program that keeps its data between runs starts faster on drivers that
    /// have no cache of their own. Making one is `unsafe` and needs `wgpu::Features::PIPELINE_CACHE`, so it is the caller's.
    pub pipeline_cache: Option<wgpu::PipelineCache>,
}

impl From<Tuning> for GpuOptions {
    fn from(tuning: Tuning) -> Self {
        let Tuning { products, table, tiling } = tuning;
        Self { products: Some(products), table: Some(table), tiling: Some(tiling), pipeline_cache: None }
    }
}

/// Records fills for one device. Made once per device; it holds layouts, the quantile table (16 KiB) and pipelines, which are
/// compiled on their first use, or ahead by [`warm_up`](Self::warm_up).
///
/// Nothing is submitted, polled or waited for, no thread is started, and the queue is not touched: recording only adds one compute
/// pass to the caller's encoder. `&self` everywhere; any number of threads may record at a time.
#[derive(Debug)]
pub struct GpuExecutor {
    device: wgpu::Device,
    pipelines: Pipelines,
    /// Of orthogonal matrices; passes of one queue use it one after the other.
    workspace: Mutex<Option<[wgpu::Buffer; 3]>>,
}

#[cfg(not(target_arch = "wasm32"))]
const _: () = {
    const fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<GpuExecutor>();
    is_send_and_sync::<Prepared>();
};

/// That a limit is large enough for any fill.
fn needs(limit: &'static str, got: impl Into<u64>, needed: u64) -> Result<()> {
    let got = got.into();
    if got < needed { Err(Error::DeviceLimit { limit, purpose: None, got, needed }) } else { Ok(()) }
}

impl GpuExecutor {
    /// An executor for `device` with the shaders that suit it best. [`gpu`](crate::gpu) shows how to come by a device, and what to do where
    /// wgpu panics for want of a back end.
    ///
    /// # Errors
    /// [`Error::DeviceLimit`] if the device's limits are too small; [`requirements`](super::requirements()) are always enough.
    /// [`Error::DeviceFailed`] if the device was lost; [`Error::OutOfMemory`].
    pub fn new(device: &wgpu::Device) -> Result<Self> {
        Self::with_options(device, GpuOptions::default())
    }

    /// An executor with chosen shaders, e.g. to compare them.
    ///
    /// # Errors
    /// As [`new`](Self::new); also [`Error::DeviceLimit`] if a chosen shader needs what the device lacks.
    pub fn with_options(device: &wgpu::Device, options: GpuOptions) -> Result<Self> {
        let limits = device.limits();
        let table_bytes = TABLE_BYTES.len() as u64;
        needs("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 3)?;
        needs(
            "max_dynamic_storage_buffers_per_pipeline_layout",
            limits.max_dynamic_storage_buffers_per_pipeline_layout,
            1,
        )?;
        needs("max_bind_groups", limits.max_bind_groups, 1)?;
        needs("max_bindings_per_bind_group", limits.max_bindings_per_bind_group, 3)?;
        needs("max_compute_workgroups_per_dimension", limits.max_compute_workgroups_per_dimension, 1)?;
        let invocations = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
        needs("max_compute_invocations_per_workgroup", invocations, 1)?;
        let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        needs("max_storage_buffer_binding_size", binding, table_bytes)?;

        let has_int64 = device.features().contains(wgpu::Features::SHADER_INT64);
        let products = options.products.unwrap_or(if has_int64 { Products::Native } else { Products::Portable });
        if products == Products::Native {
            needs("Features::SHADER_INT64", u64::from(has_int64), 1)?;
        }
        let emulated = device.adapter_info().device_type == wgpu::DeviceType::Cpu;
        let has_room = u64::from(limits.max_compute_workgroup_storage_size) >= table_bytes;
        let table = options.table.unwrap_or(if emulated || !has_room { Table::Uniform } else { Table::Workgroup });
        match table {
            Table::Workgroup => {
                needs("max_compute_workgroup_storage_size", limits.max_compute_workgroup_storage_size, table_bytes)?;
            }
            Table::Uniform => {
                needs("max_uniform_buffer_binding_size", limits.max_uniform_buffer_binding_size, table_bytes)?;
                needs("max_uniform_buffers_per_shader_stage", limits.max_uniform_buffers_per_shader_stage, 1)?;
            }
        }
        let plan = plan::Device {
            max_binding_size: limits.max_storage_buffer_binding_size,
            max_buffer_size: limits.max_buffer_size,
            offset_alignment: limits.min_storage_buffer_offset_alignment.into(),
            max_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
            max_workgroup_size: invocations,
            tiling: options.tiling.unwrap_or(if emulated { Tiling::EMULATED } else { Tiling::PARALLEL }),
            table,
        };
        let pipelines = Pipelines::new(device, products, plan, options.pipeline_cache)?;
        Ok(Self { device: device.clone(), pipelines, workspace: Mutex::default() })
    }

    /// The shaders in use, and how their work is spread.
    #[must_use]
    pub const fn tuning(&self) -> Tuning {
        let plan::Device { table, tiling, .. } = self.pipelines.device;
        Tuning { products: self.pipelines.products, table, tiling }
    }

    /// The limits that plans for this device respect.
    #[must_use]
    pub const fn plan_device(&self) -> &plan::Device {
        &self.pipelines.device
    }

    /// Compiles what fills of these initializers will need, so that the first recording does not. With the feature `threads` several
    /// pipelines at a time, on rayon's threads.
    ///
    /// ```no_run
    /// # fn example(gpu: &wgpu_init::GpuExecutor) -> wgpu_init::Result<()> {
    /// use wgpu_init::{DType, Initializer};
    /// gpu.warm_up([(Initializer::normal(0.0, 0.02), DType::F32), (Initializer::zeros(), DType::Bf16)])
    /// # }
    /// # let _ = example;
    /// ```
    ///
    /// # Errors
    /// [`Error::DeviceRefused`], [`Error::OutOfMemory`].
    pub fn warm_up(&self, initializers: impl IntoIterator<Item = (Initializer, DType)>) -> Result<()> {
        let kernels = initializers.into_iter().flat_map(|(initializer, dtype)| plan::kernels(&initializer, dtype));
        self.pipelines.compile_all(&self.device, kernels.flat_map(plan::Path::all).collect())
    }

    /// Records `fills`, each with its target, into `encoder` as one compute pass. The caller submits when it likes.
    ///
    /// Buffers need `STORAGE`; the byte range of each fill is written and nothing else. Fills of one call run in any order;
    /// calls run in theirs. A fill without elements does nothing.
    ///
    /// # Errors
    /// Anything in [`Error`] that concerns fills, their list or the device. Then the encoder is as it was.
    ///
    /// What wgpu does not let a library see stays the caller's duty: buffers and encoder belong to this device, and buffers are
    /// neither destroyed nor mapped at submission.
    pub fn record<T: Into<Target>, F: Borrow<Fill>>(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        fills: impl IntoIterator<Item = (T, F)>,
    ) -> Result<()> {
        self.prepare(fills).map(|prepared| prepared.record(encoder))
    }

    /// Records several fills into one target, each at its byte offset: those of a layer or of a whole model in one buffer.
    ///
    /// ```
    /// use wgpu_init::{DType, GpuExecutor, Seed, layer::Linear, wgpu};
    /// fn example(gpu: &GpuExecutor, encoder: &mut wgpu::CommandEncoder, arena: &wgpu::Buffer) -> wgpu_init::Result<()> {
    ///     let layer = Linear::new(768, 3072).layer()?;
    ///     gpu.record_in(encoder, arena, layer.fills(Seed::new(42), "h.0.mlp.up", DType::F32, 0)?)
    /// }
    /// # let _ = example;
    /// ```
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_in<F: Borrow<Fill>>(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        target: impl Into<Target>,
        fills: impl IntoIterator<Item = F>,
    ) -> Result<()> {
        let target = target.into();
        self.record(encoder, fills.into_iter().map(|fill| (target.clone(), fill)))
    }

    /// Records `fills` into a compute pass of the caller's, e.g. one with timestamps or other work.
    ///
    /// Sets the pipeline and bind group 0 of the pass.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_in_pass<T: Into<Target>, F: Borrow<Fill>>(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        fills: impl IntoIterator<Item = (T, F)>,
    ) -> Result<()> {
        self.prepare(fills).map(|prepared| prepared.record_in_pass(pass))
    }

    /// One-shot for scripts: records, submits and **blocks** until the device has finished.
    ///
    /// # Errors
    /// As [`record`](Self::record); [`Error::DeviceFailed`] if the device was lost.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn fill_blocking<T: Into<Target>, F: Borrow<Fill>>(
        &self,
        queue: &wgpu::Queue,
        fills: impl IntoIterator<Item = (T, F)>,
    ) -> Result<()> {
        let label = Some("wgpu_init::fill_blocking");
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        self.record(&mut encoder, fills)?;
        queue.submit([encoder.finish()]);
        super::readback::block_on(&self.device, core::pin::pin!(super::readback::done(&self.device, queue)))
    }

    /// Validates, plans and makes every object that a pass needs, to be recorded any number of times.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn prepare<T: Into<Target>, F: Borrow<Fill>>(
        &self,
        fills: impl IntoIterator<Item = (T, F)>,
    ) -> Result<Prepared> {
        let (plan, buffers) = self.plan(fills)?;
        self.prepared(&plan, &buffers)
    }

    /// What is to be done in which buffers.
    pub(super) fn plan<T: Into<Target>, F: Borrow<Fill>>(
        &self,
        fills: impl IntoIterator<Item = (T, F)>,
    ) -> Result<(Plan, Vec<wgpu::Buffer>)> {
        let mut targets = Targets::default();
        let mut jobs = Jobs::new(self.plan_device())?;
        for (index, (target, fill)) in fills.into_iter().enumerate() {
            let region = targets.region(target.into(), &mut jobs);
            let region = region.map_err(|error| error.in_fill(index, fill.borrow().name()))?;
            jobs.add(&region, fill.borrow())?;
        }
        Ok((jobs.plan()?, targets.buffers))
    }

    pub(super) fn prepared(&self, plan: &Plan, buffers: &[wgpu::Buffer]) -> Result<Prepared> {
        let workspace = if plan.workspace == [0; 3] { None } else { Some(self.workspace(plan.workspace)?) };
        Prepared::new(&self.device, &self.pipelines, plan, buffers, workspace.as_ref())
    }

    /// The three buffers of the workspace, at least this large. Kept for later calls; recorded passes keep those they use.
    fn workspace(&self, sizes: [u64; 3]) -> Result<[wgpu::Buffer; 3]> {
        let limits = self.device.limits();
        let purpose = Some("an orthogonal matrix");
        for (limit, got, needed) in [
            ("max_storage_buffers_per_shader_stage", limits.max_storage_buffers_per_shader_stage, 4),
            ("max_bindings_per_bind_group", limits.max_bindings_per_bind_group, 4),
            ("max_compute_workgroup_storage_size", limits.max_compute_workgroup_storage_size, 16_384),
        ] {
            if got < needed {
                return Err(Error::DeviceLimit { limit, purpose, got: got.into(), needed: needed.into() });
            }
        }
        let kept = || self.workspace.lock().unwrap_or_else(PoisonError::into_inner);
        let have = kept().clone();
        if let Some(buffers) = have.as_ref()
            && buffers.iter().zip(sizes).all(|(buffer, size)| buffer.size() >= size)
        {
            return Ok(buffers.clone());
        }
        let have = have.map_or([0; 3], |buffers| buffers.each_ref().map(wgpu::Buffer::size));
        let labels = ["wgpu_init::reflectors", "wgpu_init::matrices", "wgpu_init::products"];
        let make = |at: usize| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(labels[at]),
                size: sizes[at].max(have[at]),
                usage: wgpu::BufferUsages::STORAGE,
                mapped_at_creation: false,
            })
        };
        let buffers = scoped(&self.device, || Ok([make(0), make(1), make(2)]))?;
        *kept() = Some(buffers.clone());
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
