//! What is worth asking an adapter for.

/// The features and limits that the executor makes use of, as far as an adapter has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirements {
    /// `SHADER_INT64` where there is one: the native path. Nothing is needed that an adapter may lack.
    pub features: wgpu::Features,
    /// wgpu's downlevel defaults, with buffer and binding sizes, storage buffers and workgroups as large as the adapter has.
    pub limits: wgpu::Limits,
}

impl Requirements {
    /// A device descriptor that asks for just this.
    #[must_use]
    pub fn device_descriptor(&self) -> wgpu::DeviceDescriptor<'static> {
        wgpu::DeviceDescriptor {
            label: Some("wgpu-init"),
            required_features: self.features,
            required_limits: self.limits.clone(),
            ..Default::default()
        }
    }
}

/// The features and limits worth asking `adapter` for.
///
/// An engine merges them with its own: `features | requirements.features`, and the larger of each limit. A device with
/// `Limits::default()` works too, in windows of 128 MiB.
#[must_use]
pub fn requirements(adapter: &wgpu::Adapter) -> Requirements {
    let has = adapter.limits();
    let mut limits = wgpu::Limits::downlevel_defaults().or_worse_values_from(&has);
    limits.max_buffer_size = has.max_buffer_size;
    limits.max_storage_buffer_binding_size = has.max_storage_buffer_binding_size;
    limits.min_storage_buffer_offset_alignment = has.min_storage_buffer_offset_alignment;
    limits.max_storage_buffers_per_shader_stage = has.max_storage_buffers_per_shader_stage;
    limits.max_compute_workgroup_storage_size = has.max_compute_workgroup_storage_size;
    limits.max_compute_invocations_per_workgroup = has.max_compute_invocations_per_workgroup;
    limits.max_compute_workgroup_size_x = has.max_compute_workgroup_size_x;
    limits.max_compute_workgroups_per_dimension = has.max_compute_workgroups_per_dimension;
    Requirements { features: adapter.features() & wgpu::Features::SHADER_INT64, limits }
}
