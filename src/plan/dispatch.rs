//! What a plan consists of, and the table that its dispatches read.

use super::device::{Device, limit};
use super::path::Path;
use crate::Result;
use crate::value::normal::TABLE_BYTES;
use crate::wgsl::{Access, Kernel, Resource};
use core::ops::Range;

/// One dispatch of a plan: everything a host needs to run it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dispatch {
    /// The shader.
    pub kernel: Kernel,
    /// Which buffer [`Resource::Target`] stands for. Steps of orthogonal matrices bind none.
    pub buffer: usize,
    /// What is bound in group 0, by binding number from 0 on.
    pub bindings: Vec<Bound>,
    /// Invocations of a workgroup: the override constant `workgroup_size` of a kernel that has one.
    pub workgroup_size: u32,
    /// The override constant `aligned` of a kernel that has one.
    pub aligned: bool,
    /// The override constant `clamped` of a kernel that has one.
    pub clamped: bool,
    /// The override constant `axes` of a kernel that has one.
    pub axes: u32,
    /// Workgroups in x, y and z.
    pub grid: [u32; 3],
}

/// A bound stretch of a buffer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Bound {
    /// Of which buffer.
    pub resource: Resource,
    /// How it is bound.
    pub access: Access,
    /// Which bytes; they start at a multiple of the offset alignment.
    pub bytes: Range<u64>,
}

impl Dispatch {
    pub(crate) const fn path(&self) -> Path {
        Path { kernel: self.kernel, aligned: self.aligned, clamped: self.clamped, axes: self.axes }
    }

    /// The override constants of the pipeline.
    pub fn constants(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let size = self.kernel.has_workgroup_size().then(|| ("workgroup_size", f64::from(self.workgroup_size)));
        let size = size.into_iter();
        size.chain(self.path().constants())
    }
}

/// A list of dispatches over a table of records. Those of orthogonal matrices ([`Kernel::uses_workspace`]) run in order; the others
/// may run at any time.
///
/// A host makes a buffer of [`records`](Self::records), one of
/// [`TABLE_BYTES`] for [`Resource::Table`], three of the workspace's sizes where they are not 0, and then, for each dispatch, a
/// pipeline of [`Kernel::source`] with [`Dispatch::constants`], and a bind group of [`Dispatch::bindings`]. Everything in workgroup
/// memory is written before it is read: a host that can leave it as it is (`zero_initialize_workgroup_memory: false` of wgpu) saves
/// some drivers minutes of compiling.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// Records, little-endian, a stretch for each dispatch, and lists of computed values.
    pub records: Vec<u8>,
    /// What to dispatch.
    pub dispatches: Vec<Dispatch>,
    /// Bytes of the three buffers of the workspace: reflectors, matrices, and signs with blocks and products.
    pub workspace: [u64; 3],
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) device: &'a Device,
    pub(super) plan: Plan,
}

/// The stretches that a dispatch binds, by resource.
#[derive(Clone, Default)]
pub(super) struct Stretches {
    pub(super) records: Range<u64>,
    pub(super) target: Range<u64>,
    pub(super) list: Range<u64>,
    pub(super) workspace: [u64; 3],
}

impl Planner<'_> {
    /// The size of the table after `more` bytes, or why the device cannot hold it.
    pub(super) fn table_size(&self, more: u64) -> Result<u64> {
        let start = (self.plan.records.len() as u64).next_multiple_of(self.device.alignment());
        let needed = start.saturating_add(more);
        let purpose = Some("the table of fills and computed values");
        limit("max_buffer_size", purpose, self.device.max_buffer_size, needed).map(|()| needed)
    }

    /// Appends bytes to the table and says where they lie.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<Range<u64>> {
        let end = self.table_size(bytes.len() as u64)?;
        let start = end - bytes.len() as u64;
        let table = &mut self.plan.records;
        table.resize(usize::try_from(start).unwrap_or(usize::MAX), 0);
        table.extend_from_slice(bytes);
        Ok(start..end)
    }

    /// Appends a dispatch over these stretches.
    pub(super) fn push(&mut self, path: Path, buffer: usize, stretches: &Stretches, grid: [u32; 3]) {
        let Path { kernel, aligned, clamped, axes } = path;
        let bound = |binding: crate::wgsl::Binding| {
            let bytes = match binding.resource {
                Resource::Records => stretches.records.clone(),
                // Whole words: a smaller element may be the last.
                Resource::Target => stretches.target.start..stretches.target.end.next_multiple_of(4),
                Resource::List => stretches.list.clone(),
                Resource::Table => 0..TABLE_BYTES.len() as u64,
                Resource::Workspace(at) => 0..stretches.workspace[usize::from(at)],
                // Of check kernels, which no plan has.
                Resource::Output => 0..0,
            };
            Bound { resource: binding.resource, access: binding.access, bytes }
        };
        let bindings = kernel.bindings(self.device.table).into_iter().map(bound).collect();
        let workgroup_size = self.device.workgroup_size(kernel);
        self.plan.dispatches.push(Dispatch { kernel, buffer, bindings, workgroup_size, aligned, clamped, axes, grid });
    }
}

/// A position inside a window or a grid, all of which are below 2^32 by construction.
pub(super) fn small(x: u64) -> u32 {
    u32::try_from(x).expect("windows span at most 2^31 bytes and grids at most 2^31 workgroups")
}
