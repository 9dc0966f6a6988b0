//! What the GPU tests share: which adapters run, buffers with guard bands, reading back.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::print_stderr, reason = "a test run says which adapters it ran on")]

use wgpu_init::wgpu;

/// Set to any value to let a machine without an adapter pass with its GPU tests marked as ignored.
pub(crate) const OPT_OUT: &str = "WGPU_INIT_NO_GPU_TESTS";
/// Least number of adapters that must be found, e.g. 3 where CI has installed three drivers.
pub(crate) const LEAST_ADAPTERS: &str = "WGPU_INIT_LEAST_ADAPTERS";
/// What every byte of a target is before a test: a missing write, or one too many, shows.
pub(crate) const POISON: u8 = 0xA5;

/// An adapter under test.
#[derive(Clone)]
pub(crate) struct TestAdapter {
    pub(crate) adapter: wgpu::Adapter,
    /// Backend, name and driver.
    pub(crate) label: String,
}

/// Every compute-capable adapter of every backend of this machine.
pub(crate) fn adapters() -> Vec<TestAdapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let found = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::from_env().unwrap_or_default()));
    let compute = found.into_iter().filter(|adapter| {
        let flags = adapter.get_downlevel_capabilities().flags;
        flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
    });
    compute
        .map(|adapter| {
            let info = adapter.get_info();
            let label = format!("{:?}/{}/{}", info.backend, info.name, info.driver_info);
            TestAdapter { adapter, label: label.split_whitespace().collect::<Vec<_>>().join("_") }
        })
        .collect()
}

/// The adapters, after the policy on machines that have too few.
///
/// Ends the process with a message, unless tests without a GPU were asked for.
pub(crate) fn adapters_or_explain() -> Vec<TestAdapter> {
    let adapters = adapters();
    for adapter in &adapters {
        eprintln!("adapter: {}", adapter.label);
    }
    let least = std::env::var(LEAST_ADAPTERS).ok().map_or(1, |text| text.parse().expect("a number of adapters"));
    if adapters.len() < least && std::env::var_os(OPT_OUT).is_none() {
        eprintln!(
            "error: {} adapters were found, at least {least} must be tested.\n\
             Install a driver, e.g. the software Vulkan driver of Debian and Ubuntu:\n    \
             apt-get install mesa-vulkan-drivers libvulkan1\n\
             or set {OPT_OUT}=1 to test the CPU executor only.",
            adapters.len()
        );
        std::process::exit(101);
    }
    adapters
}

/// A device with what `requirements` gives, changed by `edit`.
pub(crate) fn device_with(
    adapter: &wgpu::Adapter,
    edit: impl FnOnce(&mut wgpu_init::gpu::Requirements),
) -> (wgpu::Device, wgpu::Queue) {
    let mut requirements = wgpu_init::requirements(adapter);
    edit(&mut requirements);
    pollster::block_on(adapter.request_device(&requirements.device_descriptor())).expect("the adapter gives a device")
}

/// A storage buffer of `size` bytes, all of them [`POISON`].
pub(crate) fn poisoned_buffer(device: &wgpu::Device, size: u64) -> wgpu::Buffer {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("poisoned"),
        size: size.next_multiple_of(4),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: true,
    });
    let mut view = buffer.get_mapped_range_mut(..).expect("mapped at creation");
    view.copy_from_slice(&vec![POISON; view.len()]);
    drop(view);
    buffer.unmap();
    buffer
}

/// Submits `encoder` and returns the bytes of `buffer`.
pub(crate) fn read_back(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    mut encoder: wgpu::CommandEncoder,
    buffer: &wgpu::Buffer,
) -> Vec<u8> {
    let staging = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("staging"),
        size: buffer.size(),
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    encoder.copy_buffer_to_buffer(buffer, 0, &staging, 0, buffer.size());
    queue.submit([encoder.finish()]);
    staging.map_async(wgpu::MapMode::Read, .., |result| result.expect("the staging buffer maps"));
    device.poll(wgpu::PollType::wait_indefinitely()).expect("the device finishes");
    staging.get_mapped_range(..).expect("mapped").to_vec()
}
