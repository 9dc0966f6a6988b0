//! Records a plan, with whichever major of wgpu `super::wgpu` is.

use super::wgpu::{self, util::DeviceExt as _};
use std::collections::HashMap;
use wgpu_init::plan::{Bound, Dispatch, Plan};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{Access, Kernel, Products, Resource, Table};

type Key = (Kernel, Vec<(&'static str, u64)>);

/// What is kept of a device: the table of quantiles, and compiled pipelines by their kernels and constants.
#[derive(Debug)]
pub struct Replay {
    device: wgpu::Device,
    quantiles: wgpu::Buffer,
    pipelines: HashMap<Key, wgpu::ComputePipeline>,
}

impl Replay {
    /// For one device. Nothing is compiled yet.
    #[must_use]
    pub fn new(device: &wgpu::Device) -> Self {
        let quantiles = buffer(device, TABLE_BYTES, wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::STORAGE);
        Self { device: device.clone(), quantiles, pipelines: HashMap::new() }
    }

    /// Records the plan, made for [`limits`](super::limits()) of this device, into the caller's encoder as one pass; `targets` are the buffers that its
    /// regions number. Nothing is submitted.
    ///
    /// # Panics
    /// With fewer targets than the plan has buffers.
    pub fn record(&mut self, encoder: &mut wgpu::CommandEncoder, plan: &Plan, targets: &[wgpu::Buffer]) {
        let records = buffer(&self.device, &plan.records, wgpu::BufferUsages::STORAGE);
        let (label, usage, mapped_at_creation) = (Some("wgpu_init"), wgpu::BufferUsages::STORAGE, false);
        let workspace = plan.workspace.map(|size| {
            self.device.create_buffer(&wgpu::BufferDescriptor { label, size: size.max(4), usage, mapped_at_creation })
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, ..Default::default() });
        for dispatch in &plan.dispatches {
            let layout = layout(&self.device, dispatch);
            let key = (dispatch.kernel, dispatch.constants().map(|(name, of)| (name, of.to_bits())).collect());
            let pipeline = self.pipelines.entry(key).or_insert_with(|| pipeline(&self.device, dispatch, &layout));
            let entry = |(binding, bound): (u32, &Bound)| {
                let (offset, size) = (bound.bytes.start, wgpu::BufferSize::new(bound.bytes.end - bound.bytes.start));
                let buffer = match bound.resource {
                    Resource::Table => &self.quantiles,
                    Resource::Workspace(at) => &workspace[usize::from(at)],
                    Resource::Target => &targets[dispatch.buffer],
                    _ => &records,
                };
                let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size });
                wgpu::BindGroupEntry { binding, resource }
            };
            let entries: Vec<_> = (0..).zip(&dispatch.bindings).map(entry).collect();
            let group = wgpu::BindGroupDescriptor { label, layout: &layout, entries: &entries };
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &self.device.create_bind_group(&group), &[]);
            pass.dispatch_workgroups(dispatch.grid[0], dispatch.grid[1], dispatch.grid[2]);
        }
    }
}

fn buffer(device: &wgpu::Device, contents: &[u8], usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: Some("wgpu_init"), contents, usage })
}

/// Explicit: one made from the shader lacks what a step does not use.
fn layout(device: &wgpu::Device, dispatch: &Dispatch) -> wgpu::BindGroupLayout {
    let entry = |(binding, bound): (u32, &Bound)| {
        let ty = match bound.access {
            Access::Uniform => wgpu::BufferBindingType::Uniform,
            access => wgpu::BufferBindingType::Storage { read_only: access == Access::ReadOnly },
        };
        let ty = wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
        wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::COMPUTE, ty, count: None }
    };
    let entries: Vec<_> = (0..).zip(&dispatch.bindings).map(entry).collect();
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("wgpu_init"), entries: &entries })
}

fn pipeline(device: &wgpu::Device, dispatch: &Dispatch, layout: &wgpu::BindGroupLayout) -> wgpu::ComputePipeline {
    let label = Some(dispatch.kernel.name());
    let source = dispatch.kernel.source(Products::Portable, Table::Uniform).into();
    let module = wgpu::ShaderModuleDescriptor { label, source: wgpu::ShaderSource::Wgsl(source) };
    let module = device.create_shader_module(module);
    // A layout, or an `Option` of one, as the major has it.
    let layouts = &[layout.into()];
    let layout = wgpu::PipelineLayoutDescriptor { label, bind_group_layouts: layouts, ..Default::default() };
    let (constants, layout) = (dispatch.constants().collect::<Vec<_>>(), device.create_pipeline_layout(&layout));
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label,
        layout: Some(&layout),
        module: &module,
        entry_point: Some(Kernel::ENTRY_POINT),
        // Every kernel writes what it reads of workgroup memory.
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: &constants,
            zero_initialize_workgroup_memory: false,
        },
        cache: None,
    })
}
