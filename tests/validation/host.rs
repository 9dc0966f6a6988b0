//! Noop devices of one instance, on which every validation error of wgpu is a panic.

use std::sync::{Arc, LazyLock};
use wgpu_init::wgpu::{self, BufferUsages};
use wgpu_init::{DType, Fill, GpuExecutor, Initializer, Result, Seed, Shape, Stream};

pub(crate) type Fills<'a> = Vec<Fill<&'a wgpu::Buffer>>;

/// One for all tests: wgpu tells devices apart by ids that are unique within an instance only.
static INSTANCE: LazyLock<wgpu::Instance> = LazyLock::new(|| {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::NOOP,
        backend_options: wgpu::BackendOptions { noop: wgpu::NoopBackendOptions::enabled(), ..Default::default() },
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
});

/// A noop device; `edit` may change the default limits and features.
pub(crate) fn noop_device(edit: impl FnOnce(&mut wgpu::DeviceDescriptor<'_>)) -> (wgpu::Device, wgpu::Queue) {
    let mut descriptor = wgpu::DeviceDescriptor::default();
    edit(&mut descriptor);
    let adapter = pollster::block_on(INSTANCE.request_adapter(&wgpu::RequestAdapterOptions::default()));
    let adapter = adapter.expect("the noop adapter");
    pollster::block_on(adapter.request_device(&descriptor)).expect("a noop device")
}

pub(crate) fn panic_on_wgpu_errors(device: &wgpu::Device) {
    device.on_uncaptured_error(Arc::new(|error: wgpu::Error| panic!("wgpu: {error}")));
}

/// A noop device with buffers to write to.
pub(crate) struct Host {
    pub(crate) device: wgpu::Device,
    pub(crate) queue: wgpu::Queue,
    pub(crate) executor: GpuExecutor,
    /// 1024 bytes.
    pub(crate) arena: wgpu::Buffer,
    /// 1022 bytes: the last word is half outside.
    pub(crate) uneven: wgpu::Buffer,
    /// 1024 bytes without `STORAGE`.
    pub(crate) not_storage: wgpu::Buffer,
}

impl Host {
    pub(crate) fn noop() -> Self {
        let (device, queue) = noop_device(|_| ());
        panic_on_wgpu_errors(&device);
        let executor = GpuExecutor::new(&device).expect("the default limits suffice");
        let buffer = |size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        let arena = buffer(1024, BufferUsages::STORAGE | BufferUsages::COPY_DST);
        let uneven = buffer(1022, BufferUsages::STORAGE);
        let not_storage = buffer(1024, BufferUsages::COPY_SRC | BufferUsages::COPY_DST);
        Self { executor, arena, uneven, not_storage, device, queue }
    }

    pub(crate) fn encoder(&self) -> wgpu::CommandEncoder {
        self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// A normal in the arena, without seed and stream.
    pub(crate) fn normal(&self, dims: impl Into<Vec<u64>>) -> Result<Fill<&wgpu::Buffer>> {
        Fill::new(&self.arena, Shape::new(dims)?, Initializer::normal(0.0, 1.0))
    }

    /// A normal in the arena, with seed and stream.
    pub(crate) fn keyed(&self, dims: impl Into<Vec<u64>>) -> Result<Fill<&wgpu::Buffer>> {
        Ok(self.normal(dims)?.keyed(Seed::new(1), Stream::new(2)))
    }

    /// Some elements of an initializer in a dtype.
    pub(crate) fn drawn(&self, initializer: Initializer, dtype: DType) -> Result<Fill<&wgpu::Buffer>> {
        let fill = Fill::new(&self.arena, Shape::new([4])?, initializer)?;
        Ok(fill.keyed(Seed::new(1), Stream::new(2)).dtype(dtype))
    }

    /// Records between other work of the encoder, then goes on with it, finishes and submits: an encoder that a refused call had
    /// touched (a pass left open, half a dispatch) would not let itself be finished.
    pub(crate) fn record_and_go_on(&self, fills: &[Fill<&wgpu::Buffer>]) -> Result<()> {
        let mut encoder = self.encoder();
        encoder.clear_buffer(&self.arena, 0, None);
        let outcome = self.executor.record(&self.device, &mut encoder, fills);
        encoder.clear_buffer(&self.arena, 0, None);
        self.executor.record(&self.device, &mut encoder, &[self.keyed([16])?]).expect("a good call after any other");
        self.queue.submit([encoder.finish()]);
        outcome
    }
}
