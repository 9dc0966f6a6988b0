//! What a plan has to respect, with whichever major of wgpu `super::wgpu` is.

use super::wgpu;
use wgpu_init::plan;
use wgpu_init::wgsl::Table;

/// What of a device's limits decides how fills are cut, for [`plan::plan`].
#[must_use]
pub fn limits(device: &wgpu::Device) -> plan::Device {
    let (limits, mut of) = (device.limits(), plan::Device::default());
    of.max_binding_size = limits.max_storage_buffer_binding_size.into();
    of.max_buffer_size = limits.max_buffer_size;
    of.offset_alignment = limits.min_storage_buffer_offset_alignment.into();
    of.max_workgroups_per_dimension = limits.max_compute_workgroups_per_dimension;
    of.max_workgroup_size = limits.max_compute_invocations_per_workgroup.min(limits.max_compute_workgroup_size_x);
    of.table = Table::Uniform;
    of
}
