//! Losses that own a layer: `torch.nn.AdaptiveLogSoftmaxWithLoss`, `LinearCrossEntropyLoss`.

use super::{Layer, Linear, Overrides, builder, invalid};
use crate::Result;

/// `torch.nn.AdaptiveLogSoftmaxWithLoss`: a head and two linear layers for each cluster, all with a linear layer's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaptiveLogSoftmaxWithLoss {
    in_features: u64,
    n_classes: u64,
    cutoffs: Vec<u64>,
    div_value: f64,
    has_head_bias: bool,
    overrides: Overrides,
}

/// `torch.nn.LinearCrossEntropyLoss`: `linear` with `num_classes · ∏out_features` outputs, without bias by default.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearCrossEntropyLoss {
    in_features: u64,
    num_classes: u64,
    out_features: Vec<u64>,
    has_bias: bool,
    overrides: Overrides,
}

builder!(AdaptiveLogSoftmaxWithLoss);
builder!(LinearCrossEntropyLoss);

impl AdaptiveLogSoftmaxWithLoss {
    /// `cutoffs` in increasing order, below `n_classes`; `div_value` 4.
    #[must_use]
    pub fn new(in_features: u64, n_classes: u64, cutoffs: impl Into<Vec<u64>>) -> Self {
        let (cutoffs, div_value, has_head_bias) = (cutoffs.into(), 4.0, false);
        Self { in_features, n_classes, cutoffs, div_value, has_head_bias, overrides: Overrides::default() }
    }

    /// `div_value`: by how much each cluster's projection is smaller than the one before.
    #[must_use]
    pub fn div_value(mut self, div_value: f64) -> Self {
        self.div_value = div_value;
        self
    }

    /// `head_bias=True`.
    #[must_use]
    pub fn head_bias(mut self) -> Self {
        self.has_head_bias = true;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        const NAME: &str = "AdaptiveLogSoftmaxWithLoss";
        let (Some(first), Some(last)) = (self.cutoffs.first(), self.cutoffs.last()) else {
            return invalid(NAME, "cutoffs is empty, at least one is needed");
        };
        let increasing = self.cutoffs.windows(2).all(|pair| pair[0] < pair[1]);
        if *first == 0 || !increasing || *last >= self.n_classes {
            let (cutoffs, classes) = (&self.cutoffs, self.n_classes);
            return invalid(NAME, format!("cutoffs are {cutoffs:?}, they must increase from 1 to below {classes}"));
        }
        if !(self.div_value.is_finite() && self.div_value > 0.0) {
            return invalid(NAME, format!("div_value is {}, it must be above 0", self.div_value));
        }
        let clusters = self.cutoffs.len() as u64;
        let head = Linear::new(self.in_features, first + clusters);
        let mut layer = Layer::default();
        layer.nest("head", if self.has_head_bias { head } else { head.without_bias() }.layer()?);
        let ends = self.cutoffs.iter().skip(1).chain([&self.n_classes]);
        for (cluster, (start, end)) in self.cutoffs.iter().zip(ends).enumerate() {
            let hidden = self.hidden(cluster);
            layer.nest(&format!("tail.{cluster}.0"), Linear::new(self.in_features, hidden).without_bias().layer()?);
            layer.nest(&format!("tail.{cluster}.1"), Linear::new(hidden, end - start).without_bias().layer()?);
        }
        Ok(layer)
    }

    /// `in_features // div_value ** (cluster + 1)`, in f64 as Python does it.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Python's float floor division; the result is no larger than in_features"
    )]
    fn hidden(&self, cluster: usize) -> u64 {
        let mut divisor = 1.0;
        for _ in 0..=cluster {
            divisor *= self.div_value;
        }
        (self.in_features as f64 / divisor).floor() as u64
    }
}

impl LinearCrossEntropyLoss {
    /// From `in_features` to `num_classes`.
    #[must_use]
    pub fn new(in_features: u64, num_classes: u64) -> Self {
        let (out_features, has_bias) = (Vec::new(), false);
        Self { in_features, num_classes, out_features, has_bias, overrides: Overrides::default() }
    }

    /// `out_features`: a linear output for each of them.
    #[must_use]
    pub fn out_features(mut self, out_features: impl Into<Vec<u64>>) -> Self {
        self.out_features = out_features.into();
        self
    }

    /// `bias=True`.
    #[must_use]
    pub fn with_bias(mut self) -> Self {
        self.has_bias = true;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        let product = |product: u64, size: &u64| product.checked_mul(*size);
        let Some(outputs) = self.out_features.iter().try_fold(self.num_classes, product) else {
            return invalid("LinearCrossEntropyLoss", "num_classes times out_features is past 2^64");
        };
        let linear = Linear::new(self.in_features, outputs);
        let mut layer = Layer::default();
        layer.nest("linear", if self.has_bias { linear } else { linear.without_bias() }.layer()?);
        Ok(layer)
    }
}
