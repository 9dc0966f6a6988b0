//! `torch.nn.RNN`, `LSTM`, `GRU` and their cells.

use super::{Layer, MOST_LAYERS, Overrides, Rows, builder, check_layers, invalid, product, uniform};
use crate::{Initializer, Result};

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

/// A gate: a block of rows of `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// LSTM, first.
    Input,
    /// LSTM, second.
    Forget,
    /// LSTM, third: the candidate, PyTorch's g.
    Cell,
    /// LSTM, fourth.
    Output,
    /// GRU, first.
    Reset,
    /// GRU, second: PyTorch's z.
    Update,
    /// GRU, third: the candidate, PyTorch's n.
    New,
}

impl Cell {
    const fn order(self) -> &'static [Gate] {
        match self {
            Self::Rnn => &[],
            Self::Lstm => &[Gate::Input, Gate::Forget, Gate::Cell, Gate::Output],
            Self::Gru => &[Gate::Reset, Gate::Update, Gate::New],
        }
    }

    /// The rows of one gate of the parameter.
    fn gate(self, name: &str, gate: Gate) -> Rows {
        let number = self.order().iter().position(|known| *known == gate);
        match number {
            Some(number) if is_gated(name) => Rows::One { number: number as u64, count: self.gates() },
            Some(_) => Rows::None(format!("{name} has no gates")),
            None => Rows::None(format!("{self:?} has no gate {gate:?}, it has {:?}", self.order())),
        }
    }

    /// The rows of all gates of the parameter, each by itself; an RNN is one block.
    fn each(self, name: &str) -> Rows {
        if is_gated(name) { Rows::Each { count: self.gates() } } else { Rows::None(format!("{name} has no gates")) }
    }
}

/// Whether gates are stacked in the parameter. The projection of an LSTM comes after them.
fn is_gated(name: &str) -> bool {
    !name.starts_with("weight_hr")
}

/// The gates' methods of both builders.
macro_rules! gates {
    ($layer:ident, $suffix:literal) => {
        impl $layer {
            #[doc = concat!("Another initializer for one gate of a parameter, e.g. of `weight_hh", $suffix, "`. Its fans are those of")]
            /// the gate's rows. It takes precedence over an initializer for the whole parameter, whichever is set first.
            ///
            /// [`layer`](Self::layer) refuses a gate that the cell does not have.
            #[must_use]
            pub fn gate(mut self, name: &str, gate: Gate, initializer: Initializer) -> Self {
                self.overrides.push(name, self.cell.gate(name, gate), initializer);
                self
            }

            /// Another initializer for a parameter, each gate by itself: fans are those of one gate's rows, not of all that are
            /// stacked.
            #[must_use]
            pub fn each_gate(mut self, name: &str, initializer: Initializer) -> Self {
                self.overrides.push(name, self.cell.each(name), initializer);
                self
            }

            /// What PyTorch is often said to do: input weights Xavier uniform gate by gate, biases zero but for the forget gate
            /// of an LSTM, which is 1 in `bias_ih` (so that the sum of both biases is 1), recurrent weights orthogonal gate by gate.
            #[must_use]
            pub fn textbook(mut self) -> Self {
                for suffix in self.suffixes() {
                    let weight = format!("weight_ih{suffix}");
                    self = self.each_gate(&weight, Initializer::xavier_uniform(1.0));
                    self = self.each_gate(&format!("weight_hh{suffix}"), Initializer::orthogonal(1.0));
                    if self.has_bias {
                        let [input, hidden] = ["ih", "hh"].map(|kind| format!("bias_{kind}{suffix}"));
                        self = self.parameter(&input, Initializer::zeros()).parameter(&hidden, Initializer::zeros());
                        if self.cell == Cell::Lstm {
                            self = self.gate(&input, Gate::Forget, Initializer::ones());
                        }
                    }
                }
                self
            }
        }
    };
}

/// `torch.nn.RNN`, `LSTM`, `GRU`: every weight and bias of every layer and direction is U(±1/√hidden_size); no forget-gate offset.
#[doc(alias = "LSTM")]
#[doc(alias = "GRU")]
#[doc(alias = "RNN")]
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    cell: Cell,
    input_size: u64,
    hidden_size: u64,
    num_layers: u64,
    directions: u8,
    proj_size: u64,
    has_bias: bool,
    overrides: Overrides,
}

/// `torch.nn.RNNCell`, `LSTMCell`, `GRUCell`: U(±1/√hidden_size).
#[doc(alias = "LSTMCell")]
#[doc(alias = "GRUCell")]
#[doc(alias = "RNNCell")]
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
gates!(Recurrent, "_l0");
gates!(RecurrentCell, "");

impl Recurrent {
    /// `torch.nn.LSTM`: one layer, one direction, with biases.
    ///
    /// ```
    /// use wgpu_init::layer::Recurrent;
    /// let lstm = Recurrent::lstm(64, 128).layers(2).layer()?;
    /// assert_eq!(lstm.parameters()[0].name(), "weight_ih_l0");
    /// assert_eq!(lstm.parameters()[0].shape().dims(), [4 * 128, 64]);
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    #[must_use]
    pub fn lstm(input_size: u64, hidden_size: u64) -> Self {
        Self::new(Cell::Lstm, input_size, hidden_size)
    }

    /// `torch.nn.GRU`: one layer, one direction, with biases.
    #[must_use]
    pub fn gru(input_size: u64, hidden_size: u64) -> Self {
        Self::new(Cell::Gru, input_size, hidden_size)
    }

    /// `torch.nn.RNN`: one layer, one direction, with biases.
    #[must_use]
    pub fn rnn(input_size: u64, hidden_size: u64) -> Self {
        Self::new(Cell::Rnn, input_size, hidden_size)
    }

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

    /// What the names of each layer's and direction's parameters end with.
    fn suffixes(&self) -> Vec<String> {
        let of = |number| ["", "_reverse"].into_iter().map(move |direction| format!("_l{number}{direction}"));
        (0..self.num_layers.min(MOST_LAYERS)).flat_map(|number| of(number).take(usize::from(self.directions))).collect()
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
        check_layers(NAME, "num_layers", self.num_layers)?;
        let gates = product(NAME, "gates x hidden_size", self.cell.gates(), self.hidden_size)?;
        let output = if self.proj_size > 0 { self.proj_size } else { self.hidden_size };
        let stacked = product(NAME, "directions x output size", self.directions.into(), output)?;
        let initializer = uniform(self.hidden_size);
        let mut layer = Layer::default();
        let mut suffixes = self.suffixes().into_iter();
        for number in 0..self.num_layers {
            let input = if number == 0 { self.input_size } else { stacked };
            for suffix in suffixes.by_ref().take(usize::from(self.directions)) {
                layer.push(format!("weight_ih{suffix}"), [gates, input], initializer)?;
                layer.push(format!("weight_hh{suffix}"), [gates, output], initializer)?;
                if self.has_bias {
                    layer.push(format!("bias_ih{suffix}"), [gates], initializer)?;
                    layer.push(format!("bias_hh{suffix}"), [gates], initializer)?;
                }
                if self.proj_size > 0 {
                    layer.push(format!("weight_hr{suffix}"), [self.proj_size, self.hidden_size], initializer)?;
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

    fn suffixes(&self) -> Vec<String> {
        vec![String::new()]
    }

    fn defaults(&self) -> Result<Layer> {
        let gates = product("RecurrentCell", "gates x hidden_size", self.cell.gates(), self.hidden_size)?;
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
