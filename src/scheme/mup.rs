//! Maximal update parametrisation (µP): the initialisation of a wide model from a narrow base model's, so that hyperparameters
//! carry over. Yang et al. 2022 (arXiv:2203.03466); `mup/init.py` and `mup/infshape.py` of microsoft/mup.

use crate::fan::{FanMode, Fans, Layout};
use crate::initializer::Nonlinearity;
use crate::{Error, Initializer, Result, Shape};

/// The axes of a weight `[out, in, k…]` that grow with the model's width: those whose size differs from the base model's.
///
/// Each method gives the initializer for the weight; with the base model's own shape it is what `torch.nn.init` does. One
/// growing axis is a vector in µP's sense (an embedding, a head, a bias), two are a matrix.
///
/// ```
/// use wgpu_init::scheme::{FanMode, Mup, Nonlinearity};
/// use wgpu_init::{Initializer, Shape};
/// // Hidden weights of a model four times as wide as its base: std / √4.
/// let hidden = Mup::new(&Shape::new([1024, 1024])?, &Shape::new([256, 256])?)?;
/// assert_eq!(hidden.normal(0.0, 0.02)?, Initializer::normal(0.0, 0.01));
/// // An embedding of 1000 words keeps its std; a Kaiming head is kept from shrinking.
/// let embedding = Mup::new(&Shape::new([1000, 1024])?, &Shape::new([1000, 256])?)?;
/// assert_eq!(embedding.normal(0.0, 0.02)?, Initializer::normal(0.0, 0.02));
/// let head = Mup::new(&Shape::new([10, 1024])?, &Shape::new([10, 256])?)?;
/// assert_eq!(head.kaiming_normal(FanMode::FanIn, Nonlinearity::Linear)?, Initializer::normal(0.0, 1.0 / 16.0));
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mup {
    shape: Shape,
    base: Vec<u64>,
}

impl Mup {
    /// From the weight's shape and its shape in the base model.
    ///
    /// # Errors
    /// [`Error::InvalidBaseShape`]: another rank, a size of zero, or more than two axes that differ.
    pub fn new(shape: &Shape, base: &Shape) -> Result<Self> {
        let (dims, base) = (shape.dims(), base.dims());
        let refuse = |reason| {
            let (dims, base) = (dims.to_vec(), base.to_vec());
            Err(Error::InvalidBaseShape { dims, base, reason })
        };
        if dims.len() != base.len() {
            return refuse("the ranks must be the same");
        }
        if dims.contains(&0) || base.contains(&0) {
            return refuse("every size must be at least 1");
        }
        if dims.iter().zip(base).filter(|(size, base)| size != base).count() > 2 {
            return refuse("at most two axes may grow with the width");
        }
        Ok(Self { shape: shape.clone(), base: base.to_vec() })
    }

    /// Size over base size; 1 for an axis that does not grow.
    #[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
    fn multiple(&self, axis: usize) -> f64 {
        self.shape.dims()[axis] as f64 / self.base[axis] as f64
    }

    /// The axes that grow.
    fn growing(&self) -> Vec<usize> {
        (0..self.base.len()).filter(|axis| self.shape.dims()[*axis] != self.base[*axis]).collect()
    }

    /// What a law that knows no fans is multiplied by: 1/√m for a matrix, m the multiple of its last growing axis.
    fn factor(&self, is_centred: bool) -> Result<f64> {
        match self.growing().as_slice() {
            [_, last] if is_centred => Ok(1.0 / self.multiple(*last).sqrt()),
            [_, _] => self.refuse("two axes grow, so the law must be symmetric about 0"),
            _ => Ok(1.0),
        }
    }

    fn refuse<T>(&self, reason: &'static str) -> Result<T> {
        Err(Error::InvalidBaseShape { dims: self.shape.dims().to_vec(), base: self.base.clone(), reason })
    }

    /// `mup.init.normal_`: N(0, std²/m) for a matrix, else N(mean, std²).
    ///
    /// # Errors
    /// [`Error::InvalidBaseShape`] for a matrix and a mean other than 0.
    pub fn normal(&self, mean: f64, std: f64) -> Result<Initializer> {
        let factor = self.factor(mean == 0.0)?;
        Ok(Initializer::normal(mean * factor, std * factor))
    }

    /// `mup.init.uniform_`: U(low/√m, high/√m) for a matrix, else U(low, high).
    ///
    /// # Errors
    /// [`Error::InvalidBaseShape`] for a matrix and bounds that are not symmetric.
    pub fn uniform(&self, low: f64, high: f64) -> Result<Initializer> {
        let factor = self.factor(low == -high)?;
        Ok(Initializer::uniform(low * factor, high * factor))
    }

    /// `mup.init.trunc_normal_`, bounds absolute: all four numbers over √m for a matrix.
    ///
    /// # Errors
    /// [`Error::InvalidBaseShape`] for a matrix and a law that is not symmetric about 0.
    pub fn trunc_normal(&self, mean: f64, std: f64, low: f64, high: f64) -> Result<Initializer> {
        let factor = self.factor(mean == 0.0 && low == -high)?;
        Ok(Initializer::trunc_normal(mean * factor, std * factor, low * factor, high * factor))
    }

    /// `mup.init.xavier_uniform_`: U(±√3·σ) with σ as in [`xavier_normal`](Self::xavier_normal).
    ///
    /// # Errors
    /// Those of [`xavier_normal`](Self::xavier_normal).
    pub fn xavier_uniform(&self, gain: f64) -> Result<Initializer> {
        let bound = 3f64.sqrt() * self.xavier(gain)?;
        Ok(Initializer::uniform(-bound, bound))
    }

    /// `mup.init.xavier_normal_`: σ = gain·√(2/(fan_in + fan_out))·√((out + in)/(out₀ + in₀)), sizes of the base model with ₀, and
    /// for a matrix over √(in/in₀).
    ///
    /// # Errors
    /// Those of [`Fans::of`]; [`Error::InvalidBaseShape`] for a matrix whose growing axes are not its first two.
    pub fn xavier_normal(&self, gain: f64) -> Result<Initializer> {
        Ok(Initializer::normal(0.0, self.xavier(gain)?))
    }

    /// `mup.init.kaiming_uniform_`: U(±√3·σ) with σ as in [`kaiming_normal`](Self::kaiming_normal).
    ///
    /// # Errors
    /// Those of [`kaiming_normal`](Self::kaiming_normal).
    pub fn kaiming_uniform(&self, mode: FanMode, nonlinearity: Nonlinearity) -> Result<Initializer> {
        let bound = 3f64.sqrt() * self.kaiming(mode, nonlinearity)?;
        Ok(Initializer::uniform(-bound, bound))
    }

    /// `mup.init.kaiming_normal_`: σ = gain/√fan; times √(fan's axis' multiple) if that axis alone grows; times √(out/out₀ · in₀/in)
    /// for a matrix by `fan_out`.
    ///
    /// # Errors
    /// Those of [`xavier_normal`](Self::xavier_normal); [`Error::InvalidBaseShape`] for a mode that µP does not have.
    pub fn kaiming_normal(&self, mode: FanMode, nonlinearity: Nonlinearity) -> Result<Initializer> {
        Ok(Initializer::normal(0.0, self.kaiming(mode, nonlinearity)?))
    }

    #[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
    fn xavier(&self, gain: f64) -> Result<f64> {
        let sum = 2.0 * Fans::of(&self.shape, Layout::OutIn)?.of_mode(FanMode::FanAvg);
        let dims = self.shape.dims();
        let growth = (dims[0] as f64 + dims[1] as f64) / (self.base[0] as f64 + self.base[1] as f64);
        let std = gain * (2.0 / sum).sqrt() * growth.sqrt();
        Ok(if self.is_matrix()? { std / self.multiple(1).sqrt() } else { std })
    }

    fn kaiming(&self, mode: FanMode, nonlinearity: Nonlinearity) -> Result<f64> {
        let fan = Fans::of(&self.shape, Layout::OutIn)?.of_mode(mode);
        let (axis, other) = match mode {
            FanMode::FanIn => (1, 0),
            FanMode::FanOut => (0, 1),
            FanMode::FanAvg | FanMode::FanGeoAvg => return self.refuse("the mode must be fan_in or fan_out"),
        };
        let factor = match (self.is_matrix()?, mode) {
            (true, FanMode::FanOut) => self.multiple(axis) / self.multiple(other),
            (true, _) => 1.0,
            // 1 if it is another axis that grows.
            (false, _) => self.multiple(axis),
        };
        Ok(nonlinearity.gain() / fan.sqrt() * factor.sqrt())
    }

    /// Whether inputs and outputs both grow.
    fn is_matrix(&self) -> Result<bool> {
        match self.growing().as_slice() {
            [] | [_] => Ok(false),
            [0, 1] => Ok(true),
            _ => self.refuse("of two axes that grow, one must be the outputs and one the inputs"),
        }
    }
}
