//! A module's parameters in the order of its fields, without running Burn's own initialisation.

use crate::torch::{Level, Place, Stored};
use crate::{Error, Result};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType as BurnDType, Device, Shape as BurnShape, Tensor};
use std::collections::HashMap;
use wgpu_init::{DType, View};
use wgpu_init_models::Parameter;

/// One parameter of the module.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Burn's path, for messages.
    pub(crate) path: String,
    /// Which of [`Walk::parameters`] it is, or is a part of.
    pub(crate) whole: usize,
    /// Which part, and how it lies in memory.
    pub(crate) view: View,
    /// The shape of the memory, which a load mapper may turn.
    pub(crate) stored: BurnShape,
    /// What it holds now, or will.
    pub(crate) dtype: Result<DType>,
    /// Where it is, or will be, and whether it is differentiated there.
    pub(crate) device: Device,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// In the order in which a mapper comes to them.
    pub(crate) slots: Vec<Slot>,
    /// PyTorch's tensors.
    pub(crate) parameters: Vec<Parameter>,
}

impl Walk {
    /// Walks a module. `rename` gets PyTorch's name and says what it is called.
    pub(crate) fn of<M: Module>(module: &M, rename: &dyn Fn(&str) -> String) -> Result<Self> {
        let mut visitor =
            Visitor { rename, path: Vec::new(), known: HashMap::new(), walk: Self::default(), error: None };
        module.visit(&mut visitor);
        match visitor.error {
            Some(error) => Err(error),
            None => Ok(visitor.walk),
        }
    }
}

struct Visitor<'a> {
    rename: &'a dyn Fn(&str) -> String,
    path: Vec<Level>,
    /// Tensors of PyTorch's that come in blocks.
    known: HashMap<String, usize>,
    walk: Walk,
    error: Option<Error>,
}

impl ModuleVisitor for Visitor<'_> {
    fn enter_module(&mut self, name: &str, container_type: &str) {
        self.path.push(Level { field: name.to_owned(), container: container_type.to_owned() });
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.error.is_none()
            && let Err(error) = self.add(param)
        {
            self.error = Some(error);
        }
    }
}

impl Visitor<'_> {
    fn add<const D: usize>(&mut self, param: &Param<Tensor<D>>) -> Result<()> {
        let path = self.path.iter().map(|level| level.field.as_str()).collect::<Vec<_>>().join(".");
        let is_linear = self.path.iter().rev().find(|level| level.container.starts_with("Struct:"));
        let is_linear = is_linear.is_some_and(|level| level.container == "Struct:Linear") && D == 2;
        let device = param.lazy_device();
        let turns = turns(param, &path, is_linear, &device)?;
        let mut stored = param.lazy_shape();
        if turns && param.is_initialized() {
            // What was made already is turned already.
            stored = BurnShape::from(stored.iter().rev().copied().collect::<Vec<_>>());
        }
        let dtype = if param.is_initialized() {
            dtype(param.base().dtype(), &path)
        } else {
            dtype(device.settings().float_dtype.into(), &path)
        };

        let mut place = Place::of(&self.path);
        place.name = (self.rename)(&place.name);
        let dims: Vec<u64> = stored.iter().map(|size| *size as u64).collect();
        let layout = if is_linear && !turns { Stored::Transposed } else { Stored::AsTorch };
        let (shape, view) = place.view(&dims, layout)?;
        let next = self.walk.parameters.len();
        let whole = match (place.block, self.known.get(&place.name)) {
            (Some(_), Some(known)) => *known,
            (Some(_), None) => *self.known.entry(place.name.clone()).or_insert(next),
            (None, _) => next,
        };
        match self.walk.parameters.get(whole) {
            Some(first) if first.shape != shape => {
                let (got, expected) = (shape.dims().to_vec(), first.shape.dims().to_vec());
                return Err(Error::Blocks { name: place.name, got, expected });
            }
            Some(_) => {}
            None => {
                let mut parameter = Parameter::new(place.name, shape);
                parameter.module = place.class;
                self.walk.parameters.push(parameter);
            }
        }
        self.walk.slots.push(Slot { path, whole, view, stored, dtype, device });
        Ok(())
    }
}

/// Whether the parameter's load mapper transposes, as that of a `Linear` with the layout `Col` does. Mappers cannot be looked into, so
/// it is tried on a tensor of few elements; most parameters have none, which their debug text says.
fn turns<const D: usize>(param: &Param<Tensor<D>>, path: &str, is_linear: bool, device: &Device) -> Result<bool> {
    if D == 0 || format!("{param:?}").contains("load: false") {
        return Ok(false);
    }
    let probe: [usize; D] = core::array::from_fn(|axis| axis + 1);
    let dtype = if param.is_initialized() { param.base().dtype() } else { device.settings().float_dtype.into() };
    if !matches!(dtype, BurnDType::F32 | BurnDType::F16 | BurnDType::BF16) {
        return Ok(false); // refused for its dtype, unless it is skipped
    }
    let loaded = param.clone().transform_for_load(Tensor::empty(probe, (device, dtype)), param.id);
    let got = loaded.shape();
    if got.iter().eq(&probe) {
        return Ok(false);
    }
    if is_linear && got.iter().eq(probe.iter().rev()) {
        return Ok(true);
    }
    Err(Error::Transposed { name: path.to_owned(), got: got.iter().copied().collect(), expected: probe.to_vec() })
}

fn dtype(dtype: BurnDType, path: &str) -> Result<DType> {
    let name = path.to_owned();
    match dtype {
        BurnDType::F32 => Ok(DType::F32),
        BurnDType::F16 => Ok(DType::F16),
        BurnDType::BF16 => Ok(DType::Bf16),
        BurnDType::QFloat(_) => Err(Error::Quantised { name, dtype }),
        _ => Err(Error::UnsupportedDType { name, dtype }),
    }
}
