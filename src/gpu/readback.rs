//! Waiting for a device and reading a buffer: only for what says that it waits.
//!
//! The futures wait in a browser, where the device moves by itself, and elsewhere under any executor: they ask the device whenever
//! they are polled. [`block_on`] lets the device wait instead.

use crate::{Error, Result};
use core::future::poll_fn;
#[cfg(not(target_arch = "wasm32"))]
use core::pin::Pin;
use core::task::{Poll, Waker};
use std::sync::{Arc, Mutex, PoisonError};

/// What a callback of wgpu has brought: that it is done, or why not.
type Brought = core::result::Result<(), wgpu::BufferAsyncError>;

/// What has been brought, and who waits for it.
#[derive(Clone, Default)]
struct Slot(Arc<Mutex<(Option<Brought>, Option<Waker>)>>);

impl Slot {
    fn set(&self, value: Brought) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.0 = Some(value);
        if let Some(waker) = slot.1.take() {
            drop(slot);
            waker.wake();
        }
    }

    /// The value, if it has come; else the waker is called when it comes.
    fn take(&self, waker: &Waker) -> Option<Brought> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.0.is_none() {
            slot.1 = Some(waker.clone());
        }
        slot.0.take()
    }

    async fn wait(self, device: &wgpu::Device) -> Result<()> {
        let failed = |reason: String| Err(Error::DeviceFailed { reason });
        let brought = |brought: Brought| Poll::Ready(brought.or_else(|error| failed(error.to_string())));
        poll_fn(|context| {
            if let Some(value) = self.take(context.waker()) {
                return brought(value);
            }
            // In a browser this does nothing, and the callback wakes us.
            if let Err(error) = device.poll(wgpu::PollType::Poll) {
                return Poll::Ready(failed(error.to_string()));
            }
            match self.take(context.waker()) {
                Some(value) => brought(value),
                None => {
                    if cfg!(not(target_arch = "wasm32")) {
                        context.waker().wake_by_ref();
                    }
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// When everything that was submitted is done.
pub(super) async fn done(device: &wgpu::Device, queue: &wgpu::Queue) -> Result<()> {
    let slot = Slot::default();
    let sender = slot.clone();
    queue.on_submitted_work_done(move || sender.set(Ok(())));
    slot.wait(device).await
}

/// Submits `encoder` and gives the bytes of a `MAP_READ` buffer when they can be read.
pub(super) async fn read(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    encoder: wgpu::CommandEncoder,
    staging: &wgpu::Buffer,
) -> Result<wgpu::BufferView> {
    queue.submit([encoder.finish()]);
    let slot = Slot::default();
    let sender = slot.clone();
    staging.map_async(wgpu::MapMode::Read, .., move |result| sender.set(result));
    slot.wait(device).await?;
    staging.get_mapped_range(..).map_err(|error| Error::DeviceFailed { reason: error.to_string() })
}

/// Runs a future of this module on the calling thread; between two looks at it the thread sleeps until the device is done.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn block_on<T>(device: &wgpu::Device, mut future: Pin<&mut dyn Future<Output = Result<T>>>) -> Result<T> {
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut core::task::Context::from_waker(Waker::noop())) {
            return result;
        }
        let wait = wgpu::PollType::Wait { submission_index: None, timeout: None };
        device.poll(wait).map_err(|error| Error::DeviceFailed { reason: error.to_string() })?;
    }
}
