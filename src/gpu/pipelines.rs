//! Layouts and pipelines: layouts made with the executor, each pipeline on its first use.

use crate::plan;
use crate::value::normal::TABLE_BYTES;
use crate::wgsl::{Kernel, Products, Table};
use crate::{Error, Result};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Bindings of one shape of kernel.
#[derive(Debug)]
struct Layout {
    bindings: wgpu::BindGroupLayout,
    pipeline: wgpu::PipelineLayout,
}

#[derive(Debug)]
pub(super) struct Pipelines {
    products: Products,
    table: Table,
    limits: plan::Device,
    cache: Option<wgpu::PipelineCache>,
    plain: Layout,
    with_table: Layout,
    with_list: Layout,
    /// Of the steps of orthogonal matrices: with the table, and with the matrices, at binding 2.
    reflecting: Layout,
    working: Layout,
    table_buffer: wgpu::Buffer,
    compiled: Mutex<HashMap<Kernel, wgpu::ComputePipeline>>,
}

impl Pipelines {
    pub(super) fn new(
        device: &wgpu::Device,
        products: Products,
        table: Table,
        limits: plan::Device,
        cache: Option<wgpu::PipelineCache>,
    ) -> Result<Self> {
        Ok(Self {
            products,
            table,
            limits,
            cache,
            plain: Layout::new(device, &[READ, WRITE]),
            with_table: Layout::new(
                device,
                &[READ, WRITE, if table == Table::Uniform { UNIFORM_TABLE } else { TABLE }],
            ),
            with_list: Layout::new(device, &[READ, WRITE, LIST]),
            reflecting: Layout::new(device, &[READ, WRITE, TABLE, WRITE]),
            working: Layout::new(device, &[READ, WRITE, WRITE, WRITE]),
            table_buffer: filled_buffer(device, "wgpu_init::quantile_table", TABLE_BYTES, table_usage(table))?,
            compiled: Mutex::default(),
        })
    }

    pub(super) const fn paths(&self) -> (Products, Table) {
        (self.products, self.table)
    }

    /// The pipeline of a kernel; compiled now if it is the first use.
    pub(super) fn get(&self, device: &wgpu::Device, kernel: Kernel) -> wgpu::ComputePipeline {
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        compiled.entry(kernel).or_insert_with(|| self.compile(device, kernel)).clone()
    }

    /// A bind group of records, output and, where the kernel reads it, the quantile table or a list of values.
    pub(super) fn bind(
        &self,
        device: &wgpu::Device,
        kernel: Kernel,
        records: wgpu::BufferBinding<'_>,
        output: wgpu::BufferBinding<'_>,
        list: Option<wgpu::BufferBinding<'_>>,
    ) -> wgpu::BindGroup {
        let entry = |binding, buffer| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(buffer) };
        let mut entries = vec![entry(0, records), entry(1, output)];
        if kernel.uses_table() {
            entries.push(entry(2, self.table_buffer.as_entire_buffer_binding()));
        }
        entries.extend(list.map(|list| entry(2, list)));
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(&label(kernel, "bindings")),
            layout: &self.layout(kernel).bindings,
            entries: &entries,
        })
    }

    /// A bind group of a step of orthogonal matrices: records, output or reflectors, table or matrices, and the small parts.
    pub(super) fn bind_workspace(
        &self,
        device: &wgpu::Device,
        kernel: Kernel,
        records: wgpu::BufferBinding<'_>,
        output: Option<wgpu::BufferBinding<'_>>,
        [reflectors, matrices, small]: &[wgpu::Buffer; 3],
    ) -> wgpu::BindGroup {
        let entry = |binding, buffer| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::Buffer(buffer) };
        let second = if kernel.uses_table() { &self.table_buffer } else { matrices };
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(&label(kernel, "bindings")),
            layout: &self.layout(kernel).bindings,
            entries: &[
                entry(0, records),
                entry(1, output.unwrap_or_else(|| reflectors.as_entire_buffer_binding())),
                entry(2, second.as_entire_buffer_binding()),
                entry(3, small.as_entire_buffer_binding()),
            ],
        })
    }

    fn layout(&self, kernel: Kernel) -> &Layout {
        match kernel {
            Kernel::OrthogonalReflectors => &self.reflecting,
            _ if kernel.uses_workspace() => &self.working,
            Kernel::FillListed => &self.with_list,
            _ if kernel.uses_table() => &self.with_table,
            _ => &self.plain,
        }
    }

    fn compile(&self, device: &wgpu::Device, kernel: Kernel) -> wgpu::ComputePipeline {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&label(kernel, "module")),
            source: wgpu::ShaderSource::Wgsl(kernel.source(self.products, self.table).into()),
        });
        let workgroup_size = f64::from(self.limits.workgroup_size(kernel));
        // The steps of orthogonal matrices have workgroups of one size.
        let constants: &[(&str, f64)] =
            if kernel.uses_workspace() { &[] } else { &[("workgroup_size", workgroup_size)] };
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&label(kernel, "pipeline")),
            layout: Some(&self.layout(kernel).pipeline),
            module: &module,
            entry_point: Some(Kernel::ENTRY_POINT),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                // Everything in workgroup memory is written before it is read.
                zero_initialize_workgroup_memory: false,
            },
            cache: self.cache.as_ref(),
        })
    }
}

/// A buffer that a kernel binds: how, and its least size in bytes where that is known.
type Binding = (wgpu::BufferBindingType, Option<u64>);

const READ_ONLY: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: true };
const READ: Binding = (READ_ONLY, None);
const WRITE: Binding = (wgpu::BufferBindingType::Storage { read_only: false }, None);
const LIST: Binding = (READ_ONLY, Some(16));
const TABLE: Binding = (READ_ONLY, Some(TABLE_BYTES.len() as u64));
const UNIFORM_TABLE: Binding = (wgpu::BufferBindingType::Uniform, Some(TABLE_BYTES.len() as u64));

/// The steps of orthogonal matrices read the table from a storage buffer, wherever the fills read it.
fn table_usage(table: Table) -> wgpu::BufferUsages {
    let uniform = if table == Table::Uniform { wgpu::BufferUsages::UNIFORM } else { wgpu::BufferUsages::empty() };
    wgpu::BufferUsages::STORAGE | uniform
}

impl Layout {
    /// Buffers from binding 0 on.
    fn new(device: &wgpu::Device, buffers: &[Binding]) -> Self {
        let entry = |(binding, (ty, least)): (u32, &Binding)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer {
                ty: *ty,
                has_dynamic_offset: false,
                min_binding_size: least.and_then(wgpu::BufferSize::new),
            },
            count: None,
        };
        let entries: Vec<_> = (0..).zip(buffers).map(entry).collect();
        let bindings = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("wgpu_init::bindings"),
            entries: &entries,
        });
        let pipeline = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("wgpu_init::pipeline_layout"),
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: 0,
        });
        Self { bindings, pipeline }
    }
}

/// A buffer with these bytes. Filled while mapped: nothing is queued on the caller's queue, and two
/// records in one encoder cannot see each other's bytes. Fails on a lost device or one without memory.
pub(super) fn filled_buffer(
    device: &wgpu::Device,
    label: &str,
    bytes: &[u8],
    usage: wgpu::BufferUsages,
) -> Result<wgpu::Buffer> {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
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

fn label(kernel: Kernel, what: &str) -> String {
    format!("wgpu_init::{}::{what}", kernel.name())
}
