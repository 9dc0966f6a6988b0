//! `torch.nn.Embedding`, `EmbeddingBag`.

use super::{Layer, Overrides, builder, invalid};
use crate::{Initializer, Result};

/// `torch.nn.Embedding` and `EmbeddingBag`: weight `[num_embeddings, embedding_dim]`, N(0, 1) whatever the size; the row of
/// `padding_idx` is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    num_embeddings: u64,
    embedding_dim: u64,
    padding_idx: Option<i64>,
    overrides: Overrides,
}

builder!(Embedding);

impl Embedding {
    /// A table of `num_embeddings` rows.
    #[must_use]
    pub fn new(num_embeddings: u64, embedding_dim: u64) -> Self {
        Self { num_embeddings, embedding_dim, padding_idx: None, overrides: Overrides::default() }
    }

    /// The row that stays zero; from the end if negative.
    #[must_use]
    pub fn padding_idx(mut self, row: i64) -> Self {
        self.padding_idx = Some(row);
        self
    }

    fn defaults(&self) -> Result<Layer> {
        let mut layer = Layer::default();
        layer.push("weight", [self.num_embeddings, self.embedding_dim], Initializer::normal(0.0, 1.0))?;
        if let Some(index) = self.padding_idx {
            let row = if index < 0 {
                self.num_embeddings.checked_sub(index.unsigned_abs())
            } else {
                Some(index.unsigned_abs()).filter(|row| *row < self.num_embeddings)
            };
            let Some(row) = row else {
                let reason = format!("padding_idx is {index}, it must be within the {} rows", self.num_embeddings);
                return invalid("Embedding", reason);
            };
            layer.parameters[0].set_block(row..row + 1, Initializer::zeros());
        }
        Ok(layer)
    }
}
