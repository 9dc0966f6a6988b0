//! Fresh tensors on Burn's wgpu device, and the one recording into them.

use crate::walk::Slot;
use crate::{Error, Result};
use burn::backend::wgpu::CubeTensor;
use burn::backend::{CubeDevice, DispatchDevice};
use burn::cubecl::client::Client;
use burn::cubecl::wgpu::{AutoCompiler, WgpuServer};
use burn::tensor::{DType as BurnDType, Device, Tensor};
use wgpu_init::gpu::Target;
use wgpu_init::{DType, Fill, GpuExecutor};

/// A wgpu device of Burn's and its client; on other devices values come from the CPU executor.
pub(crate) fn client(device: &Device) -> Option<(CubeDevice, Client)> {
    let device = device.clone().without_autodiff();
    match device.as_dispatch() {
        DispatchDevice::Cube(cube @ CubeDevice::Wgpu(_)) => Some((cube.clone(), cube.client())),
        _ => None,
    }
}

/// What one submission writes.
#[derive(Default)]
pub(crate) struct Recording {
    fills: Vec<(Target, Fill)>,
    /// They keep the memory in its place until it is submitted. CubeCL does not export the name of their type.
    resources: Vec<Box<dyn Send>>,
    client: Option<Client>,
}

impl Recording {
    /// A tensor that nothing else has or waits for, written with the rest.
    pub(crate) fn add(
        &mut self,
        (device, client): (CubeDevice, Client),
        slot: &Slot,
        dtype: DType,
        fills: Vec<Fill>,
    ) -> Result<CubeTensor> {
        let dtype = burn_dtype(dtype, &slot.path)?;
        let bytes = slot.stored.num_elements() * dtype.size();
        // Whole words, at least one: what a binding can hold.
        let handle = client.empty(bytes.next_multiple_of(4).max(4));
        let tensor = CubeTensor::new_contiguous(client.clone(), device, slot.stored.clone(), handle, dtype);
        let resource = client.get_resource::<WgpuServer<AutoCompiler>>(tensor.handle.clone());
        let resource = resource.map_err(|error| Error::runtime(&error))?;
        // A page that other tensors are in too.
        let memory = resource.resource();
        let target = Target::new(&memory.buffer, memory.offset..memory.offset + memory.size);
        self.fills.extend(fills.into_iter().map(|fill| (target.clone(), fill)));
        self.resources.push(Box::new(resource));
        self.client = Some(client);
        Ok(tensor)
    }

    /// Records all of it as one pass and submits it, after what Burn has queued: the memory may be that of tensors which are gone, and which
    /// queued operations still read.
    pub(crate) fn submit(self, executor: &GpuExecutor, device: &wgpu::Device, queue: &wgpu::Queue) -> Result<()> {
        let Some(client) = self.client else { return Ok(()) };
        let label = Some("wgpu_init_burn");
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        executor.record(&mut encoder, self.fills)?;
        client.flush().map_err(|error| Error::runtime(&error))?;
        queue.submit([encoder.finish()]);
        drop(self.resources);
        Ok(())
    }
}

/// Burn's name of a dtype.
pub(crate) fn burn_dtype(dtype: DType, path: &str) -> Result<BurnDType> {
    match dtype {
        DType::F32 => Ok(BurnDType::F32),
        DType::F16 => Ok(BurnDType::F16),
        DType::Bf16 => Ok(BurnDType::BF16),
        _ => Err(Error::RuleDType { name: path.to_owned(), dtype }),
    }
}

/// Burn's tensor around the memory, as an operation of the stream that has been done.
pub(crate) fn tensor<const D: usize>(memory: CubeTensor) -> Tensor<D> {
    use burn::backend::TensorMetadata;
    use burn::backend::fusion::{NoOp, get_client};
    use burn::backend::ir::{BackendIr, InitOperationIr, OperationIr};
    use burn::backend::wgpu::CubeBackend;
    use burn::tensor::StreamId;

    let client = get_client::<CubeBackend>(&memory.device);
    let (shape, dtype) = (memory.shape(), memory.dtype());
    let id = client.register_tensor_handle(CubeBackend::float_tensor_handle(memory));
    let made = OperationIr::Init(InitOperationIr::create(shape, dtype, || id));
    let mut outputs = client.register(StreamId::current(), made, NoOp::<CubeBackend>::new());
    Tensor::from_primitive::<burn::backend::Wgpu>(outputs.remove(0))
}
