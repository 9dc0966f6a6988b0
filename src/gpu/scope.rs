//! Errors of wgpu as errors of ours, where wgpu's own handler would panic.

#[cfg(not(target_arch = "wasm32"))]
use crate::Error;
use crate::Result;

/// Makes objects of a device; what wgpu reports meanwhile becomes the error.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn scoped<T>(device: &wgpu::Device, make: impl FnOnce() -> Result<T>) -> Result<T> {
    let scopes = [wgpu::ErrorFilter::OutOfMemory, wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::Internal]
        .map(|filter| device.push_error_scope(filter));
    let made = make();
    reported(scopes).and(made)
}

/// What was reported in the scopes.
#[cfg(not(target_arch = "wasm32"))]
fn reported(scopes: [wgpu::ErrorScopeGuard; 3]) -> Result<()> {
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    let mut found = None;
    // The last one pushed is the first one popped.
    for scope in scopes.into_iter().rev() {
        // Ready at once: only browsers take their time.
        if let Poll::Ready(Some(error)) = pin!(scope.pop()).poll(&mut Context::from_waker(Waker::noop())) {
            found = found.or(Some(error));
        }
    }
    found.map_or(Ok(()), |error| Err(ours(&error)))
}

#[cfg(not(target_arch = "wasm32"))]
fn ours(error: &wgpu::Error) -> Error {
    let reason = reason(error);
    match error {
        wgpu::Error::OutOfMemory { .. } => Error::OutOfMemory { reason },
        _ => Error::DeviceRefused { reason },
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

    /// No device runs out of memory at will; what one says then is this.
    #[test]
    fn a_lack_of_memory_keeps_its_kind_and_its_cause() {
        let error = wgpu::Error::OutOfMemory { source: "2 GiB are too much".into() };
        let ours = ours(&error);
        assert!(matches!(&ours, Error::OutOfMemory { reason } if reason.contains("2 GiB are too much")), "{ours:?}");
    }

    #[test]
    fn what_is_refused_in_a_scope_is_an_error_and_not_the_handlers() {
        let (device, _queue) = wgpu::Device::noop(&wgpu::DeviceDescriptor::default());
        device.on_uncaptured_error(std::sync::Arc::new(|error: wgpu::Error| panic!("not scoped: {error}")));
        let make = |usage| {
            let label = Some("scoped");
            Ok(device.create_buffer(&wgpu::BufferDescriptor { label, size: 16, usage, mapped_at_creation: false }))
        };
        // Mappable in both ways is what no device allows.
        let both = wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::MAP_WRITE;
        let refused = scoped(&device, || make(both)).expect_err("not allowed");
        assert!(matches!(refused, Error::DeviceRefused { .. }), "{refused:?}");
        scoped(&device, || make(wgpu::BufferUsages::STORAGE)).expect("allowed");
    }
}
