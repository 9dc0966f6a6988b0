//! The one call: a module in, the same module with the values of PyTorch's layout out.

use crate::device::{Recording, burn_dtype, client, tensor};
use crate::walk::{Slot, Walk};
use crate::{Assign, Error, Result};
use burn::backend::wgpu::CubeTensor;
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, Tensor, TensorData};
use std::sync::Arc;
use wgpu_init::{CpuExecutor, DType, Fill, GpuExecutor, Seed};
use wgpu_init_models::{Assignment, Assignments, Parameter};

/// Fills modules.
///
/// Cheap to keep and to use from several threads; the first fills compile their kernels.
#[derive(Clone)]
pub struct Init {
    device: Option<Wgpu>,
    rename: Arc<dyn Fn(&str) -> String + Send + Sync>,
}

#[derive(Clone)]
struct Wgpu {
    executor: Arc<GpuExecutor>,
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl core::fmt::Debug for Init {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Init").field("on_device", &self.device.is_some()).finish_non_exhaustive()
    }
}

impl Init {
    /// Fills on the device of `setup`, which [`WgpuOptions::init_with_setup`](burn::tensor::wgpu::WgpuOptions::init_with_setup) gives
    /// before Burn's first use of the device. Parameters that are on another backend get the same numbers from the CPU executor.
    ///
    /// Modules on *another* wgpu device are the caller's duty to keep away: wgpu does not say which device a buffer is of.
    ///
    /// # Errors
    /// [`Error::Fill`] for a device that lacks what the executor needs.
    pub fn new(setup: &WgpuSetup) -> Result<Self> {
        let executor = Arc::new(GpuExecutor::new(&setup.device)?);
        let device = Wgpu { executor, device: setup.device.clone(), queue: setup.queue.clone() };
        Ok(Self { device: Some(device), ..Self::cpu() })
    }

    /// Fills from the CPU executor, whatever the backend: for a device that Burn opened by itself, and for backends without wgpu.
    #[must_use]
    pub fn cpu() -> Self {
        Self { device: None, rename: Arc::new(str::to_owned) }
    }

    /// Other names for the parameters than their paths in the module, e.g. those of a checkpoint. `rename` gets the name as PyTorch would
    /// have it in a module with the same fields. A name selects the numbers, so names must differ.
    ///
    /// ```
    /// let init = wgpu_init_burn::Init::cpu().names(|name| format!("model.{name}"));
    /// # let _ = init;
    /// ```
    #[must_use]
    pub fn names(mut self, rename: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.rename = Arc::new(rename);
        self
    }

    /// The executor on the device, e.g. for [`GpuExecutor::self_test_blocking`] with the setup's queue.
    #[must_use]
    pub fn executor(&self) -> Option<&GpuExecutor> {
        self.device.as_ref().map(|device| &*device.executor)
    }

    /// The module's floating-point parameters as PyTorch has them: names, shapes and classes. Gates of a recurrent layer and the three
    /// projections of attention are one tensor there. Nothing is initialised.
    ///
    /// # Errors
    /// [`Error::Transposed`], [`Error::Blocks`]; [`Error::Fill`] for a shape that is too large.
    pub fn parameters<M: Module>(&self, module: &M) -> Result<Vec<Parameter>> {
        Ok(Walk::of(module, &*self.rename)?.parameters)
    }

    /// Gives each floating-point parameter what the rules say, and PyTorch's layout decides which element has which number: a model
    /// filled here, one filled in PyTorch's layout and a checkpoint of [`parameters`](Self::parameters) are the same.
    ///
    /// Burn's own initialisation does not run, nor for parameters that the rules skip, which stay as they are. Each filled parameter is
    /// a **new** tensor: clones of the module and tensors that others hold keep their values, but for the running statistics of a
    /// `BatchNorm`, which clones of a module share. On the setup's device all of them are written by one recording, submitted before
    /// this returns; nothing waits for it, and no values pass through the host.
    ///
    /// Each parameter keeps its id, its dtype (that of the device where it has none yet, or what its rule says), its load and save
    /// mappers and whether it requires gradients.
    ///
    /// # Errors
    /// Anything in [`Error`]. The module is gone then: fill a clone if it is still needed.
    pub fn fill<M: Module>(&self, module: M, rules: impl Assign, seed: Seed) -> Result<M> {
        let walk = Walk::of(&module, &*self.rename)?;
        let assignments = rules.assign(&walk.parameters)?;
        let (got, expected) = (assignments.list.len(), walk.parameters.len());
        if got != expected {
            return Err(Error::Assignments { got, expected });
        }
        let values = self.values(walk.slots, &assignments, seed)?;
        Ok(module.map(&mut Put { values: values.into_iter() }))
    }

    /// What each parameter gets, in their order; nothing for those that are skipped.
    fn values(&self, slots: Vec<Slot>, assignments: &Assignments, seed: Seed) -> Result<Vec<Option<Value>>> {
        let jobs = slots.into_iter().map(|slot| Job::new(slot, &assignments.list, seed));
        let jobs = jobs.collect::<Result<Vec<_>>>()?;
        let client_of = |slot: &Slot| self.device.as_ref().and_then(|_| client(&slot.device));
        let one = jobs.iter().flatten().find_map(|job| client_of(&job.slot));
        let mut recording = Recording::default();
        let value = |job: Option<Job>| {
            let Some(Job { slot, dtype, fills }) = job else { return Ok(None) };
            let memory = match client_of(&slot) {
                Some(client) => Memory::Device(Box::new(recording.add(client, &slot, dtype, fills)?)),
                None => Memory::Host(on_host(&slot, dtype, &fills)?),
            };
            Ok(Some(Value { memory, device: slot.device }))
        };
        let make = || jobs.into_iter().map(value).collect::<Result<Vec<_>>>();
        let values = match one {
            // On the thread of CubeCL's device, which else would be asked, and waited for, once for each tensor.
            Some((_, client)) => client.exclusive(make).map_err(|error| Error::runtime(&error))??,
            None => make()?,
        };
        if let Some(device) = &self.device {
            recording.submit(&device.executor, &device.device, &device.queue)?;
        }
        Ok(values)
    }
}

/// How one parameter is filled.
struct Job {
    slot: Slot,
    dtype: DType,
    fills: Vec<Fill>,
}

impl Job {
    fn new(mut slot: Slot, assignments: &[Assignment], seed: Seed) -> Result<Option<Self>> {
        let assignment = &assignments[slot.whole];
        if assignment.drawn().is_none() {
            return Ok(None);
        }
        let own = core::mem::replace(&mut slot.dtype, Ok(DType::F32))?;
        let dtype = assignment.dtype_or(own);
        let fills = assignment.view_fills(seed, dtype, &slot.view, 0);
        Ok(Some(Self { slot, dtype, fills }))
    }
}

fn on_host(slot: &Slot, dtype: DType, fills: &[Fill]) -> Result<TensorData> {
    let burn_dtype = burn_dtype(dtype, &slot.path)?;
    let mut bytes = vec![0; slot.stored.num_elements() * burn_dtype.size()];
    CpuExecutor::new().run_in(&mut bytes, fills)?;
    Ok(TensorData::from_bytes_vec(bytes, slot.stored.clone(), burn_dtype))
}

/// The memory of a tensor, in the layout before its load mapper.
enum Memory {
    Device(Box<CubeTensor>),
    Host(TensorData),
}

struct Value {
    memory: Memory,
    device: Device,
}

impl Value {
    /// With the autodiff of the parameter's device: a load compares devices alone.
    fn tensor<const D: usize>(self) -> Tensor<D> {
        let plain = match self.memory {
            Memory::Device(memory) => tensor(*memory),
            Memory::Host(data) => {
                let dtype = data.dtype();
                Tensor::from_data(data, (&self.device.clone().without_autodiff(), dtype))
            }
        };
        match self.device.gradient_checkpointing_strategy() {
            Some(strategy) => plain.autodiff().with_gradient_checkpointing_strategy(strategy),
            None => plain,
        }
    }
}

/// Puts the values into the module, in the order in which it was walked.
struct Put {
    values: std::vec::IntoIter<Option<Value>>,
}

impl ModuleMapper for Put {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.next() {
            Some(Some(value)) => {
                let id = param.id;
                param.transform_for_load(value.tensor(), id)
            }
            _ => param,
        }
    }
}
