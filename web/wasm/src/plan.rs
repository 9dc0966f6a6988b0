//! Plans as data: what `export` of the command writes to files, as JSON and bytes.

use crate::Tensor;
use core::fmt::Write;
use std::collections::BTreeSet;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wgpu_init::Fill;
use wgpu_init::plan::{self, Bound, Device, Dispatch, Region, Tiling};
use wgpu_init::value::normal::TABLE_BYTES;
use wgpu_init::wgsl::{Access, Kernel, Products, Resource, Table};

/// Fills that are to be planned, then their plan.
#[wasm_bindgen]
pub struct Plan {
    device: Device,
    buffers: Vec<u64>,
    fills: Vec<(Region, Fill)>,
    plan: plan::Plan,
}

#[wasm_bindgen]
impl Plan {
    /// For a device with these limits, in the order of WebGPU's `maxStorageBufferBindingSize`, `maxBufferSize`,
    /// `minStorageBufferOffsetAlignment`, `maxComputeWorkgroupsPerDimension` and the largest workgroup. `emulated`: it is a CPU.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(binding: u64, buffer: u64, alignment: u64, workgroups: u32, workgroup: u32, emulated: bool) -> Self {
        let mut device = Device::default();
        device.max_binding_size = binding;
        device.max_buffer_size = buffer;
        device.offset_alignment = alignment;
        device.max_workgroups_per_dimension = workgroups;
        device.max_workgroup_size = workgroup;
        (device.table, device.tiling) =
            if emulated { (Table::Uniform, Tiling::EMULATED) } else { (Table::Workgroup, Tiling::PARALLEL) };
        Self { device, buffers: Vec::new(), fills: Vec::new(), plan: plan::Plan::default() }
    }

    /// One more buffer of this many bytes; they are numbered from 0.
    pub fn buffer(&mut self, size: u64) {
        self.buffers.push(size);
    }

    /// A tensor goes to a buffer, from this byte on.
    pub fn add(&mut self, buffer: usize, byte: u64, tensor: &Tensor) {
        let end = self.buffers.get(buffer).copied().unwrap_or(0);
        self.fills.extend(tensor.fills.iter().map(|fill| (Region { buffer, bytes: byte..end }, fill.clone())));
    }

    /// Makes the plan.
    ///
    /// # Errors
    /// What the library says of a fill.
    pub fn make(&mut self) -> Result<(), JsError> {
        self.plan = plan::plan(&self.buffers, self.fills.drain(..), &self.device)?;
        Ok(())
    }

    /// Records of all dispatches.
    #[must_use]
    pub fn records(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.plan.records)
    }

    /// The sources of the shaders: a name and a text by turns.
    #[must_use]
    pub fn shaders(&self) -> Vec<String> {
        let kernels: BTreeSet<Kernel> = self.plan.dispatches.iter().map(|dispatch| dispatch.kernel).collect();
        let pair = |kernel: Kernel| [shader(kernel), kernel.source(Products::Portable, self.device.table)];
        kernels.into_iter().flat_map(pair).collect()
    }

    /// The members `buffers` and `dispatches` of `dispatch.json`. Names and numbers only: nothing in it needs an escape.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = String::from("{\"buffers\":{");
        let plan = &self.plan;
        let size = plan.records.len();
        let _ = write!(json, "\"records\":{{\"size\":{size}}}");
        if plan.dispatches.iter().any(|dispatch| dispatch.kernel.uses_table()) {
            let size = TABLE_BYTES.len();
            let _ = write!(json, ",\"table\":{{\"size\":{size}}}");
        }
        for (at, size) in plan.workspace.iter().enumerate().filter(|(_, size)| **size > 0) {
            let _ = write!(json, ",\"workspace{at}\":{{\"size\":{size}}}");
        }
        for (at, size) in self.buffers.iter().enumerate() {
            let name = output(at);
            let _ = write!(json, ",\"{name}\":{{\"size\":{size}}}");
        }
        let dispatches: Vec<_> = plan.dispatches.iter().map(dispatch).collect();
        let _ = write!(json, "}},\"dispatches\":[{}]}}", dispatches.join(","));
        json
    }
}

/// What the buffers to fill are called: the first as in an export.
fn output(at: usize) -> String {
    if at == 0 { "output".to_owned() } else { format!("output{at}") }
}

fn shader(kernel: Kernel) -> String {
    format!("{}.wgsl", kernel.name())
}

fn dispatch(dispatch: &Dispatch) -> String {
    let constants: Vec<_> = dispatch.constants().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let bindings = (0..).zip(&dispatch.bindings).map(|(at, bound)| binding(at, bound, dispatch.buffer));
    let (bindings, [x, y, z]) = (bindings.collect::<Vec<_>>().join(","), dispatch.grid);
    let (shader, entry, constants) = (shader(dispatch.kernel), Kernel::ENTRY_POINT, constants.join(","));
    format!(
        "{{\"shader\":\"{shader}\",\"entry_point\":\"{entry}\",\"constants\":{{{constants}}},\"bindings\":[{bindings}],\
         \"grid\":[{x},{y},{z}]}}"
    )
}

fn binding(at: u32, bound: &Bound, target: usize) -> String {
    let buffer = match bound.resource {
        Resource::Records | Resource::List => "records".to_owned(),
        Resource::Table => "table".to_owned(),
        Resource::Workspace(at) => format!("workspace{at}"),
        _ => output(target),
    };
    let kind = match bound.access {
        Access::Uniform => "uniform",
        Access::ReadOnly => "read-only-storage",
        _ => "storage",
    };
    let (offset, size) = (bound.bytes.start, bound.bytes.end - bound.bytes.start);
    format!(
        "{{\"group\":0,\"binding\":{at},\"type\":\"{kind}\",\"buffer\":\"{buffer}\",\"offset\":{offset},\"size\":{size}}}"
    )
}
