//! Weights of experts that a model stacks in one tensor, with a stream for each.

use wgpu_init::{Distribution, Part, Shape, Stream};

/// How a tensor `[expert, out, in…]` is made of weights that are drawn one by one, as if each stood in the model by itself.
///
/// A list that has the experts one by one, with these names, and one that has them stacked then hold the same numbers, and no expert's
/// depend on how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Experts {
    /// How many there are: the first axis.
    pub count: u64,
    /// The names of an expert's weights, which divide the second axis, with `{}` for its number: `layers.0.experts.{}.w1.weight`.
    pub names: Vec<String>,
}

impl Experts {
    /// What stands for an expert's number.
    pub const NUMBER: &str = "{}";

    /// The most weights of one tensor.
    pub const MOST: u64 = 1 << 16;

    /// For a tensor of this shape.
    ///
    /// # Errors
    /// [`wgpu_init::Error::UnsuitableShape`] for a shape that these names do not divide, or more weights than [`MOST`](Self::MOST).
    pub fn new(shape: &Shape, names: Vec<String>) -> wgpu_init::Result<Self> {
        Part::expert(shape, names.len() as u64)?;
        let experts = Self { count: shape.dims().first().copied().unwrap_or(0), names };
        if experts.weights() > Self::MOST {
            let (initializer, dims) = ("experts", shape.dims().to_vec());
            let expected = format!("at most {} weights of experts are drawn by themselves", Self::MOST);
            return Err(wgpu_init::Error::UnsuitableShape { initializer, dims, expected });
        }
        Ok(experts)
    }

    /// The shape of one weight, `[out/names, in…]`, which fans and structures are those of.
    ///
    /// # Errors
    /// [`wgpu_init::Error::UnsuitableShape`].
    pub fn weight(&self, shape: &Shape) -> wgpu_init::Result<Shape> {
        Part::expert(shape, self.names.len() as u64)
    }

    /// How many weights there are.
    #[must_use]
    pub const fn weights(&self) -> u64 {
        self.count.saturating_mul(self.names.len() as u64)
    }

    /// The name that a weight is drawn from, counted in the order of the tensor.
    #[must_use]
    pub fn name(&self, weight: u64) -> String {
        let names = self.names.len() as u64;
        let number = usize::try_from(weight.checked_rem(names).unwrap_or(0)).unwrap_or(usize::MAX);
        let expert = weight.checked_div(names).unwrap_or(0).to_string();
        self.names.get(number).map_or_else(String::new, |name| name.replacen(Self::NUMBER, &expert, 1))
    }

    /// The weights, which cover a tensor of `elements`, in order.
    pub(crate) fn stretches(&self, distribution: Distribution, elements: u64) -> Vec<Part> {
        let length = elements.checked_div(self.weights()).unwrap_or(0);
        if length == 0 {
            return Vec::new();
        }
        let part = |weight: u64| {
            let start = weight * length;
            Part::own(start..start + length, distribution, Stream::from_name(&self.name(weight)))
        };
        (0..self.weights()).map(part).collect()
    }
}
