//! `torch.nn.Conv1d` … `Conv3d`, `ConvTranspose1d` … `ConvTranspose3d`.

use super::linear::default_weight;
use super::{Layer, Overrides, builder, invalid, uniform};
use crate::scheme::{FanMode, Nonlinearity};
use crate::{Initializer, Result};

/// `torch.nn.Conv1d`, `Conv2d`, `Conv3d`, by the number of spatial dimensions: weight `[out, in/groups, k…]` and bias `[out]`, both
/// U(±1/√fan_in), fan_in = in/groups · ∏k. Stride, padding and dilation play no part.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv<const RANK: usize> {
    sizes: Sizes,
    overrides: Overrides,
}

/// `torch.nn.ConvTranspose1d`, `2d`, `3d`: weight `[in, out/groups, k…]`, so that fan_in = **out**/groups · ∏k.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvTranspose<const RANK: usize> {
    sizes: Sizes,
    overrides: Overrides,
}

/// `torch.nn.Conv1d`: see [`Conv`].
pub type Conv1d = Conv<1>;
/// `torch.nn.Conv2d`: see [`Conv`]. Its `stride`, `padding` and `dilation` change no parameter, so there is nothing to set them with.
///
/// ```
/// use wgpu_init::layer::Conv2d;
/// let layer = Conv2d::new(3, 64, 7).without_bias().layer()?;
/// assert_eq!(layer.parameters()[0].shape().dims(), [64, 3, 7, 7]);
/// # Ok::<(), wgpu_init::Error>(())
/// ```
pub type Conv2d = Conv<2>;
/// `torch.nn.Conv3d`: see [`Conv`].
pub type Conv3d = Conv<3>;
/// `torch.nn.ConvTranspose1d`: see [`ConvTranspose`].
pub type ConvTranspose1d = ConvTranspose<1>;
/// `torch.nn.ConvTranspose2d`: see [`ConvTranspose`].
pub type ConvTranspose2d = ConvTranspose<2>;
/// `torch.nn.ConvTranspose3d`: see [`ConvTranspose`].
pub type ConvTranspose3d = ConvTranspose<3>;

/// The sizes of a convolution's kernel: from one number for all spatial dimensions, or from one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KernelSize<const RANK: usize>([u64; RANK]);

impl<const RANK: usize> From<u64> for KernelSize<RANK> {
    fn from(size: u64) -> Self {
        Self([size; RANK])
    }
}

impl<const RANK: usize> From<[u64; RANK]> for KernelSize<RANK> {
    fn from(sizes: [u64; RANK]) -> Self {
        Self(sizes)
    }
}

builder!(Conv<const RANK: usize>);
builder!(ConvTranspose<const RANK: usize>);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sizes {
    in_channels: u64,
    out_channels: u64,
    kernel: Vec<u64>,
    groups: u64,
    has_bias: bool,
}

impl Sizes {
    pub(super) fn new(in_channels: u64, out_channels: u64, kernel: Vec<u64>) -> Self {
        Self { in_channels, out_channels, kernel, groups: 1, has_bias: true }
    }

    pub(super) fn convolution(&self) -> Result<Layer> {
        self.layer("Conv", self.out_channels, self.in_channels)
    }

    pub(super) fn transposed(&self) -> Result<Layer> {
        self.layer("ConvTranspose", self.in_channels, self.out_channels)
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

impl<const RANK: usize> Conv<RANK> {
    /// A convolution; `kernel` is one size for all spatial dimensions, `7`, or one for each, `[7, 5]`.
    #[must_use]
    pub fn new(in_channels: u64, out_channels: u64, kernel: impl Into<KernelSize<RANK>>) -> Self {
        let kernel = kernel.into().0.to_vec();
        Self { sizes: Sizes::new(in_channels, out_channels, kernel), overrides: Overrides::default() }
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
    pub fn textbook(self) -> Self {
        let textbook = self.weight(Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu));
        if textbook.sizes.has_bias { textbook.bias(Initializer::zeros()) } else { textbook }
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.convolution()
    }
}

impl<const RANK: usize> ConvTranspose<RANK> {
    /// A transposed convolution; `kernel` is one size for all spatial dimensions, `7`, or one for each, `[7, 5]`.
    #[must_use]
    pub fn new(in_channels: u64, out_channels: u64, kernel: impl Into<KernelSize<RANK>>) -> Self {
        let kernel = kernel.into().0.to_vec();
        Self { sizes: Sizes::new(in_channels, out_channels, kernel), overrides: Overrides::default() }
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
    pub fn textbook(self) -> Self {
        let textbook = self.weight(Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu));
        if textbook.sizes.has_bias { textbook.bias(Initializer::zeros()) } else { textbook }
    }

    fn defaults(&self) -> Result<Layer> {
        self.sizes.transposed()
    }
}
