//! Fills that are ready to be recorded, any number of times.

use super::pipelines::{Layout, Pipelines, filled_buffer};
use super::scope::scoped;
use crate::Result;
use crate::plan::{Bound, Dispatch, Path, Plan};
use crate::wgsl::{Kernel, Resource};
use std::collections::HashMap;

/// Fills with everything that a pass needs: made by [`GpuExecutor::prepare`](super::GpuExecutor::prepare), recorded any number of
/// times, into any encoder or pass of the same device.
///
/// It holds handles of the targets, a table of records in a buffer of its own, pipelines, bind groups, and the workspace of
/// orthogonal matrices, if there are any.
#[derive(Clone, Debug)]
#[must_use = "nothing is filled until it is recorded and submitted"]
pub struct Prepared {
    steps: Vec<Step>,
    bind_groups: usize,
    table_bytes: u64,
    workspace_bytes: u64,
}

#[derive(Clone, Debug)]
struct Step {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    /// Where its records begin.
    records: u32,
    grid: [u32; 3],
}

/// What tells bind groups apart: the kernel's layout, and everything that is bound but where the records begin.
type Key<'a> = (Kernel, usize, u64, &'a [Bound]);

impl Prepared {
    /// Records one compute pass. Nothing is recorded if there is nothing to fill.
    pub fn record(&self, encoder: &mut wgpu::CommandEncoder) {
        if !self.steps.is_empty() {
            let label = Some("wgpu_init::record");
            self.record_in_pass(
                &mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label, timestamp_writes: None }),
            );
        }
    }

    /// Records into a pass of the caller's: sets its pipeline and bind group 0.
    pub fn record_in_pass(&self, pass: &mut wgpu::ComputePass<'_>) {
        for Step { pipeline, bindings, records, grid: [x, y, z] } in &self.steps {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[*records]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }

    /// Dispatches of a recording.
    #[must_use]
    pub const fn dispatches(&self) -> usize {
        self.steps.len()
    }

    /// Bind groups that it holds.
    #[must_use]
    pub const fn bind_groups(&self) -> usize {
        self.bind_groups
    }

    /// Bytes of the table of records and computed values, in a buffer of its own.
    #[must_use]
    pub const fn table_bytes(&self) -> u64 {
        self.table_bytes
    }

    /// Bytes of the workspace of orthogonal matrices that it uses, shared with the executor's other calls.
    #[must_use]
    pub const fn workspace_bytes(&self) -> u64 {
        self.workspace_bytes
    }

    /// Objects of a plan. A table of its own for each: a shared one would be overwritten by the next call before the first was
    /// submitted.
    pub(super) fn new(
        gpu: &wgpu::Device,
        pipelines: &Pipelines,
        plan: &Plan,
        buffers: &[wgpu::Buffer],
        workspace: Option<&[wgpu::Buffer; 3]>,
    ) -> Result<Self> {
        let workspace_bytes = plan.workspace.iter().sum();
        let mut prepared = Self { steps: Vec::new(), bind_groups: 0, table_bytes: 0, workspace_bytes };
        if plan.dispatches.is_empty() {
            return Ok(prepared);
        }
        prepared.table_bytes = plan.records.len() as u64;
        let records =
            scoped(gpu, || filled_buffer(gpu, "wgpu_init::records", &plan.records, wgpu::BufferUsages::STORAGE))?;
        let buffer = |resource, dispatch: &Dispatch| match (resource, workspace) {
            (Resource::Records | Resource::List, _) => &records,
            (Resource::Table, _) => &pipelines.table,
            (Resource::Workspace(at), Some(workspace)) => &workspace[usize::from(at)],
            (Resource::Target | Resource::Output | Resource::Workspace(_), _) => &buffers[dispatch.buffer],
        };
        // Compiled outside the scope of the bind groups: each has a scope of its own.
        let mut compiled: Vec<(Path, wgpu::ComputePipeline, Layout)> = Vec::new();
        let mut which = Vec::with_capacity(plan.dispatches.len());
        for path in plan.dispatches.iter().map(Dispatch::path) {
            let at = compiled.iter().position(|(known, ..)| *known == path).unwrap_or(compiled.len());
            if at == compiled.len() {
                compiled.push((path, pipelines.get(gpu, path)?, pipelines.layout(gpu, path.kernel)?));
            }
            which.push(at);
        }
        scoped(gpu, || {
            let mut known: HashMap<Key<'_>, wgpu::BindGroup> = HashMap::new();
            for (dispatch, at) in plan.dispatches.iter().zip(which) {
                // Records are at binding 0.
                let Some((first, rest)) = dispatch.bindings.split_first() else { continue };
                let (_, pipeline, layout) = &compiled[at];
                let key = (dispatch.kernel, dispatch.buffer, first.bytes.end - first.bytes.start, rest);
                let bindings = known.entry(key).or_insert_with(|| {
                    let entry = |(binding, bound): (u32, &Bound)| wgpu::BindGroupEntry {
                        binding,
                        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                            buffer: buffer(bound.resource, dispatch),
                            // That of the records is given when the group is set.
                            offset: if binding == 0 { 0 } else { bound.bytes.start },
                            size: wgpu::BufferSize::new(bound.bytes.end - bound.bytes.start),
                        }),
                    };
                    let entries: Vec<_> = (0..).zip(&dispatch.bindings).map(entry).collect();
                    gpu.create_bind_group(&wgpu::BindGroupDescriptor {
                        label: Some(dispatch.kernel.name()),
                        layout: &layout.bindings,
                        entries: &entries,
                    })
                });
                prepared.steps.push(Step {
                    pipeline: pipeline.clone(),
                    bindings: bindings.clone(),
                    records: u32::try_from(first.bytes.start).unwrap_or(u32::MAX),
                    grid: dispatch.grid,
                });
            }
            prepared.bind_groups = known.len();
            Ok(())
        })?;
        Ok(prepared)
    }
}
