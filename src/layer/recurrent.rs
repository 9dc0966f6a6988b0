//! `torch.nn.RNN`, `LSTM`, `GRU` and their cells.

use super::{Layer, Overrides, builder, invalid, uniform};
use crate::Result;

/// The kind of a recurrent layer. Gates are stacked along the first axis of each tensor: LSTM input, forget, cell, output; GRU reset,
/// update, new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// One block.
    Rnn,
    /// Four blocks.
    Lstm,
    /// Three blocks.
    Gru,
}

impl Cell {
    /// How many blocks are stacked.
    pub(crate) const fn gates(self) -> u64 {
        match self {
            Self::Rnn => 1,
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// `torch.nn.RNN`, `LSTM`, `GRU`: every weight and bias of every layer and direction is U(±1/√hidden_size); no forget-gate offset.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    cell: Cell,
    input_size: u64,
    hidden_size: u64,
    num_layers: u64,
    directions: u64,
    proj_size: u64,
    has_bias: bool,
    overrides: Overrides,
}

/// `torch.nn.RNNCell`, `LSTMCell`, `GRUCell`: U(±1/√hidden_size).
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentCell {
    cell: Cell,
    input_size: u64,
    hidden_size: u64,
    has_bias: bool,
    overrides: Overrides,
}

builder!(Recurrent);
builder!(RecurrentCell);

impl Recurrent {
    /// One layer, one direction, with biases.
    #[must_use]
    pub fn new(cell: Cell, input_size: u64, hidden_size: u64) -> Self {
        let (num_layers, directions, proj_size, has_bias) = (1, 1, 0, true);
        let overrides = Overrides::default();
        Self { cell, input_size, hidden_size, num_layers, directions, proj_size, has_bias, overrides }
    }

    /// `num_layers`.
    #[must_use]
    pub fn layers(mut self, num_layers: u64) -> Self {
        self.num_layers = num_layers;
        self
    }

    /// `bidirectional=True`.
    #[must_use]
    pub fn bidirectional(mut self) -> Self {
        self.directions = 2;
        self
    }

    /// `proj_size` of an LSTM; 0 is none.
    #[must_use]
    pub fn proj_size(mut self, proj_size: u64) -> Self {
        self.proj_size = proj_size;
        self
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        const NAME: &str = "Recurrent";
        for (what, size) in
            [("input_size", self.input_size), ("hidden_size", self.hidden_size), ("num_layers", self.num_layers)]
        {
            if size == 0 {
                return invalid(NAME, format!("{what} is 0, it must be at least 1"));
            }
        }
        if self.proj_size > 0 && self.cell != Cell::Lstm {
            return invalid(NAME, "proj_size is for LSTM only");
        }
        if self.proj_size >= self.hidden_size {
            let (proj, hidden) = (self.proj_size, self.hidden_size);
            return invalid(NAME, format!("proj_size is {proj}, it must be smaller than hidden_size = {hidden}"));
        }
        let gates = self.cell.gates() * self.hidden_size;
        let output = if self.proj_size > 0 { self.proj_size } else { self.hidden_size };
        let initializer = uniform(self.hidden_size);
        let mut layer = Layer::default();
        for number in 0..self.num_layers {
            let input = if number == 0 { self.input_size } else { output * self.directions };
            for direction in 0..self.directions {
                let suffix = format!("l{number}{}", if direction == 0 { "" } else { "_reverse" });
                layer.push(format!("weight_ih_{suffix}"), [gates, input], initializer)?;
                layer.push(format!("weight_hh_{suffix}"), [gates, output], initializer)?;
                if self.has_bias {
                    layer.push(format!("bias_ih_{suffix}"), [gates], initializer)?;
                    layer.push(format!("bias_hh_{suffix}"), [gates], initializer)?;
                }
                if self.proj_size > 0 {
                    layer.push(format!("weight_hr_{suffix}"), [self.proj_size, self.hidden_size], initializer)?;
                }
            }
        }
        Ok(layer)
    }
}

impl RecurrentCell {
    /// A cell with biases.
    #[must_use]
    pub fn new(cell: Cell, input_size: u64, hidden_size: u64) -> Self {
        Self { cell, input_size, hidden_size, has_bias: true, overrides: Overrides::default() }
    }

    /// `bias=False`.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.has_bias = false;
        self
    }

    fn defaults(&self) -> Result<Layer> {
        let gates = self.cell.gates() * self.hidden_size;
        let initializer = uniform(self.hidden_size);
        let mut layer = Layer::default();
        layer.push("weight_ih", [gates, self.input_size], initializer)?;
        layer.push("weight_hh", [gates, self.hidden_size], initializer)?;
        if self.has_bias {
            layer.push("bias_ih", [gates], initializer)?;
            layer.push("bias_hh", [gates], initializer)?;
        }
        Ok(layer)
    }
}
