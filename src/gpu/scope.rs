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
