//! Fans: how many inputs and outputs a weight connects, from its shape and the meaning of its axes.

use crate::{Error, Result, Shape};

/// Some axes of a tensor, counted from the front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Axes(u8);

impl Axes {
    /// No axis.
    pub const NONE: Self = Self(0);

    /// One axis. Axes from [`Shape::MAX_RANK`] on are in no tensor and count as none.
    #[must_use]
    pub const fn one(axis: usize) -> Self {
        if axis < Shape::MAX_RANK { Self(1 << axis) } else { Self::NONE }
    }

    /// These axes and one more.
    #[must_use]
    pub const fn and(self, axis: usize) -> Self {
        Self(self.0 | Self::one(axis).0)
    }

    /// Whether an axis is one of them.
    #[must_use]
    pub const fn contains(self, axis: usize) -> bool {
        axis < Shape::MAX_RANK && self.0 & (1 << axis) != 0
    }
}

/// Which axes of a weight are its inputs and its outputs. All others are the receptive field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// `[out, in, k…]`, as PyTorch, candle, tch and MLX store weights. Grouped convolutions are `[out, in/groups, k…]` and
    /// transposed ones `[in, out/groups, k…]`; their fans are those of the stored shape, as in `torch.nn.init`.
    #[default]
    OutIn,
    /// `[k…, in, out]`, as JAX, Flax and Keras store weights.
    InOut,
    /// Any axes, as the arguments of `jax.nn.initializers.variance_scaling`.
    Custom {
        /// `in_axis`.
        input: Axes,
        /// `out_axis`.
        output: Axes,
        /// `batch_axis`: copies of the weight, e.g. experts or heads, that count for neither fan.
        batch: Axes,
    },
}

/// Numbers of inputs and outputs of one unit, receptive field included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fans {
    /// Values that one output depends on.
    pub fan_in: u64,
    /// Outputs that one value goes to.
    pub fan_out: u64,
}

/// Which number of connections a scheme keeps the variance for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FanMode {
    /// `fan_in`: keeps the variance in the forward pass.
    #[default]
    FanIn,
    /// `fan_out`: keeps it in the backward pass.
    FanOut,
    /// `(fan_in + fan_out) / 2`.
    FanAvg,
    /// `√(fan_in · fan_out)`.
    FanGeoAvg,
}

impl Fans {
    /// The fans of a weight: products of the input or output axes with the receptive field.
    ///
    /// # Errors
    /// [`Error::FansNeedRank`] below rank 2 (or for axes the shape does not have); [`Error::ZeroFan`] if a size is zero.
    ///
    /// ```
    /// use wgpu_init::Shape;
    /// use wgpu_init::scheme::{Fans, Layout};
    /// // A convolution from 3 to 64 channels, 7 × 7, in PyTorch's and in JAX's layout.
    /// let fans = Fans { fan_in: 147, fan_out: 3136 };
    /// assert_eq!(Fans::of(&Shape::new([64, 3, 7, 7])?, Layout::OutIn)?, fans);
    /// assert_eq!(Fans::of(&Shape::new([7, 7, 3, 64])?, Layout::InOut)?, fans);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    pub fn of(shape: &Shape, layout: Layout) -> Result<Self> {
        let dims = shape.dims();
        let rank = dims.len();
        let (input, output, batch) = match layout {
            _ if rank < 2 => return Err(Error::FansNeedRank { rank }),
            Layout::OutIn => (Axes::one(1), Axes::one(0), Axes::NONE),
            Layout::InOut => (Axes::one(rank - 2), Axes::one(rank - 1), Axes::NONE),
            Layout::Custom { input, output, batch } => (input, output, batch),
        };
        let named = input.0 | output.0 | batch.0;
        let twice = input.0 & output.0 | input.0 & batch.0 | output.0 & batch.0;
        if twice != 0 || u32::from(named) >> rank != 0 || input == Axes::NONE || output == Axes::NONE {
            return Err(Error::FansNeedRank { rank });
        }
        if shape.elements() == 0 {
            return Err(Error::ZeroFan { dims: dims.to_vec() });
        }
        // No product overflows: each divides the number of elements, which fits.
        let product = |wanted: &dyn Fn(usize) -> bool| -> u64 {
            (0..rank).filter(|axis| wanted(*axis)).map(|axis| dims[axis]).product()
        };
        let field = |axis: usize| !input.contains(axis) && !output.contains(axis) && !batch.contains(axis);
        Ok(Self {
            fan_in: product(&|axis| input.contains(axis) || field(axis)),
            fan_out: product(&|axis| output.contains(axis) || field(axis)),
        })
    }

    /// The number that a mode stands for.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "fans above 2^53 are rounded as in every library")]
    pub fn of_mode(self, mode: FanMode) -> f64 {
        let (fan_in, fan_out) = (self.fan_in as f64, self.fan_out as f64);
        match mode {
            FanMode::FanIn => fan_in,
            FanMode::FanOut => fan_out,
            FanMode::FanAvg => (fan_in + fan_out) / 2.0,
            FanMode::FanGeoAvg => (fan_in * fan_out).sqrt(),
        }
    }
}
