//! Errors of wgpu as errors of ours, where wgpu's own handler would panic.

use crate::{Error, Result};

/// Makes objects of a device; what wgpu reports meanwhile becomes the error.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn scoped<T>(device: &wgpu::Device, make: impl FnOnce() -> Result<T>) -> Result<T> {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    let scopes = [wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::Internal]
        .map(|filter| device.push_error_scope(filter));
    let made = make();
    let mut found = None;
    // The last one pushed is the first one popped.
    for scope in scopes.into_iter().rev() {
        // Ready at once: only browsers take their time.
        if let Poll::Ready(Some(error)) = pin!(scope.pop()).poll(&mut Context::from_waker(Waker::noop())) {
            found = found.or(Some(error));
        }
    }
    match found {
        None => made,
        Some(error @ wgpu::Error::OutOfMemory { .. }) => Err(Error::OutOfMemory { reason: reason(&error) }),
        Some(error) => Err(Error::DeviceRefused { reason: reason(&error) }),
    }
}

/// A browser says later what was wrong, to the device's handler; nothing panics there.
#[cfg(target_arch = "wasm32")]
pub(super) fn scoped<T>(_device: &wgpu::Device, make: impl FnOnce() -> Result<T>) -> Result<T> {
    make()
}

/// An error with what caused it.
#[cfg(not(target_arch = "wasm32"))]
fn reason(error: &dyn core::error::Error) -> String {
    core::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// wgpu's device without a back end, whose limits are as large as one likes and whose memory is the host's.
    #[test]
    fn a_buffer_that_no_memory_holds_is_an_error_and_not_a_panic() {
        let required_limits = wgpu::Limits { max_buffer_size: u64::MAX, ..Default::default() };
        let (device, _) = wgpu::Device::noop(&wgpu::DeviceDescriptor { required_limits, ..Default::default() });
        device.on_uncaptured_error(std::sync::Arc::new(|error: wgpu::Error| panic!("not scoped: {error}")));
        let make = |size, usage| {
            let label = Some("too large");
            Ok(device.create_buffer(&wgpu::BufferDescriptor { label, size, usage, mapped_at_creation: false }))
        };
        let refused = scoped(&device, || make(1 << 63, wgpu::BufferUsages::STORAGE)).expect_err("2^63 bytes");
        assert!(matches!(refused, Error::OutOfMemory { .. }), "{refused:?}");
        // Mappable for both is what no device allows.
        let both = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::MAP_WRITE;
        let refused = scoped(&device, || make(16, both | wgpu::BufferUsages::STORAGE)).expect_err("not allowed");
        assert!(matches!(refused, Error::DeviceRefused { .. }), "{refused:?}");
        scoped(&device, || make(16, wgpu::BufferUsages::STORAGE)).expect("a small one");
    }
}
