//! Laws that need the tensor's shape to place values: identities, orthogonal and sparse matrices.

use super::{Distribution, Law, finite, non_negative};
use crate::fan::Layout;
use crate::value::delta::Delta;
use crate::value::orthogonal::{Frames, MOST_ROWS};
use crate::value::sparse::Sparse;
use crate::{Error, Result, Shape};

/// What is asked for a tensor of any suitable shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Structured {
    Eye {
        gain: f64,
    },
    Dirac {
        groups: u64,
    },
    /// `by_rows`: a line is a row, as in MLX, and not a column, as in PyTorch.
    Sparse {
        sparsity: f64,
        std: f64,
        by_rows: bool,
    },
    /// `OutIn`: the first axis after the batch axes is the rows; `InOut`: the last is the columns.
    Orthogonal {
        gain: f64,
        batch_axes: u8,
        layout: Layout,
    },
    DeltaOrthogonal {
        gain: f64,
        layout: Layout,
    },
    /// Every vector along the last axis by itself: an orthogonal matrix of one row.
    UnitRows {
        gain: f64,
    },
}

impl Structured {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Eye { .. } => "eye",
            Self::Dirac { .. } => "dirac",
            Self::Sparse { by_rows: false, .. } => "sparse",
            Self::Sparse { by_rows: true, .. } => "sparse_rows",
            Self::Orthogonal { .. } => "orthogonal",
            Self::DeltaOrthogonal { .. } => "delta_orthogonal",
            Self::UnitRows { .. } => "unit_rows",
        }
    }

    /// The law for a tensor of this shape. A tensor without elements has none and gets zeros.
    pub(crate) fn distribution(self, shape: &Shape) -> Result<Distribution> {
        let (name, dims, extent) = (self.name(), shape.dims(), shape.elements());
        let law = match self {
            Self::Eye { gain } => {
                let &[rows, columns] = dims else { return Err(self.unsuitable(dims, "two axes are needed")) };
                finite(name, [("gain", gain)])?;
                let places = diagonal(rows, rows.min(columns), columns, 1, 0);
                places.map(|places| (gain, Law::Delta { asked: self, places, value: gain, extent }))
            }
            Self::Dirac { groups } => {
                let places = self.dirac(dims, groups)?;
                places.map(|places| (1.0, Law::Delta { asked: self, places, value: 1.0, extent }))
            }
            Self::Sparse { sparsity, std, by_rows } => {
                let &[rows, columns] = dims else { return Err(self.unsuitable(dims, "two axes are needed")) };
                finite(name, [("sparsity", sparsity), ("std", std)])?;
                non_negative(name, std)?;
                if !(0.0..=1.0).contains(&sparsity) {
                    let (parameter, value, expected) = ("sparsity", sparsity, "from 0 to 1");
                    return Err(Error::OutOfRange { distribution: name, parameter, value, expected });
                }
                let places = sparse(columns, if by_rows { columns } else { rows }, sparsity, by_rows);
                places.map(|places| (std, Law::Sparse { asked: self, places, std, extent }))
            }
            Self::Orthogonal { gain, .. } | Self::DeltaOrthogonal { gain, .. } | Self::UnitRows { gain } => {
                let frames = self.frames(dims)?;
                finite(name, [("gain", gain)])?;
                frames.map(|frames| (gain, Law::Orthogonal { asked: self, frames, gain, extent }))
            }
        };
        match law {
            _ if extent == 0 => Distribution::constant(0.0),
            None => Err(self.unsuitable(dims, "every size must be below 2^32")),
            Some((0.0, _)) => Distribution::constant(0.0),
            Some((_, law)) => Ok(Distribution(law)),
        }
    }

    fn unsuitable(&self, dims: &[u64], expected: &str) -> Error {
        Error::UnsuitableShape { initializer: self.name(), dims: dims.to_vec(), expected: expected.to_owned() }
    }

    fn dirac(&self, dims: &[u64], groups: u64) -> Result<Option<Delta>> {
        let &[outputs, inputs, ref kernel @ ..] = dims else {
            return Err(self.unsuitable(dims, "3, 4 or 5 axes are needed"));
        };
        if !(1..=3).contains(&kernel.len()) {
            return Err(self.unsuitable(dims, "3, 4 or 5 axes are needed"));
        }
        if groups == 0 || outputs % groups != 0 {
            return Err(self.unsuitable(dims, &format!("the first axis must be divisible by groups = {groups}")));
        }
        if kernel.contains(&0) {
            return Err(self.unsuitable(dims, "the kernel must have at least one element"));
        }
        let period = outputs / groups;
        let (taps, centre) = taps(kernel, |size| size / 2);
        Ok(diagonal(period, period.min(inputs), inputs.saturating_mul(taps), taps, centre))
    }

    /// Where orthogonal matrices lie; `None` for sizes that do not fit 32 bits.
    fn frames(&self, dims: &[u64]) -> Result<Option<Frames>> {
        let (rows, columns, taps, centre, taps_first) = match *self {
            Self::DeltaOrthogonal { layout, .. } => self.delta_orthogonal(dims, layout)?,
            Self::UnitRows { .. } => {
                let &[.., columns] = dims else { return Err(self.unsuitable(dims, "one or more axes are needed")) };
                (1, columns, 1, 0, false)
            }
            Self::Orthogonal { batch_axes, layout, .. } => {
                let Some(matrix @ [first, .., last]) = dims.get(usize::from(batch_axes)..) else {
                    return Err(
                        self.unsuitable(dims, &format!("{} or more axes are needed", usize::from(batch_axes) + 2))
                    );
                };
                // A zero beside sizes whose product does not fit: there are no elements.
                let product = |sizes: &[u64]| sizes.iter().fold(1, |product: u64, size| product.saturating_mul(*size));
                match layout {
                    Layout::OutIn => (*first, product(&matrix[1..]), 1, 0, false),
                    Layout::InOut => (product(&matrix[..matrix.len() - 1]), *last, 1, 0, false),
                    Layout::Custom { .. } => return Err(self.unsuitable(dims, "the layout must be out_in or in_out")),
                }
            }
            Self::Eye { .. } | Self::Dirac { .. } | Self::Sparse { .. } => return Ok(None),
        };
        if rows.max(columns) > MOST_ROWS && rows.min(columns) > 0 {
            let expected = format!("a matrix may have at most {MOST_ROWS} rows and columns, not {rows} x {columns}");
            return Err(self.unsuitable(dims, &expected));
        }
        // Positions inside one matrix are 32-bit on a device.
        if rows.saturating_mul(columns).saturating_mul(taps) > u32::MAX.into() {
            return Err(self.unsuitable(dims, "a matrix with its kernel's taps may have at most 2^32 - 1 elements"));
        }
        let small = |size: u64| u32::try_from(size).ok();
        let frames = || {
            let (rows, columns) = (positive(rows)?, positive(columns)?);
            Some(Frames { rows, columns, taps: positive(taps)?, centre: small(centre)?, taps_first })
        };
        Ok(frames())
    }

    /// Rows, columns, taps, the middle one, and whether taps are the outer axes.
    fn delta_orthogonal(&self, dims: &[u64], layout: Layout) -> Result<(u64, u64, u64, u64, bool)> {
        let (outputs, inputs, kernel, taps_first) = match (dims, layout) {
            _ if !(3..=5).contains(&dims.len()) => return Err(self.unsuitable(dims, "3, 4 or 5 axes are needed")),
            (&[outputs, inputs, ref kernel @ ..], Layout::OutIn) => (outputs, inputs, kernel, false),
            (&[ref kernel @ .., inputs, outputs], Layout::InOut) => (outputs, inputs, kernel, true),
            _ => return Err(self.unsuitable(dims, "the layout must be out_in or in_out")),
        };
        if inputs > outputs {
            let expected = format!("the {inputs} input channels must not be more than the {outputs} outputs");
            return Err(self.unsuitable(dims, &expected));
        }
        if kernel.contains(&0) {
            return Err(self.unsuitable(dims, "the kernel must have at least one element"));
        }
        let (rows, columns) = if taps_first { (inputs, outputs) } else { (outputs, inputs) };
        let (taps, centre) = taps(kernel, |size| (size - 1) / 2);
        Ok((rows, columns, taps, centre, taps_first))
    }
}

/// The number of taps of a kernel, and the position of the middle one; `middle` says which is in the middle of an axis.
fn taps(kernel: &[u64], middle: impl Fn(u64) -> u64) -> (u64, u64) {
    kernel.iter().fold((1, 0), |(taps, centre), size| {
        (taps.saturating_mul(*size), centre.saturating_mul(*size).saturating_add(middle(*size)))
    })
}

fn positive(size: u64) -> Option<u32> {
    u32::try_from(size).ok().filter(|size| *size > 0)
}

fn diagonal(period: u64, limit: u64, inner: u64, stride: u64, centre: u64) -> Option<Delta> {
    let small = |size: u64| u32::try_from(size).ok();
    let (inner, period) = (positive(inner)?, positive(period)?);
    Some(Delta { inner, period, limit: small(limit)?, stride: small(stride)?, centre: small(centre)? })
}

/// ⌈sparsity · length⌉ zeros, the product rounded to f64 as in PyTorch.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to length, by the check of sparsity"
)]
fn sparse(columns: u64, length: u64, sparsity: f64, by_rows: bool) -> Option<Sparse> {
    let length = positive(length).filter(|length| *length < 1 << 31)?;
    let zeros = (sparsity * f64::from(length)).ceil() as u32;
    Some(Sparse { columns: positive(columns)?, length, zeros: zeros.min(length), by_rows })
}
