//! Modules as PyTorch has them: names with dots, weights and biases.

use crate::Parameter;
use wgpu_init::Shape;

/// Where parameters are listed: a list, and the path of the module that they are in.
pub(super) struct Module<'a> {
    list: &'a mut Vec<Parameter>,
    path: String,
}

impl<'a> Module<'a> {
    pub(super) fn root(list: &'a mut Vec<Parameter>) -> Self {
        Self { list, path: String::new() }
    }

    /// A module inside this one.
    pub(super) fn at(&mut self, name: impl AsRef<str>) -> Module<'_> {
        let path = self.join(name.as_ref());
        Module { list: self.list, path }
    }

    fn join(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A parameter that this module, of the given class, has itself.
    pub(super) fn own(&mut self, class: &str, name: &str, dims: &[u64]) -> Result<(), String> {
        let name = self.join(name);
        let shape = Shape::new(dims).map_err(|error| format!("{name}: {error}"))?;
        self.list.push(Parameter::new(name, shape).in_module(class));
        Ok(())
    }

    /// A module with a weight and, if so, a bias of the weight's first axis.
    fn weighted(&mut self, class: &str, name: &str, dims: &[u64], bias: bool) -> Result<(), String> {
        let mut module = self.at(name);
        module.own(class, "weight", dims)?;
        if bias { module.own(class, "bias", &dims[..1]) } else { Ok(()) }
    }

    /// `nn.Linear(inputs, outputs)`.
    pub(super) fn linear(&mut self, name: &str, outputs: u64, inputs: u64, bias: bool) -> Result<(), String> {
        self.weighted("Linear", name, &[outputs, inputs], bias)
    }

    /// `nn.Conv1d`, `nn.Conv2d` by the number of axes of the weight.
    pub(super) fn convolution(&mut self, name: &str, dims: &[u64], bias: bool) -> Result<(), String> {
        self.weighted(if dims.len() == 3 { "Conv1d" } else { "Conv2d" }, name, dims, bias)
    }

    pub(super) fn embedding(&mut self, name: &str, rows: u64, width: u64) -> Result<(), String> {
        self.weighted("Embedding", name, &[rows, width], false)
    }

    /// `nn.LayerNorm`, with weight and bias.
    pub(super) fn layer_norm(&mut self, name: &str, width: u64) -> Result<(), String> {
        self.weighted("LayerNorm", name, &[width], true)
    }

    /// A norm of this class that has a weight only.
    pub(super) fn rms_norm(&mut self, class: &str, name: &str, width: u64) -> Result<(), String> {
        self.weighted(class, name, &[width], false)
    }

    /// `nn.BatchNorm2d`.
    pub(super) fn batch_norm(&mut self, name: &str, channels: u64) -> Result<(), String> {
        self.weighted("BatchNorm2d", name, &[channels], true)
    }

    /// transformers' `Conv1D`: a linear layer stored as `[inputs, outputs]`.
    pub(super) fn conv1d(&mut self, name: &str, inputs: u64, outputs: u64) -> Result<(), String> {
        let mut module = self.at(name);
        module.own("Conv1D", "weight", &[inputs, outputs])?;
        module.own("Conv1D", "bias", &[outputs])
    }
}
