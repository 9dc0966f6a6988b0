//! What is drawn: one initializer of each kind, and tensors of it.

use anyhow::Result;
use wgpu_init::{DType, Fill, Initializer, Seed, Shape};

/// A kind of distribution, with the parameters that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Law {
    Constant,
    Uniform,
    Normal,
    Truncated,
}

impl Law {
    pub(crate) const ALL: [Self; 4] = [Self::Constant, Self::Uniform, Self::Normal, Self::Truncated];
    /// Those that draw random numbers.
    pub(crate) const RANDOM: [Self; 3] = [Self::Uniform, Self::Normal, Self::Truncated];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Uniform => "uniform",
            Self::Normal => "normal",
            Self::Truncated => "trunc_normal",
        }
    }

    pub(crate) fn initializer(self) -> Initializer {
        match self {
            Self::Constant => Initializer::constant(0.02),
            Self::Uniform => Initializer::uniform(-0.02, 0.02),
            Self::Normal => Initializer::normal(0.0, 0.02),
            // Two standard deviations, as usual.
            Self::Truncated => Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        }
    }

    /// One tensor of so many bytes, from byte 0.
    pub(crate) fn tensor(self, dtype: DType, bytes: u64) -> Result<Fill> {
        self.part("tensor", dtype, 0, bytes)
    }

    /// Tensors of these sizes, one behind the other, each with a name of its own.
    pub(crate) fn tensors(self, dtype: DType, sizes: &[u64]) -> Result<Vec<Fill>> {
        let mut at = 0;
        let parts = sizes.iter().enumerate().map(|(index, bytes)| {
            let part = self.part(&format!("tensor.{index}"), dtype, at, *bytes);
            at += bytes;
            part
        });
        parts.collect()
    }

    fn part(self, name: &str, dtype: DType, at: u64, bytes: u64) -> Result<Fill> {
        let shape = Shape::new([bytes / dtype.size()])?;
        let fill = Fill::new(shape, self.initializer())?;
        Ok(fill.named(Seed::new(0), name).dtype(dtype).at(at))
    }
}

/// Sizes in bytes of so many small tensors: 1 to 4 KiB, from one to the next 4 bytes more, round and round.
pub(crate) fn small_sizes(count: u64) -> Vec<u64> {
    (0..count).map(|index| 1024 + index * 4 % 3076).collect()
}
