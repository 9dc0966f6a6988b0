//! A tensor, or a part of one, as JavaScript describes it, and the CPU executor for it.

use crate::Memory;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape, Stream, View};

type Result<T> = core::result::Result<T, JsError>;

/// What is to be written. A parameter with blocks of rows of their own has several fills.
#[wasm_bindgen]
pub struct Tensor {
    pub(crate) fills: Vec<Fill>,
    dtype: DType,
    /// Elements of memory from the first to the last.
    span: u64,
    /// The elements lie in memory as in the tensor, so that any stretch of them can be drawn alone.
    is_run: bool,
}

#[wasm_bindgen]
impl Tensor {
    /// A whole tensor, from an initializer's text.
    ///
    /// # Errors
    /// What the library says of it.
    #[wasm_bindgen(constructor)]
    pub fn new(shape: Vec<u64>, init: &str, dtype: &str, seed: u64, stream: u64) -> Result<Self> {
        let named = DType::ALL.iter().find(|known| known.name() == dtype);
        let dtype = *named.ok_or_else(|| {
            let names: Vec<_> = DType::ALL.iter().map(|dtype| dtype.name()).collect();
            JsError::new(&format!("{dtype:?} is no dtype: it is one of {}", names.join(", ")))
        })?;
        let fill = Fill::new(Shape::new(shape)?, init.parse::<Initializer>()?)?;
        let span = fill.range().end;
        let fill = fill.keyed(Seed::new(seed), Stream::new(stream)).dtype(dtype);
        Ok(Self { fills: vec![fill], dtype, span, is_run: true })
    }

    /// Only these elements of it, counted row by row.
    pub fn elements(&mut self, start: u64, end: u64) {
        self.map(|fill| fill.elements(start..end));
        if self.is_run {
            self.span = end.saturating_sub(start);
        }
    }

    /// Only a box of it, in a layout.
    ///
    /// # Errors
    /// What the library says of its span.
    pub fn view(&mut self, view: &Layout) -> Result<()> {
        self.span = view.0.span()?;
        self.is_run = false;
        self.map(|fill| fill.view(view.0.clone()));
        Ok(())
    }

    /// Bytes of memory that it takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.span.saturating_mul(self.dtype.size())
    }

    /// The law with its numbers, e.g. `normal(0, 0.02)`.
    #[must_use]
    pub fn distribution(&self) -> String {
        let laws: Vec<_> = self.fills.iter().map(|fill| fill.distribution().to_string()).collect();
        laws.join(", ")
    }

    /// Bytes that are best drawn at a time: a few MiB where any stretch can be drawn alone, else all.
    #[must_use]
    pub fn step(&self) -> u64 {
        let whole = self.fills.len() != 1 || !self.is_run || self.fills[0].distribution().is_whole();
        if whole { self.bytes() } else { 4 << 20 }
    }

    /// Draws a stretch of the bytes, which begins at a multiple of [`step`](Self::step), into the first bytes of `memory`. Those between the
    /// rows of a view are left as they are.
    ///
    /// # Errors
    /// What the library says of it.
    pub fn draw(&self, start: u64, length: usize, memory: &mut Memory) -> Result<()> {
        let (size, all) = (self.dtype.size(), self.bytes());
        let bytes = memory.bytes.get_mut(..length).ok_or_else(|| JsError::new("the memory is too small"))?;
        if start == 0 && length as u64 == all {
            return Ok(CpuExecutor::new().run_in(bytes, &self.fills)?);
        }
        let (first, elements) = (start / size, length as u64 / size);
        let stretch = |fill: &Fill| {
            let from = fill.range().start + first;
            fill.clone().elements(from..from + elements)
        };
        Ok(CpuExecutor::new().run_in(bytes, self.fills.iter().map(stretch))?)
    }
}

impl Tensor {
    /// A tensor of fills of one dtype that lie one behind the other.
    #[must_use]
    pub fn of(fills: Vec<Fill>, dtype: DType, elements: u64) -> Self {
        Self { fills, dtype, span: elements, is_run: true }
    }

    fn map(&mut self, change: impl Fn(Fill) -> Fill) {
        for fill in &mut self.fills {
            *fill = change(fill.clone());
        }
    }
}

/// A box of a tensor in a layout of memory.
#[wasm_bindgen]
pub struct Layout(View);

#[wasm_bindgen]
impl Layout {
    /// All of a tensor of this shape.
    ///
    /// # Errors
    /// What the library says of the shape.
    #[wasm_bindgen(constructor)]
    pub fn new(shape: Vec<u64>) -> Result<Self> {
        Ok(Self(View::new(&Shape::new(shape)?)))
    }

    /// Only these positions of an axis.
    ///
    /// # Errors
    /// What the library says of them.
    pub fn part(&mut self, axis: usize, start: u64, end: u64) -> Result<()> {
        self.0 = self.0.clone().part(axis, start..end)?;
        Ok(())
    }

    /// One of `of` shards of an axis, as `torch.chunk` cuts it.
    ///
    /// # Errors
    /// What the library says of it.
    pub fn shard(&mut self, axis: usize, index: u64, of: u64) -> Result<()> {
        self.0 = self.0.clone().shard(axis, index, of)?;
        Ok(())
    }

    /// Packed in this order of the axes.
    ///
    /// # Errors
    /// What the library says of it.
    pub fn permute(&mut self, order: Vec<usize>) -> Result<()> {
        self.0 = self.0.clone().permuted(order)?;
        Ok(())
    }

    /// Rows this many elements apart.
    pub fn pitch(&mut self, elements: u64) {
        self.0 = self.0.clone().pitch(elements);
    }

    /// A distance for each axis, in elements.
    ///
    /// # Errors
    /// What the library says of it.
    pub fn strides(&mut self, strides: Vec<i64>) -> Result<()> {
        self.0 = self.0.clone().strides(strides)?;
        Ok(())
    }
}

/// The stream of a parameter's name.
#[wasm_bindgen]
#[must_use]
pub fn stream_of(name: &str) -> u64 {
    Stream::from_name(name).get()
}
