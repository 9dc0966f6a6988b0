//! Functions of the position along the last axis. Nothing is drawn, and every row is the same but for sinusoids.

use super::{Asked, Initializer};
use crate::value::computed::AxisLaw;

impl Initializer {
    /// ln(n + 1) at position n of the last axis: `A_log` of Mamba, −exp of which is S4D-Real's −(n + 1).
    ///
    /// ```
    /// use wgpu_init::{Initializer, Shape};
    /// let resolved = Initializer::a_log().distribution(&Shape::new([1536, 16])?)?;
    /// assert_eq!(resolved.to_string(), "a_log(16)");
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn a_log() -> Self {
        Self::along_axis(AxisLaw::ALog)
    }

    /// start + step·n at position n of the last axis. S4D-Lin's imaginary part is `ramp(0, π)`; `-0.5`, its real part, is a
    /// [`constant`](Self::constant). Gu et al. 2022 (arXiv:2206.11893).
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("ramp(0,0.5)".parse(), Ok(Initializer::ramp(0.0, 0.5)));
    /// ```
    #[must_use]
    pub const fn ramp(start: f64, step: f64) -> Self {
        Self::along_axis(AxisLaw::Ramp { start, step })
    }

    /// N/π·(N/(2n + 1) − 1) at position n of a last axis of N/2: S4D-Inv's imaginary part, one of each conjugate pair being
    /// stored. Gu et al. 2022 (arXiv:2206.11893); state-spaces/s4.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("s4d_inv".parse(), Ok(Initializer::s4d_inv()));
    /// ```
    #[must_use]
    pub const fn s4d_inv() -> Self {
        Self::along_axis(AxisLaw::S4dInv)
    }

    /// Whisper's positions for `[length, channels]`, sines in the first half of the channels and cosines in the second; its
    /// `max_timescale` is 10000. `whisper/model.py` of openai/whisper.
    ///
    /// ```
    /// use wgpu_init::{Initializer, Shape};
    /// let resolved = Initializer::sinusoids(10_000.0).distribution(&Shape::new([1500, 384])?)?;
    /// assert_eq!(resolved.to_string(), "sinusoids(10000,384)");
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn sinusoids(max_timescale: f64) -> Self {
        Self::along_axis(AxisLaw::Sinusoids { max_timescale })
    }

    /// The positions of Vaswani et al. 2017 (arXiv:1706.03762), section 3.5, for `[length, channels]`: sines in the even
    /// channels, cosines in the odd ones; the paper's `max_timescale` is 10000.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("sinusoids_interleaved(10000)".parse(), Ok(Initializer::sinusoids_interleaved(10_000.0)));
    /// ```
    #[must_use]
    pub const fn sinusoids_interleaved(max_timescale: f64) -> Self {
        Self::along_axis(AxisLaw::SinusoidsInterleaved { max_timescale })
    }

    /// Pegasus' and Marian's positions for `[length, channels]`: the angles of [`sinusoids_interleaved`](Self::sinusoids_interleaved), with
    /// the sines in the first half of the channels and the cosines in the second; `max_timescale` is 10000.
    /// `PegasusSinusoidalPositionalEmbedding` of huggingface/transformers. Whisper's [`sinusoids`](Self::sinusoids) have other angles.
    ///
    /// ```
    /// use wgpu_init::Initializer;
    /// assert_eq!("sinusoids_concatenated(10000)".parse(), Ok(Initializer::sinusoids_concatenated(10_000.0)));
    /// ```
    #[must_use]
    pub const fn sinusoids_concatenated(max_timescale: f64) -> Self {
        Self::along_axis(AxisLaw::SinusoidsConcatenated { max_timescale })
    }

    /// start + (end − start)·(n/(N − 1))^exponent at position n of a last axis of N: from `start` to `end`, both reached. With an exponent
    /// of 1 `torch.linspace`. RWKV's decays and sLSTM's forget gates are such, see [`scheme::rwkv5_decay`](crate::scheme::rwkv5_decay).
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut decay = [0f32; 5];
    /// let fill = Fill::new(Shape::new([5])?, Initializer::power_law(-6.0, -1.0, 2.0))?;
    /// CpuExecutor::new().run([(&mut decay, fill)])?;
    /// assert_eq!(decay, [-6.0, -5.6875, -4.75, -3.1875, -1.0]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn power_law(start: f64, end: f64, exponent: f64) -> Self {
        Self::along_axis(AxisLaw::PowerLaw { start, end, exponent })
    }

    /// start + (end − start)·(n/N)^exponent at position n of a last axis of N: `end` is not reached. RWKV's `time_mix_k` of layer l is
    /// `power_law_open(0, 1, 1 − l/n_layer)`, `time_mix_v` the same from 0.3·l/(n_layer − 1) to that and 1, `time_mix_r` has half the exponent; from
    /// RWKV-6 on they count down from 1.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut mix = [9f32; 4];
    /// let fill = Fill::new(Shape::new([1, 1, 4])?, Initializer::power_law_open(0.0, 1.0, 0.5))?;
    /// CpuExecutor::new().run([(&mut mix, fill)])?;
    /// assert_eq!(mix, [0.0, 0.5, 0.5f32.sqrt(), 0.75f32.sqrt()]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn power_law_open(start: f64, end: f64, exponent: f64) -> Self {
        Self::along_axis(AxisLaw::PowerLawOpen { start, end, exponent })
    }

    /// start + (end − start)·n/(N − 1) + wave·((n + 1) mod 3 − 1) at position n of a last axis of N: RWKV's bonus for the current token,
    /// see [`scheme::rwkv5_bonus`](crate::scheme::rwkv5_bonus).
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut bonus = [9f32; 5];
    /// let fill = Fill::new(Shape::new([5])?, Initializer::zigzag(1.0, 0.0, 0.5))?;
    /// CpuExecutor::new().run([(&mut bonus, fill)])?;
    /// assert_eq!(bonus, [1.0, 1.25, 0.0, 0.25, 0.5]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn zigzag(start: f64, end: f64, wave: f64) -> Self {
        Self::along_axis(AxisLaw::Zigzag { start, end, wave })
    }

    /// [`power_law`](Self::power_law) plus wave·z·|z|, where z goes from −1 to 1 along each of the heads of `head` elements that the last axis is made
    /// of. RWKV-7's: its decays are [`scheme::rwkv7_decay`](crate::scheme::rwkv7_decay).
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Shape};
    /// let mut gate = [9f32; 6];
    /// let fill = Fill::new(Shape::new([6])?, Initializer::power_law_heads(0.0, 5.0, 1.0, 0.5, 3))?;
    /// CpuExecutor::new().run([(&mut gate, fill)])?;
    /// assert_eq!(gate, [-0.5, 1.0, 2.5, 2.5, 4.0, 5.5]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub const fn power_law_heads(start: f64, end: f64, exponent: f64, wave: f64, head: u64) -> Self {
        Self::along_axis(AxisLaw::PowerLawHeads { start, end, exponent, wave, head })
    }

    const fn along_axis(law: AxisLaw) -> Self {
        Self(Asked::Axis { law, length: None })
    }
}
