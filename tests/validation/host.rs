//! A device with poisoned buffers that bad fills are recorded into.

use crate::common::{POISON, device_with, poisoned_buffer, read_back};
use std::ops::Range;
use std::sync::Arc;
use wgpu_init::gpu::Target;
use wgpu_init::wgpu::{self, BufferUsages};
use wgpu_init::{CpuExecutor, DType, Fill, GpuExecutor, Initializer, Result, Seed, Shape, Stream};

pub(crate) type Fills<'a> = Vec<Request<'a>>;

/// A fill and where it is to go.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) buffer: &'a wgpu::Buffer,
    pub(crate) bytes: Range<u64>,
    pub(crate) fill: Fill,
}

impl<'a> Request<'a> {
    /// Into all of a buffer.
    pub(crate) fn new(buffer: &'a wgpu::Buffer, fill: Fill) -> Self {
        Self { bytes: 0..buffer.size(), buffer, fill }
    }

    fn with(self, change: impl FnOnce(Fill) -> Fill) -> Self {
        Self { fill: change(self.fill), ..self }
    }

    pub(crate) fn named(self, seed: Seed, name: &str) -> Self {
        self.with(|fill| fill.named(seed, name))
    }

    pub(crate) fn keyed(self, seed: Seed, stream: Stream) -> Self {
        self.with(|fill| fill.keyed(seed, stream))
    }

    pub(crate) fn dtype(self, dtype: DType) -> Self {
        self.with(|fill| fill.dtype(dtype))
    }

    pub(crate) fn at(self, byte_offset: u64) -> Self {
        self.with(|fill| fill.at(byte_offset))
    }

    pub(crate) fn elements(self, elements: Range<u64>) -> Self {
        self.with(|fill| fill.elements(elements))
    }

    /// The same fill into another buffer.
    pub(crate) fn into(self, buffer: &'a wgpu::Buffer) -> Self {
        Self::new(buffer, self.fill)
    }

    /// Into these bytes of the buffer.
    pub(crate) fn within(self, bytes: Range<u64>) -> Self {
        Self { bytes, ..self }
    }

    /// As an executor takes it.
    pub(crate) fn parts(&self) -> (Target, &Fill) {
        (Target::new(self.buffer, self.bytes.clone()), &self.fill)
    }
}

pub(crate) struct Host {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) executor: GpuExecutor,
    /// 1024 poisoned bytes with `STORAGE`.
    pub(crate) arena: wgpu::Buffer,
    /// 1022 bytes: the last word is incomplete.
    pub(crate) uneven: wgpu::Buffer,
    /// 1024 bytes without `STORAGE`.
    pub(crate) not_storage: wgpu::Buffer,
    /// Computes what is dispatched.
    computes: bool,
}

impl Host {
    /// wgpu's noop device, which validates and computes nothing.
    pub(crate) fn noop() -> Self {
        let (device, queue) = noop_device(|_| ());
        Self::new(device, queue, false)
    }

    /// Two noop devices of one instance: devices of two instances may compare equal in wgpu.
    pub(crate) fn noop_pair() -> [Self; 2] {
        let options = wgpu::NoopBackendOptions { enable: true, ..Default::default() };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends: wgpu::Backends::NOOP,
            backend_options: wgpu::BackendOptions { noop: options, ..Default::default() },
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()));
        let adapter = adapter.expect("the noop adapter");
        [(); 2].map(|()| {
            let device = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor::default()));
            let (device, queue) = device.expect("a noop device");
            Self::new(device, queue, false)
        })
    }

    /// A device of an adapter.
    pub(crate) fn of(adapter: &wgpu::Adapter) -> Self {
        let (device, queue) = device_with(adapter, |_| ());
        Self::new(device, queue, true)
    }

    fn new(device: wgpu::Device, queue: wgpu::Queue, computes: bool) -> Self {
        panic_on_wgpu_errors(&device);
        let executor = GpuExecutor::new(&device).expect("the limits suffice");
        let buffer = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage: usage | BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        };
        let (arena, uneven) = (poisoned_buffer(&device, 1024), buffer("uneven", 1022, BufferUsages::STORAGE));
        let not_storage = buffer("not storage", 1024, BufferUsages::COPY_DST);
        Self { device, queue, executor, arena, uneven, not_storage, computes }
    }

    /// Four elements in the arena under any initializer, without a key.
    pub(crate) fn unkeyed(&self, initializer: Initializer) -> Result<Request<'_>> {
        Ok(Request::new(&self.arena, Fill::new(Shape::new([4])?, initializer)?))
    }

    /// A normal tensor in the arena, without a key.
    pub(crate) fn normal(&self, dims: impl Into<Vec<u64>>) -> Result<Request<'_>> {
        Ok(Request::new(&self.arena, Fill::new(Shape::new(dims)?, Initializer::normal(0.0, 1.0))?))
    }

    /// The same with a key: nothing is wrong with it.
    pub(crate) fn keyed(&self, dims: impl Into<Vec<u64>>) -> Result<Request<'_>> {
        Ok(self.normal(dims)?.keyed(Seed::new(1), Stream::new(2)))
    }

    /// A tensor with a key under any initializer and dtype.
    pub(crate) fn drawn(&self, initializer: Initializer, dtype: DType) -> Result<Request<'_>> {
        Ok(self.unkeyed(initializer)?.keyed(Seed::new(1), Stream::new(2)).dtype(dtype))
    }

    pub(crate) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// Records into an encoder of its own and submits that, whatever came of it.
    pub(crate) fn record(&self, fills: &[Request<'_>]) -> Result<()> {
        let mut encoder = self.encoder();
        let outcome = self.executor.record(&mut encoder, fills.iter().map(Request::parts));
        self.queue.submit([encoder.finish()]);
        outcome
    }

    /// Records bad fills, then a good one into the same encoder: the error must have left no trace.
    pub(crate) fn record_and_go_on(&self, fills: &[Request<'_>]) -> Result<()> {
        let mut encoder = self.encoder();
        let outcome = self.executor.record(&mut encoder, fills.iter().map(Request::parts));
        if outcome.is_ok() {
            return outcome;
        }
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        let in_pass = self.executor.record_in_pass(&mut pass, fills.iter().map(Request::parts));
        drop(pass);
        assert_eq!(outcome, in_pass, "record and record_in_pass disagree");
        let spare = poisoned_buffer(&self.device, 64);
        let good = Fill::new(Shape::new([5])?, Initializer::normal(0.0, 1.0))?;
        let good = good.keyed(Seed::new(1), Stream::new(2)).at(4);
        self.executor.record(&mut encoder, [(&spare, &good)])?;
        let bytes = read_back(&self.device, &self.queue, encoder, &spare);
        if self.computes {
            let mut expected = vec![POISON; 64];
            CpuExecutor::new().run_in(&mut expected, [&good])?;
            assert_eq!(bytes, expected, "the encoder did not go on");
        }
        let arena = read_back(&self.device, &self.queue, self.encoder(), &self.arena);
        assert!(arena.iter().all(|byte| *byte == POISON), "bytes were written");
        outcome
    }
}

/// A noop device whose requested features and limits `edit` may change.
pub(crate) fn noop_device(edit: impl FnOnce(&mut wgpu::DeviceDescriptor<'static>)) -> (wgpu::Device, wgpu::Queue) {
    let mut descriptor = wgpu::DeviceDescriptor { label: Some("noop"), ..Default::default() };
    edit(&mut descriptor);
    wgpu::Device::noop(&descriptor)
}

/// A validation error of wgpu that gets as far as the device's handler is a bug of ours.
pub(crate) fn panic_on_wgpu_errors(device: &wgpu::Device) {
    device.on_uncaptured_error(Arc::new(|error: wgpu::Error| panic!("wgpu: {error}")));
}
