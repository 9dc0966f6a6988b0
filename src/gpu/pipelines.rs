//! Layouts and pipelines, each made on its first use.

use super::scope::scoped;
use crate::plan;
use crate::value::normal::TABLE_BYTES;
use crate::wgsl::{Access, Binding, Kernel, Products, Resource, Table};
use crate::{Error, Result};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is made once and used by every call.
#[derive(Debug)]
pub(super) struct Pipelines {
    pub(super) products: Products,
    pub(super) device: plan::Device,
    cache: Option<wgpu::PipelineCache>,
    pub(super) table: wgpu::Buffer,
    layouts: Made<Vec<Binding>, Layout>,
    compiled: Made<plan::Path, wgpu::ComputePipeline>,
}

/// How the bindings of one shape of kernel are laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) bindings: wgpu::BindGroupLayout,
    pipeline: wgpu::PipelineLayout,
}

/// Things that are kept once they are made. Nothing is made while the list is locked: neither do other threads wait for it, nor can an
/// error handler that records come back to a lock of its own. Two threads that need the same at once both make it, and one is kept. There are some dozens at
/// most: looking through them costs less than hashing.
#[derive(Debug)]
struct Made<K, V>(Mutex<Vec<(K, V)>>);

impl<K: PartialEq, V: Clone> Made<K, V> {
    fn known(&self) -> MutexGuard<'_, Vec<(K, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: K, make: impl FnOnce(&K) -> Result<V>) -> Result<V> {
        if let Some((_, value)) = self.known().iter().find(|(known, _)| *known == key) {
            return Ok(value.clone());
        }
        let value = make(&key)?;
        let mut known = self.known();
        if let Some((_, first)) = known.iter().find(|(known, _)| *known == key) {
            return Ok(first.clone());
        }
        known.push((key, value.clone()));
        Ok(value)
    }
}

impl Pipelines {
    pub(super) fn new(
        gpu: &wgpu::Device,
        products: Products,
        device: plan::Device,
        cache: Option<wgpu::PipelineCache>,
    ) -> Result<Self> {
        let uniform =
            if device.table == Table::Uniform { wgpu::BufferUsages::UNIFORM } else { wgpu::BufferUsages::empty() };
        // The steps of orthogonal matrices read the table from a storage buffer, wherever the fills read it.
        let usage = wgpu::BufferUsages::STORAGE | uniform;
        let table = scoped(gpu, || filled_buffer(gpu, "wgpu_init::quantile_table", TABLE_BYTES, usage))?;
        Ok(Self { products, device, cache, table, layouts: Made(Mutex::default()), compiled: Made(Mutex::default()) })
    }

    /// The layout of a kernel's bindings. The records' offset is dynamic: steps that differ in their records share a bind group.
    pub(super) fn layout(&self, gpu: &wgpu::Device, kernel: Kernel) -> Result<Layout> {
        self.layouts.get(kernel.bindings(self.device.table), |bindings| scoped(gpu, || Ok(layout(gpu, bindings))))
    }

    /// A pipeline; compiled now if it is the first use.
    pub(super) fn get(&self, gpu: &wgpu::Device, path: plan::Path) -> Result<wgpu::ComputePipeline> {
        self.compiled.get(path, |path| {
            let layout = self.layout(gpu, path.kernel)?;
            scoped(gpu, || Ok(self.compile(gpu, *path, &layout)))
        })
    }

    /// Compiles those that no call has used yet, several at a time where there are threads: for calls that may use some and wait.
    pub(super) fn compile_all(&self, gpu: &wgpu::Device, mut paths: Vec<plan::Path>) -> Result<()> {
        paths.sort_unstable();
        paths.dedup();
        #[cfg(all(feature = "threads", not(target_arch = "wasm32")))]
        if paths.len() > 1 {
            use rayon::prelude::*;
            return paths.par_iter().try_for_each(|path| self.get(gpu, *path).map(drop));
        }
        paths.iter().try_for_each(|path| self.get(gpu, *path).map(drop))
    }

    fn compile(&self, gpu: &wgpu::Device, path: plan::Path, layout: &Layout) -> wgpu::ComputePipeline {
        let kernel = path.kernel;
        let module = gpu.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(kernel.name()),
            source: wgpu::ShaderSource::Wgsl(kernel.source(self.products, self.device.table).into()),
        });
        let size = kernel.has_workgroup_size().then(|| ("workgroup_size", self.device.workgroup_size(kernel).into()));
        let constants: Vec<(&str, f64)> = size.into_iter().chain(path.constants()).collect();
        gpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(kernel.name()),
            layout: Some(&layout.pipeline),
            module: &module,
            entry_point: Some(Kernel::ENTRY_POINT),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants: &constants,
                // Everything in workgroup memory is written before it is read.
                zero_initialize_workgroup_memory: false,
            },
            cache: self.cache.as_ref(),
        })
    }
}

fn layout(gpu: &wgpu::Device, bindings: &[Binding]) -> Layout {
    let entry = |(binding, of): (u32, &Binding)| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty: match of.access {
                Access::Uniform => wgpu::BufferBindingType::Uniform,
                Access::ReadOnly => wgpu::BufferBindingType::Storage { read_only: true },
                Access::ReadWrite => wgpu::BufferBindingType::Storage { read_only: false },
            },
            has_dynamic_offset: of.resource == Resource::Records,
            min_binding_size: of.resource.least_bytes().and_then(wgpu::BufferSize::new),
        },
        count: None,
    };
    let entries: Vec<_> = (0..).zip(bindings).map(entry).collect();
    let label = Some("wgpu_init::bindings");
    let bindings = gpu.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries });
    let pipeline = gpu.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("wgpu_init::pipeline_layout"),
        bind_group_layouts: &[Some(&bindings)],
        immediate_size: 0,
    });
    Layout { bindings, pipeline }
}

/// A buffer with these bytes. Filled while mapped: nothing is queued on the caller's queue, and two
/// records in one encoder cannot see each other's bytes. Fails on a lost device or one without memory.
pub(super) fn filled_buffer(
    gpu: &wgpu::Device,
    label: &str,
    bytes: &[u8],
    usage: wgpu::BufferUsages,
) -> Result<wgpu::Buffer> {
    let buffer = gpu.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: (bytes.len() as u64).next_multiple_of(4),
        usage,
        mapped_at_creation: true,
    });
    let mapped = buffer.get_mapped_range_mut(..bytes.len() as u64);
    mapped.map_err(|error| Error::DeviceFailed { reason: error.to_string() })?.copy_from_slice(bytes);
    buffer.unmap();
    Ok(buffer)
}
