//! Waiting for a device and reading a buffer: only for what is called blocking.
#![cfg(not(target_arch = "wasm32"))]

use crate::{Error, Result};
use std::sync::mpsc;

/// Blocks until a submission is done.
pub(super) fn wait(device: &wgpu::Device, submission: wgpu::SubmissionIndex) -> Result<()> {
    let poll = wgpu::PollType::Wait { submission_index: Some(submission), timeout: None };
    device.poll(poll).map(|_| ()).map_err(|error| Error::DeviceFailed { reason: error.to_string() })
}

/// Submits `encoder` and blocks until the bytes of a `MAP_READ` buffer can be read.
pub(super) fn read(
    device: &wgpu::Device,
    queue: &wgpu::Queue,
    encoder: wgpu::CommandEncoder,
    staging: &wgpu::Buffer,
) -> Result<wgpu::BufferView> {
    let submission = queue.submit([encoder.finish()]);
    let (sender, receiver) = mpsc::channel();
    staging.map_async(wgpu::MapMode::Read, .., move |result| {
        // The receiver lives until this has been called or the device was lost.
        let _ = sender.send(result);
    });
    wait(device, submission)?;
    let failed = |reason: String| Error::DeviceFailed { reason };
    receiver.recv().map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
    staging.get_mapped_range(..).map_err(|error| failed(error.to_string()))
}
