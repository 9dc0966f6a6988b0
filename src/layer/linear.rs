//! `torch.nn.Linear`, `Bilinear`.

use super::{Layer, Overrides, builder, invalid, uniform};
use crate::scheme::{FanMode, Nonlinearity};
use crate::{Initializer, Result};

/// `torch.nn.Linear`: weight `[out, in]` and bias `[out]`, both U(±1/√in).
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    in_features: u64,
    out_features: u64,
    has_bias: bool,
    overrides: Overrides,
}

/// `torch.nn.Bilinear`: weight `[out, in1, in2]` and bias `[out]`, both U(±1/√in1).
#[derive(Clone, Debug, PartialEq)]
pub struct Bilinear {
    in1_features: u64,
    in2_features: u64,
    out_features: u64,
    has_bias: bool,
    overrides: Overrides,
}

builder!(Linear);
builder!(Bilinear);

/// `kaiming_uniform_(a=sqrt(5))`, as PyTorch's linear layers and convolutions say it: U(±1/√fan_in).
pub(super) fn default_weight() -> Initializer {
    Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope: 5f64.sqrt() })
}

impl Linear {
    /// From `in_features` to `out_features`, with a bias.
    #[must_use]
    pub fn new(in_features: u64, out_features: u64) -> Self {
        Self { in_features, out_features, has_bias: true, overrides: Overrides::default() }
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.has_bias = false;
        self
    }

    /// What PyTorch is often said to do: Xavier uniform, bias zero.
    #[must_use]
    pub fn textbook(self) -> Self {
        let textbook = self.weight(Initializer::xavier_uniform(1.0));
        if textbook.has_bias { textbook.bias(Initializer::zeros()) } else { textbook }
    }

    fn defaults(&self) -> Result<Layer> {
        let mut layer = Layer::default();
        layer.push("weight", [self.out_features, self.in_features], default_weight())?;
        if self.has_bias {
            layer.push("bias", [self.out_features], uniform(self.in_features))?;
        }
        Ok(layer)
    }
}

impl Bilinear {
    /// From `in1_features` and `in2_features` to `out_features`, with a bias.
    #[must_use]
    pub fn new(in1_features: u64, in2_features: u64, out_features: u64) -> Self {
        Self { in1_features, in2_features, out_features, has_bias: true, overrides: Overrides::default() }
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        if self.in1_features == 0 {
            return invalid("Bilinear", "in1_features is 0, it must be at least 1");
        }
        let mut layer = Layer::default();
        let weight = [self.out_features, self.in1_features, self.in2_features];
        layer.push("weight", weight, uniform(self.in1_features))?;
        if self.has_bias {
            layer.push("bias", [self.out_features], uniform(self.in1_features))?;
        }
        Ok(layer)
    }
}
