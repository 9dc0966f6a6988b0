//! What a user asks for: an initializer, which becomes a distribution for one tensor.

mod axis;
mod gain;
mod variance;

pub use gain::{GELU_GAIN, Nonlinearity, SILU_GAIN};
pub(crate) use variance::Scheme;
pub use variance::{Spread, TRUNCATED_STD};

use crate::distribution::{Law, Structured};
use crate::fan::{FanMode, Layout};
use crate::value::computed::{AxisLaw, Computed};
use crate::value::stft::{Scaling, Side, Stft, Window};
use crate::{Distribution, Result, Shape};

/// A way to initialise a tensor, by the names that PyTorch, JAX and Keras use.
///
/// Validated when a [`Fill`](crate::Fill) is made of it. Reads and writes as an expression:
///
/// ```
/// use wgpu_init::Initializer;
/// let init: Initializer = "normal(0, 0.02)".parse()?;
/// assert_eq!(init, Initializer::normal(0.0, 0.02));
/// assert_eq!(init.to_string(), "normal(0,0.02)");
/// assert_eq!("zeros".parse::<Initializer>()?, Initializer::zeros());
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Initializer(pub(crate) Asked);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// The same law for every tensor; not checked yet.
    Law(Law),
    /// Mean 0 and a variance from the weight's fans.
    Scaled(Scheme),
    /// A function of the position on the last axis, of this length or the tensor's own.
    Axis { law: AxisLaw, length: Option<u64> },
    /// A kernel for the tensor's own frames and bins.
    Stft(Stft),
    /// Values that depend on their place: identities, orthogonal and sparse matrices.
    Structured(Structured),
}

impl Initializer {
    /// Zeros: `torch.nn.init.zeros_`.
    #[must_use]
    pub const fn zeros() -> Self {
        Self::constant(0.0)
    }

    /// Ones: `torch.nn.init.ones_`.
    #[must_use]
    pub const fn ones() -> Self {
        Self::constant(1.0)
    }

    /// `torch.nn.init.constant_`.
    #[must_use]
    pub const fn constant(value: f64) -> Self {
        Self(Asked::Law(Law::Constant { value }))
    }

    /// U[low, high): `torch.nn.init.uniform_`.
    #[must_use]
    pub const fn uniform(low: f64, high: f64) -> Self {
        Self(Asked::Law(Law::Uniform { low, high }))
    }

    /// N(mean, std²): `torch.nn.init.normal_`.
    #[must_use]
    pub const fn normal(mean: f64, std: f64) -> Self {
        Self(Asked::Law(Law::Normal { mean, std }))
    }

    /// N(mean, std²) conditioned on [low, high], absolute bounds: `torch.nn.init.trunc_normal_`.
    #[must_use]
    pub const fn trunc_normal(mean: f64, std: f64, low: f64, high: f64) -> Self {
        Self(Asked::Law(Law::TruncatedNormal { mean, std, low, high }))
    }

    /// `torch.nn.init.xavier_uniform_`: U(±gain·√(6 / (fan_in + fan_out))).
    #[must_use]
    pub const fn xavier_uniform(gain: f64) -> Self {
        Self(Asked::Scaled(Scheme::Xavier { gain, spread: Spread::Uniform, layout: Layout::OutIn }))
    }

    /// `torch.nn.init.xavier_normal_`: N(0, gain²·2 / (fan_in + fan_out)), not truncated.
    #[must_use]
    pub const fn xavier_normal(gain: f64) -> Self {
        Self(Asked::Scaled(Scheme::Xavier { gain, spread: Spread::Normal, layout: Layout::OutIn }))
    }

    /// `torch.nn.init.kaiming_uniform_`: U(±gain·√(3 / fan)). `a` of PyTorch is the slope of
    /// [`Nonlinearity::LeakyRelu`]; its default is `LeakyRelu { slope: 0.0 }`.
    ///
    /// ```
    /// use wgpu_init::scheme::{FanMode, Nonlinearity};
    /// use wgpu_init::{Distribution, Initializer, Shape};
    /// // What torch.nn.Linear does: a = √5 makes the bound 1/√fan_in.
    /// let linear = Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope: 5f64.sqrt() });
    /// let bound = 3f64.sqrt() * ((2.0 / (1.0 + 5f64.sqrt().powi(2))).sqrt() / 64f64.sqrt());
    /// assert_eq!(linear.distribution(&Shape::new([10, 64])?)?, Distribution::uniform(-bound, bound)?);
    /// assert!((bound - 1.0 / 64f64.sqrt()).abs() < 1e-16);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn kaiming_uniform(mode: FanMode, nonlinearity: Nonlinearity) -> Self {
        Self(Asked::Scaled(Scheme::Kaiming { mode, nonlinearity, spread: Spread::Uniform, layout: Layout::OutIn }))
    }

    /// `torch.nn.init.kaiming_normal_`: N(0, gain² / fan), not truncated.
    #[must_use]
    pub const fn kaiming_normal(mode: FanMode, nonlinearity: Nonlinearity) -> Self {
        Self(Asked::Scaled(Scheme::Kaiming { mode, nonlinearity, spread: Spread::Normal, layout: Layout::OutIn }))
    }

    /// `jax.nn.initializers.variance_scaling`, `keras.initializers.VarianceScaling`: variance `scale / fan`, for weights
    /// `[k…, in, out]`.
    #[must_use]
    pub const fn variance_scaling(scale: f64, mode: FanMode, spread: Spread) -> Self {
        Self(Asked::Scaled(Scheme::VarianceScaling { scale, mode, spread, layout: Layout::InOut }))
    }

    /// `glorot_uniform` of JAX and Keras: U(±√(6 / (fan_in + fan_out))), for weights `[k…, in, out]`.
    #[must_use]
    pub const fn glorot_uniform() -> Self {
        Self::variance_scaling(1.0, FanMode::FanAvg, Spread::Uniform)
    }

    /// `glorot_normal` of JAX and Keras: variance 2 / (fan_in + fan_out), **truncated** at ±2σ.
    #[must_use]
    pub const fn glorot_normal() -> Self {
        Self::variance_scaling(1.0, FanMode::FanAvg, Spread::TruncatedNormal)
    }

    /// `he_uniform` of JAX and Keras: U(±√(6 / fan_in)).
    #[must_use]
    pub const fn he_uniform() -> Self {
        Self::variance_scaling(2.0, FanMode::FanIn, Spread::Uniform)
    }

    /// `he_normal` of JAX and Keras: variance 2 / fan_in, **truncated** at ±2σ.
    #[must_use]
    pub const fn he_normal() -> Self {
        Self::variance_scaling(2.0, FanMode::FanIn, Spread::TruncatedNormal)
    }

    /// `lecun_uniform` of JAX and Keras: U(±√(3 / fan_in)). LeCun et al. 1998, Efficient BackProp.
    #[must_use]
    pub const fn lecun_uniform() -> Self {
        Self::variance_scaling(1.0, FanMode::FanIn, Spread::Uniform)
    }

    /// `lecun_normal` of JAX and Keras: variance 1 / fan_in, **truncated** at ±2σ.
    #[must_use]
    pub const fn lecun_normal() -> Self {
        Self::variance_scaling(1.0, FanMode::FanIn, Spread::TruncatedNormal)
    }

    /// exp(U(ln low, ln high)), in [low, high): spread evenly over orders of magnitude.
    /// Mean (high − low) / ln(high/low).
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("log_uniform(0.001,0.1)".parse(), Ok(Initializer::log_uniform(0.001, 0.1)));
    /// ```
    #[must_use]
    pub const fn log_uniform(low: f64, high: f64) -> Self {
        Self(Asked::Law(Law::Computed(Computed::LogUniform { low, high })))
    }

    /// Mamba's and Mamba-2's `dt_bias`: softplus of it is max(log-uniform(min, max), floor). The published values are
    /// (0.001, 0.1, 1e-4). Gu and Dao 2023 (arXiv:2312.00752); `mamba_simple.py` and `mamba2.py` of state-spaces/mamba.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
    /// let mut bias = [0f32; 1536];
    /// let init = Initializer::dt_bias(0.001, 0.1, 1e-4);
    /// let fill = Fill::new(Shape::new([1536])?, init)?;
    /// CpuExecutor::new().run([(&mut bias, fill.named(Seed::new(0), "mixer.dt_proj.bias"))])?;
    /// let steps = bias.map(|b| b.exp().ln_1p()); // softplus
    /// assert!(steps.iter().all(|dt| (0.000_999..0.100_001).contains(dt)));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn dt_bias(min: f64, max: f64, floor: f64) -> Self {
        Self(Asked::Law(Law::Computed(Computed::DtBias { min, max, floor })))
    }

    /// ln U(low, high): `A_log` of Mamba-2, where the bounds are 1 and 16 (`mamba2.py` of state-spaces/mamba).
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!(Initializer::log_of_uniform(1.0, 16.0).to_string(), "log_of_uniform(1,16)");
    /// ```
    #[must_use]
    pub const fn log_of_uniform(low: f64, high: f64) -> Self {
        Self(Asked::Law(Law::Computed(Computed::LogOfUniform { low, high })))
    }

    /// Λ of a real-gated linear recurrent unit: exp(−softplus(Λ)) lies between `min` and `max`, uniform by the area of a ring. 0.9 and 0.999
    /// in Griffin and RecurrentGemma (De et al. 2024, arXiv:2402.19427; `rnn_param_init` of google-deepmind/recurrentgemma).
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!(Initializer::rg_lru(0.9, 0.999).to_string(), "rg_lru(0.9,0.999)");
    /// ```
    #[must_use]
    pub const fn rg_lru(min: f64, max: f64) -> Self {
        Self(Asked::Law(Law::Computed(Computed::RgLru { min, max })))
    }

    /// `torch.nn.init.eye_` and, with a gain, `keras.initializers.Identity`: `gain` where row = column, else 0, for a matrix of any
    /// two sizes.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut matrix = [9f32; 6];
    /// let fill = Fill::new(Shape::new([2, 3])?, Initializer::eye(2.0))?;
    /// CpuExecutor::new().run([(&mut matrix, fill)])?;
    /// assert_eq!(matrix, [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn eye(gain: f64) -> Self {
        Self(Asked::Structured(Structured::Eye { gain }))
    }

    /// `torch.nn.init.dirac_` for the weight `[out, in, k…]` of a convolution with one to three spatial axes: 1 at the middle tap
    /// (`k/2` of each axis) from input channel d to output channel d of each group, else 0, so that as many channels as possible
    /// pass unchanged.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut weight = [9f32; 12];
    /// let fill = Fill::new(Shape::new([2, 2, 3])?, Initializer::dirac(1))?;
    /// CpuExecutor::new().run([(&mut weight, fill)])?;
    /// assert_eq!(weight, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn dirac(groups: u64) -> Self {
        Self(Asked::Structured(Structured::Dirac { groups }))
    }

    /// `torch.nn.init.sparse_`: N(0, std²) with exactly ⌈sparsity · rows⌉ zeros in each column of a matrix, at places of a random
    /// permutation of its own. Martens 2010, Deep learning via Hessian-free optimization. Variance (1 − z)·std² with z the share
    /// of zeros.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
    /// let mut weight = [9f32; 50];
    /// let fill = Fill::new(Shape::new([10, 5])?, Initializer::sparse(0.31, 0.01))?;
    /// CpuExecutor::new().run([(&mut weight, fill.named(Seed::new(0), "weight"))])?;
    /// assert!((0..5).all(|column| weight.iter().skip(column).step_by(5).filter(|x| **x == 0.0).count() == 4));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn sparse(sparsity: f64, std: f64) -> Self {
        Self(Asked::Structured(Structured::Sparse { sparsity, std, by_rows: false }))
    }

    /// `mlx.nn.init.sparse`: as [`sparse`](Self::sparse), with ⌈sparsity · columns⌉ zeros in each **row**.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("sparse_rows(0.5,0.01)".parse(), Ok(Initializer::sparse_rows(0.5, 0.01)));
    /// ```
    #[must_use]
    pub const fn sparse_rows(sparsity: f64, std: f64) -> Self {
        Self(Asked::Structured(Structured::Sparse { sparsity, std, by_rows: true }))
    }

    /// `torch.nn.init.orthogonal_`: rows (or columns, whichever are shorter in number) orthogonal and of length `gain`, uniform
    /// among all such matrices (Haar). The first axis is the rows and the others, flattened, the columns; with
    /// [`with_layout`](Self::with_layout)`(Layout::InOut)` the last axis is the columns, as in JAX and Keras. Mean 0, variance of
    /// an entry gain² / max(rows, columns). Saxe et al. 2013 (arXiv:1312.6120); Stewart 1980 for the construction.
    ///
    /// The same bits on every device: see [`value::orthogonal`](crate::value::orthogonal). At most 65,536 rows and columns.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
    /// let mut w = [0f32; 6];
    /// let fill = Fill::new(Shape::new([2, 3])?, Initializer::orthogonal(1.0))?;
    /// CpuExecutor::new().run([(&mut w, fill.named(Seed::new(0), "weight"))])?;
    /// assert!((w[0] * w[3] + w[1] * w[4] + w[2] * w[5]).abs() < 1e-6);
    /// assert!((w[0] * w[0] + w[1] * w[1] + w[2] * w[2] - 1.0).abs() < 1e-6);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn orthogonal(gain: f64) -> Self {
        Self::orthogonal_batch(gain, 0)
    }

    /// [`orthogonal`](Self::orthogonal) matrices, independent of each other: the first `batch_axes` axes count them, e.g. one for
    /// the experts of `[expert, out, in]`.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("orthogonal(1,batch=1)".parse(), Ok(Initializer::orthogonal_batch(1.0, 1)));
    /// ```
    #[must_use]
    pub const fn orthogonal_batch(gain: f64, batch_axes: u8) -> Self {
        Self(Asked::Structured(Structured::Orthogonal { gain, batch_axes, layout: Layout::OutIn }))
    }

    /// `jax.nn.initializers.delta_orthogonal` for the weight `[out, in, k…]` of a convolution (or `[k…, in, out]`, with
    /// [`with_layout`](Self::with_layout)`(Layout::InOut)`): an orthogonal matrix at the middle tap, `(k − 1)/2` of each axis, and
    /// zeros at the others; inputs must not be more than outputs. Xiao et al. 2018 (arXiv:1806.05393).
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("delta_orthogonal(1)".parse(), Ok(Initializer::delta_orthogonal(1.0)));
    /// ```
    #[must_use]
    pub const fn delta_orthogonal(gain: f64) -> Self {
        Self(Asked::Structured(Structured::DeltaOrthogonal { gain, layout: Layout::OutIn }))
    }

    /// Vectors of length `gain` along the last axis, uniform on the sphere, each by itself: the rows of a linear weight `[out, in]`, or the
    /// vectors of an embedding. A vector is what normalising N(0, 1) under the same seed and name gives, in exact sums. Mean 0, variance of
    /// an entry gain²/n for vectors of n. nGPT's weights (Loshchilov et al. 2024, arXiv:2410.01131, section 2.1) and modula's embeddings; for columns, write the
    /// transposed tensor through a [`View`](crate::View) with its axes permuted. Made as [`orthogonal`](Self::orthogonal) matrices of one row; at
    /// most 65,536 numbers in a vector.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
    /// let mut w = [0f32; 6];
    /// let fill = Fill::new(Shape::new([2, 3])?, Initializer::unit_rows(1.0))?;
    /// CpuExecutor::new().run([(&mut w, fill.named(Seed::new(0), "weight"))])?;
    /// assert!(w.chunks(3).all(|row| (row.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-6));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn unit_rows(gain: f64) -> Self {
        Self(Asked::Structured(Structured::UnitRows { gain }))
    }

    /// `keras.initializers.STFT`: the kernel of a short-time Fourier transform for `[frame_length, 1, bins]`, cos or sin of
    /// −2π·t·b/F, F = 2·(bins − 1), times a window over its scale. Keras' defaults are Hann, density, not periodic.
    /// `keras/src/initializers/constant_initializers.py`. Computed on the host, as [`log_uniform`](Self::log_uniform) is.
    ///
    /// ```
    /// use wgpu_init::scheme::{Scaling, Side, Window};
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let init = Initializer::stft(Side::Real, Window::None, Scaling::None, false);
    /// let mut kernel = [9f32; 9];
    /// let fill = Fill::new(Shape::new([3, 1, 3])?, init)?;
    /// CpuExecutor::new().run([(&mut kernel, fill)])?;
    /// assert!(kernel.iter().zip([1.0, 1.0, 1.0, 1.0, 0.0, -1.0, 1.0, -1.0, 1.0]).all(|(x, y)| (x - y).abs() < 1e-7));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn stft(side: Side, window: Window, scaling: Scaling, periodic: bool) -> Self {
        Self(Asked::Stft(Stft { side, window, scaling, periodic }))
    }

    /// Whether it gives every tensor one value, drawing nothing.
    pub(crate) const fn is_constant(&self) -> bool {
        matches!(self.0, Asked::Law(Law::Constant { .. }))
    }

    /// The same scheme for weights whose axes mean something else. Initializers without fans stay as they are.
    #[must_use]
    pub const fn with_layout(self, new: Layout) -> Self {
        Self(match self.0 {
            Asked::Scaled(scheme) => Asked::Scaled(scheme.with_layout(new)),
            Asked::Structured(Structured::Orthogonal { gain, batch_axes, layout: _ }) => {
                Asked::Structured(Structured::Orthogonal { gain, batch_axes, layout: new })
            }
            Asked::Structured(Structured::DeltaOrthogonal { gain, layout: _ }) => {
                Asked::Structured(Structured::DeltaOrthogonal { gain, layout: new })
            }
            Asked::Law(_) | Asked::Axis { .. } | Asked::Stft(_) | Asked::Structured(_) => self.0,
        })
    }

    /// The distribution for a tensor of this shape.
    ///
    /// # Errors
    /// Whatever is wrong with the initializer's numbers, or with the shape for them: the variants of [`Error`](crate::Error) that
    /// name a distribution, a scheme or fans.
    pub fn distribution(&self, shape: &Shape) -> Result<Distribution> {
        match self.0 {
            Asked::Law(law) => law.checked(),
            Asked::Scaled(scheme) => scheme.distribution(shape),
            Asked::Axis { law, length } => Distribution::along_axis(law, length, shape),
            Asked::Stft(stft) => Distribution::stft(stft, shape),
            Asked::Structured(structured) => structured.distribution(shape),
        }
    }
}

/// The initializer that gives this distribution to every tensor, but for structures, which are those of a tensor's own shape.
impl From<Distribution> for Initializer {
    fn from(distribution: Distribution) -> Self {
        Self(match distribution.0 {
            Law::Delta { asked, .. } | Law::Sparse { asked, .. } | Law::Orthogonal { asked, .. } => {
                Asked::Structured(asked)
            }
            Law::Computed(Computed::Axis { law, length }) => Asked::Axis { law, length: Some(length) },
            Law::Computed(Computed::Stft { kernel, .. }) => Asked::Stft(kernel.stft),
            law => Asked::Law(law),
        })
    }
}
