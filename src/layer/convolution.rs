//! `torch.nn.Conv1d` … `Conv3d`, `ConvTranspose1d` … `ConvTranspose3d`.

use super::linear::default_weight;
use super::{Layer, Overrides, builder, invalid, uniform};
use crate::scheme::{FanMode, Nonlinearity};
use crate::{Initializer, Result};

/// `torch.nn.Conv1d`, `Conv2d`, `Conv3d`, by the rank of the kernel: weight `[out, in/groups, k…]` and bias `[out]`, both
/// U(±1/√fan_in), fan_in = in/groups · ∏k. Stride, padding and dilation play no part.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    sizes: Sizes,
    overrides: Overrides,
}

/// `torch.nn.ConvTranspose1d`, `2d`, `3d`: weight `[in, out/groups, k…]`, so that fan_in = **out**/groups · ∏k.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvTranspose {
    sizes: Sizes,
    overrides: Overrides,
}

builder!(Conv);
builder!(ConvTranspose);

#[derive(Clone, Debug, PartialEq)]
struct Sizes {
    in_channels: u64,
    out_channels: u64,
    kernel: Vec<u64>,
    groups: u64,
    has_bias: bool,
}

impl Sizes {
    fn new(in_channels: u64, out_channels: u64, kernel: Vec<u64>) -> Self {
        Self { in_channels, out_channels, kernel, groups: 1, has_bias: true }
    }

    /// Both layers: channels that the weight's first axis has, and the other channels, which groups divide.
    fn layer(&self, name: &'static str, first: u64, second: u64) -> Result<Layer> {
        let Self { in_channels, out_channels, groups, .. } = *self;
        if !(1..=3).contains(&self.kernel.len()) {
            return invalid(name, format!("the kernel has {} sizes, it must have 1 to 3", self.kernel.len()));
        }
        if groups == 0 {
            return invalid(name, "groups is 0, it must be at least 1");
        }
        for (what, channels) in [("in_channels", in_channels), ("out_channels", out_channels)] {
            if channels % groups != 0 {
                return invalid(name, format!("{what} is {channels}, it must be divisible by groups = {groups}"));
            }
        }
        let weight: Vec<u64> = [first, second / groups].into_iter().chain(self.kernel.iter().copied()).collect();
        let fan_in = weight[1..].iter().try_fold(1u64, |product, size| product.checked_mul(*size));
        let mut layer = Layer::default();
        layer.push("weight", weight, default_weight())?;
        if self.has_bias {
            layer.push("bias", [out_channels], uniform(fan_in.unwrap_or(u64::MAX)))?;
        }
        Ok(layer)
    }
}

impl Conv {
    /// A convolution; `kernel` has one size for each spatial dimension.
    #[must_use]
    pub fn new(in_channels: u64, out_channels: u64, kernel: impl Into<Vec<u64>>) -> Self {
        Self { sizes: Sizes::new(in_channels, out_channels, kernel.into()), overrides: Overrides::default() }
    }

    /// `groups`, which divide both numbers of channels.
    #[must_use]
    pub fn groups(mut self, groups: u64) -> Self {
        self.sizes.groups = groups;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.sizes.has_bias = false;
        self
    }

    /// What PyTorch is often said to do: He normal by `fan_out` for ReLU, as torchvision's ResNet does, bias zero.
    #[must_use]
    pub fn believed(self) -> Self {
        let believed = self.weight(Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu));
        if believed.sizes.has_bias { believed.bias(Initializer::zeros()) } else { believed }
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.layer("Conv", self.sizes.out_channels, self.sizes.in_channels)
    }
}

impl ConvTranspose {
    /// A transposed convolution; `kernel` has one size for each spatial dimension.
    #[must_use]
    pub fn new(in_channels: u64, out_channels: u64, kernel: impl Into<Vec<u64>>) -> Self {
        Self { sizes: Sizes::new(in_channels, out_channels, kernel.into()), overrides: Overrides::default() }
    }

    /// `groups`, which divide both numbers of channels.
    #[must_use]
    pub fn groups(mut self, groups: u64) -> Self {
        self.sizes.groups = groups;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.sizes.has_bias = false;
        self
    }

    /// What PyTorch is often said to do: He normal by `fan_out` for ReLU, as torchvision's ResNet does, bias zero.
    #[must_use]
    pub fn believed(self) -> Self {
        let believed = self.weight(Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu));
        if believed.sizes.has_bias { believed.bias(Initializer::zeros()) } else { believed }
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.layer("ConvTranspose", self.sizes.in_channels, self.sizes.out_channels)
    }
}
