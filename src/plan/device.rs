//! What a plan must respect and how it should work.

use super::Tiling;
use super::window::GROUP;
use crate::wgsl::{Kernel, Table};
use crate::{Error, Result};

/// The limits of a device that a plan must respect, and how it should work. [`Default`] is what every WebGPU device grants.
///
/// ```
/// use wgpu_init::plan::Device;
/// let mut device = Device::default();
/// device.max_binding_size = 1 << 30;
/// assert_eq!(device.max_workgroup_size, 256);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// `max_storage_buffer_binding_size`, bytes.
    pub max_binding_size: u64,
    /// `max_buffer_size`, bytes; bounds the table of jobs.
    pub max_buffer_size: u64,
    /// `min_storage_buffer_offset_alignment`, bytes, a power of two.
    pub offset_alignment: u64,
    /// `max_compute_workgroups_per_dimension`.
    pub max_workgroups_per_dimension: u32,
    /// The largest workgroup: `max_compute_invocations_per_workgroup`, `max_compute_workgroup_size_x`. More than 256 are not used.
    pub max_workgroup_size: u32,
    /// How the work is spread. The values do not depend on it.
    pub tiling: Tiling,
    /// Where shaders read the quantile table. The values do not depend on it.
    pub table: Table,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            max_binding_size: 128 << 20,
            max_buffer_size: 256 << 20,
            offset_alignment: 256,
            max_workgroups_per_dimension: 65_535,
            max_workgroup_size: 256,
            tiling: Tiling::PARALLEL,
            table: Table::default(),
        }
    }
}

/// The largest record of a table is smaller.
const LARGEST_RECORD: u64 = 128;

impl Device {
    /// Invocations of a workgroup of `kernel` on this device: the value of its override constant `workgroup_size`, if it has one.
    #[must_use]
    pub const fn workgroup_size(&self, kernel: Kernel) -> u32 {
        if !kernel.has_workgroup_size() {
            return kernel.default_workgroup_size();
        }
        let size = if kernel.is_tiled() { self.tiling.workgroup_size } else { kernel.default_workgroup_size() };
        let most = if self.max_workgroup_size < 256 { self.max_workgroup_size } else { 256 };
        if size == 0 || most == 0 {
            1
        } else if size < most {
            size
        } else {
            most
        }
    }

    /// Groups or units of a tile of `kernel`, in a dispatch that has so many in all. Without a table to copy, tiles are smaller: a fill that only
    /// stores is 2 to 3 % faster on a hardware GPU then.
    pub(super) fn tile_groups(&self, kernel: Kernel, groups: u64) -> u32 {
        let most_groups = self.tiling.most_groups / if kernel.uses_table() { 1 } else { 4 };
        Tiling { most_groups, ..self.tiling }.tile_groups(groups, self.workgroup_size(kernel))
    }

    /// Multiples at which bindings may begin.
    pub(super) const fn alignment(&self) -> u64 {
        if self.offset_alignment < GROUP { GROUP } else { self.offset_alignment }
    }

    /// The largest window: whole groups, and positions inside it fit u32 with room to spare.
    pub(super) const fn largest_window(&self) -> u64 {
        let most = if self.max_binding_size < 1 << 31 { self.max_binding_size } else { 1 << 31 };
        most / GROUP * GROUP
    }

    /// Bytes of records that one dispatch binds at most.
    pub(super) const fn largest_records(&self) -> u64 {
        if self.max_binding_size < 1 << 26 { self.max_binding_size } else { 1 << 26 }
    }

    /// That anything can be planned at all.
    pub(super) fn check(&self) -> Result<()> {
        if !self.alignment().is_power_of_two() {
            let (limit, got) = ("min_storage_buffer_offset_alignment", self.offset_alignment);
            let needed = got.checked_next_power_of_two().unwrap_or(1 << 63);
            return Err(Error::DeviceLimit { limit, purpose: Some("which is a power of two"), got, needed });
        }
        // A window starts up to one alignment before its first byte.
        let window = (self.alignment().saturating_add(GROUP)).max(LARGEST_RECORD);
        limit("max_storage_buffer_binding_size", None, self.largest_window(), window)?;
        limit("max_compute_workgroups_per_dimension", None, self.max_workgroups_per_dimension.into(), 1)?;
        limit("max_compute_invocations_per_workgroup", None, self.max_workgroup_size.into(), 1)
    }
}

/// That a limit is large enough.
pub(super) fn limit(limit: &'static str, purpose: Option<&'static str>, got: u64, needed: u64) -> Result<()> {
    if got < needed { Err(Error::DeviceLimit { limit, purpose, got, needed }) } else { Ok(()) }
}
