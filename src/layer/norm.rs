//! Normalisations and `PReLU`: weights one, biases zero.

use super::{Layer, Overrides, builder, invalid};
use crate::{Initializer, Result};

/// What the normalisations have in common.
#[derive(Clone, Debug, PartialEq)]
struct Affine {
    dims: Vec<u64>,
    has_weight: bool,
    has_bias: bool,
    has_statistics: bool,
}

impl Affine {
    fn layer(&self) -> Result<Layer> {
        let mut layer = Layer::default();
        if self.has_weight {
            layer.push("weight", self.dims.clone(), Initializer::ones())?;
        }
        if self.has_weight && self.has_bias {
            layer.push("bias", self.dims.clone(), Initializer::zeros())?;
        }
        if self.has_statistics {
            layer.push_buffer("running_mean", self.dims.clone(), Initializer::zeros())?;
            layer.push_buffer("running_var", self.dims.clone(), Initializer::ones())?;
            layer.push_buffer("num_batches_tracked", [], Initializer::zeros())?;
        }
        Ok(layer)
    }
}

macro_rules! norm {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            affine: Affine,
            overrides: Overrides,
        }

        builder!($name);

        impl $name {
            fn with(dims: Vec<u64>, has_weight: bool, has_bias: bool, has_statistics: bool) -> Self {
                Self { affine: Affine { dims, has_weight, has_bias, has_statistics }, overrides: Overrides::default() }
            }

            /// With (`affine=True`) or without weight and bias.
            #[must_use]
            pub fn affine(mut self, affine: bool) -> Self {
                self.affine.has_weight = affine;
                self
            }

            /// `bias=False`.
            #[must_use]
            pub fn without_bias(mut self) -> Self {
                self.affine.has_bias = false;
                self
            }
        }
    };
}

norm! {
    /// `torch.nn.BatchNorm1d` … `BatchNorm3d`, `SyncBatchNorm`: weight 1, bias 0, running mean 0, running variance 1.
    #[doc(alias = "BatchNorm1d")]
    #[doc(alias = "BatchNorm2d")]
    #[doc(alias = "BatchNorm3d")]
    BatchNorm
}
norm! {
    /// `torch.nn.InstanceNorm1d` … `InstanceNorm3d`: nothing by default; weight 1 and bias 0 with [`affine`](Self::affine).
    #[doc(alias = "InstanceNorm1d")]
    #[doc(alias = "InstanceNorm2d")]
    #[doc(alias = "InstanceNorm3d")]
    InstanceNorm
}
norm! {
    /// `torch.nn.LayerNorm`: weight 1, bias 0, of the normalised shape.
    LayerNorm
}
norm! {
    /// `torch.nn.RMSNorm`: weight 1.
    RmsNorm
}

impl BatchNorm {
    /// Of `num_features`, affine, with running statistics.
    #[must_use]
    pub fn new(num_features: u64) -> Self {
        Self::with(vec![num_features], true, true, true)
    }

    /// `track_running_stats`.
    #[must_use]
    pub fn track_running_stats(mut self, track: bool) -> Self {
        self.affine.has_statistics = track;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.affine.layer()
    }
}

impl InstanceNorm {
    /// Of `num_features`, neither affine nor with running statistics.
    #[must_use]
    pub fn new(num_features: u64) -> Self {
        Self::with(vec![num_features], false, true, false)
    }

    /// `track_running_stats`.
    #[must_use]
    pub fn track_running_stats(mut self, track: bool) -> Self {
        self.affine.has_statistics = track;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        self.affine.layer()
    }
}

impl LayerNorm {
    /// Of a `normalized_shape`; `elementwise_affine` is [`affine`](Self::affine).
    #[must_use]
    pub fn new(normalized_shape: impl Into<Vec<u64>>) -> Self {
        Self::with(normalized_shape.into(), true, true, false)
    }

    fn defaults(&self) -> Result<Layer> {
        self.affine.layer()
    }
}

impl RmsNorm {
    /// Of a `normalized_shape`; `elementwise_affine` is [`affine`](Self::affine).
    #[must_use]
    pub fn new(normalized_shape: impl Into<Vec<u64>>) -> Self {
        Self::with(normalized_shape.into(), true, false, false)
    }

    fn defaults(&self) -> Result<Layer> {
        self.affine.layer()
    }
}

/// `torch.nn.GroupNorm`: weight 1, bias 0.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupNorm {
    num_groups: u64,
    num_channels: u64,
    affine: Affine,
    overrides: Overrides,
}

builder!(GroupNorm);

impl GroupNorm {
    /// `num_groups` groups of `num_channels` channels in all.
    #[must_use]
    pub fn new(num_groups: u64, num_channels: u64) -> Self {
        let affine = Affine { dims: vec![num_channels], has_weight: true, has_bias: true, has_statistics: false };
        Self { num_groups, num_channels, affine, overrides: Overrides::default() }
    }

    /// With (`affine=True`) or without weight and bias.
    #[must_use]
    pub fn affine(mut self, affine: bool) -> Self {
        self.affine.has_weight = affine;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.affine.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        let (channels, groups) = (self.num_channels, self.num_groups);
        if groups == 0 || channels % groups != 0 {
            let reason = format!("num_channels is {channels}, it must be divisible by num_groups = {groups}");
            return invalid("GroupNorm", reason);
        }
        self.affine.layer()
    }
}

/// `torch.nn.PReLU`: weight `[num_parameters]`, 0.25.
#[derive(Clone, Debug, PartialEq)]
pub struct PRelu {
    num_parameters: u64,
    overrides: Overrides,
}

builder!(PRelu);

impl PRelu {
    /// Of `num_parameters`; PyTorch's default is one. `init` is [`weight`](Self::weight) with a constant.
    #[must_use]
    pub fn new(num_parameters: u64) -> Self {
        Self { num_parameters, overrides: Overrides::default() }
    }

    fn defaults(&self) -> Result<Layer> {
        let mut layer = Layer::default();
        layer.push("weight", [self.num_parameters], Initializer::constant(0.25))?;
        Ok(layer)
    }
}
