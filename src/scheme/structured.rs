//! Initializers that need the tensor's shape to place values: identities, orthogonal and sparse matrices.

use super::Layout;
use crate::value::computed::Computed;
use crate::value::delta::Delta;
use crate::value::orthogonal::{Frames, MOST_ROWS};
use crate::value::sparse::Sparse;
use crate::value::stft::{self, Scaling, Side, Stft, Window};
use crate::{Distribution, Error, Result, Shape};
use core::fmt;

/// An initializer whose values depend on their place in the tensor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Structured {
    /// See [`Initializer::eye`](crate::Initializer::eye).
    Eye {
        /// What stands on the diagonal.
        gain: f64,
    },
    /// See [`Initializer::dirac`](crate::Initializer::dirac).
    Dirac {
        /// Groups of the convolution.
        groups: u64,
    },
    /// See [`Initializer::sparse`](crate::Initializer::sparse).
    Sparse {
        /// The share of zeros in each line.
        sparsity: f64,
        /// Standard deviation of the others.
        std: f64,
        /// Whether a line is a row, as in MLX, and not a column, as in PyTorch.
        by_rows: bool,
    },
    /// See [`Initializer::orthogonal`](crate::Initializer::orthogonal).
    Orthogonal {
        /// The length of rows or columns.
        gain: f64,
        /// Leading axes that count matrices.
        batch_axes: u8,
        /// [`Layout::OutIn`]: the first axis is the rows; [`Layout::InOut`]: the last is the columns.
        layout: Layout,
    },
    /// See [`Initializer::stft`](crate::Initializer::stft).
    Stft {
        /// Cosines or sines.
        side: Side,
        /// The window over time.
        window: Window,
        /// What the window is divided by.
        scaling: Scaling,
        /// Whether the window is periodic and not symmetric.
        periodic: bool,
    },
    /// See [`Initializer::delta_orthogonal`](crate::Initializer::delta_orthogonal).
    DeltaOrthogonal {
        /// The length of rows.
        gain: f64,
        /// Which axes are channels.
        layout: Layout,
    },
}

/// Where the values of a structured law are in a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Delta(Delta),
    Sparse(Sparse),
    Frames(Frames),
}

impl Structured {
    /// The name in expressions.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Eye { .. } => "eye",
            Self::Dirac { .. } => "dirac",
            Self::Sparse { by_rows: false, .. } => "sparse",
            Self::Sparse { by_rows: true, .. } => "sparse_rows",
            Self::Orthogonal { .. } => "orthogonal",
            Self::DeltaOrthogonal { .. } => "delta_orthogonal",
            Self::Stft { side, .. } => match side {
                Side::Real => "stft_real",
                Side::Imag => "stft_imag",
            },
        }
    }

    /// The law for a tensor of this shape. A tensor without elements has none and gets zeros.
    pub(crate) fn distribution(&self, shape: &Shape) -> Result<Distribution> {
        if let Self::Stft { side, window, scaling, periodic } = *self {
            let &[frame_length, 1, bins] = shape.dims() else {
                return self.refuse(shape.dims(), "three axes are needed, [frame_length, 1, bins]");
            };
            if frame_length == 0 {
                return self.refuse(shape.dims(), "the frame must have at least one value");
            }
            let kernel = Stft::new(side, window, scaling, periodic, frame_length);
            if kernel.scale() == 0.0 {
                return self
                    .refuse(shape.dims(), "the window is zero everywhere: take a longer frame or a periodic window");
            }
            return Distribution::computed(Computed::Stft { kernel, period: bins });
        }
        let place = self.place(shape.dims())?;
        if shape.elements() == 0 {
            return Distribution::constant(0.0);
        }
        let Some(place) = place else { return self.refuse(shape.dims(), "every size must be below 2^32") };
        Distribution::structured(*self, place)
    }

    fn refuse<T>(&self, dims: &[u64], expected: impl Into<String>) -> Result<T> {
        Err(Error::UnsuitableShape { initializer: self.name(), dims: dims.to_vec(), expected: expected.into() })
    }

    /// None for sizes that do not fit 32 bits.
    fn place(&self, dims: &[u64]) -> Result<Option<Place>> {
        match *self {
            Self::Eye { .. } => match dims {
                &[rows, columns] => Ok(diagonal(rows, rows.min(columns), columns, 1, 0).map(Place::Delta)),
                _ => self.refuse(dims, "two axes are needed"),
            },
            Self::Dirac { groups } => self.dirac(dims, groups),
            Self::Sparse { sparsity, by_rows, .. } => match dims {
                &[rows, columns] => {
                    let length = if by_rows { columns } else { rows };
                    Ok(sparse(columns, length, sparsity, by_rows).map(Place::Sparse))
                }
                _ => self.refuse(dims, "two axes are needed"),
            },
            Self::Orthogonal { batch_axes, layout, .. } => self.orthogonal(dims, batch_axes.into(), layout),
            Self::DeltaOrthogonal { layout, .. } => self.delta_orthogonal(dims, layout),
            // Has a law of its own.
            Self::Stft { .. } => Ok(None),
        }
    }

    fn dirac(&self, dims: &[u64], groups: u64) -> Result<Option<Place>> {
        let &[outputs, inputs, ref kernel @ ..] = dims else { return self.refuse(dims, "3, 4 or 5 axes are needed") };
        if !(1..=3).contains(&kernel.len()) {
            return self.refuse(dims, "3, 4 or 5 axes are needed");
        }
        if groups == 0 || outputs % groups != 0 {
            return self.refuse(dims, format!("the first axis must be divisible by groups = {groups}"));
        }
        if kernel.contains(&0) {
            return self.refuse(dims, "the kernel must have at least one element");
        }
        let period = outputs / groups;
        let (taps, centre) = taps(kernel, |size| size / 2);
        let inner = inputs.saturating_mul(taps);
        Ok(diagonal(period, period.min(inputs), inner, taps, centre).map(Place::Delta))
    }

    fn orthogonal(&self, dims: &[u64], batch_axes: usize, layout: Layout) -> Result<Option<Place>> {
        if dims.len() < batch_axes + 2 {
            return self.refuse(dims, format!("{} or more axes are needed", batch_axes + 2));
        }
        let matrix = &dims[batch_axes..];
        let (rows, columns) = match layout {
            Layout::OutIn => (matrix[0], matrix[1..].iter().product::<u64>()),
            Layout::InOut => (matrix[..matrix.len() - 1].iter().product(), matrix[matrix.len() - 1]),
            Layout::Custom { .. } => return self.refuse(dims, "the layout must be out_in or in_out"),
        };
        self.frames(dims, rows, columns, 1, 0, false)
    }

    fn delta_orthogonal(&self, dims: &[u64], layout: Layout) -> Result<Option<Place>> {
        if !(3..=5).contains(&dims.len()) {
            return self.refuse(dims, "3, 4 or 5 axes are needed");
        }
        let (outputs, inputs, kernel, taps_first) = match layout {
            Layout::OutIn => (dims[0], dims[1], &dims[2..], false),
            Layout::InOut => (dims[dims.len() - 1], dims[dims.len() - 2], &dims[..dims.len() - 2], true),
            Layout::Custom { .. } => return self.refuse(dims, "the layout must be out_in or in_out"),
        };
        if inputs > outputs {
            return self
                .refuse(dims, format!("the {inputs} input channels must not be more than the {outputs} outputs"));
        }
        if kernel.contains(&0) {
            return self.refuse(dims, "the kernel must have at least one element");
        }
        let (rows, columns) = if taps_first { (inputs, outputs) } else { (outputs, inputs) };
        let (taps, centre) = taps(kernel, |size| (size - 1) / 2);
        self.frames(dims, rows, columns, taps, centre, taps_first)
    }

    fn frames(
        &self,
        dims: &[u64],
        rows: u64,
        columns: u64,
        taps: u64,
        centre: u64,
        taps_first: bool,
    ) -> Result<Option<Place>> {
        if rows.max(columns) > MOST_ROWS && rows.min(columns) > 0 {
            return self.refuse(
                dims,
                format!("a matrix may have at most {MOST_ROWS} rows and columns, not {rows} x {columns}"),
            );
        }
        // Positions inside one matrix are 32-bit on a device.
        if u128::from(rows) * u128::from(columns) * u128::from(taps) > u128::from(u32::MAX) {
            return self.refuse(dims, "a matrix with its kernel's taps may have at most 2^32 - 1 elements");
        }
        let frames = || {
            let (rows, columns) = (positive(rows)?, positive(columns)?);
            Some(Frames { rows, columns, taps: positive(taps)?, centre: u32::try_from(centre).ok()?, taps_first })
        };
        Ok(frames().map(Place::Frames))
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
#[expect(clippy::cast_precision_loss, reason = "below 2^31")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to length, by the check of sparsity"
)]
fn sparse(columns: u64, length: u64, sparsity: f64, by_rows: bool) -> Option<Sparse> {
    let length = positive(length).filter(|length| *length < 1 << 31)?;
    let zeros = ((sparsity * f64::from(length)).ceil() as u64 as f64) as u32;
    Some(Sparse { columns: positive(columns)?, length, zeros: zeros.min(length), by_rows })
}

const NAMES: [&str; 6] = ["eye", "dirac", "sparse", "sparse_rows", "orthogonal", "delta_orthogonal"];

impl Structured {
    /// The initializer of this name; `None` if the name belongs to none.
    pub(crate) fn parse(name: &str, arguments: &[&str]) -> Result<Option<Self>, String> {
        if let Some((side, window, scaling, periodic)) = stft::parse(name, arguments)? {
            return Ok(Some(Self::Stft { side, window, scaling, periodic }));
        }
        if !NAMES.contains(&name) {
            return Ok(None);
        }
        let has_layout = name.ends_with("orthogonal");
        let (layout, arguments) = match arguments.split_last() {
            Some((&"out_in", rest)) if has_layout => (Layout::OutIn, rest),
            Some((&"in_out", rest)) if has_layout => (Layout::InOut, rest),
            _ => (Layout::OutIn, arguments),
        };
        let (batch_axes, arguments) = match arguments.split_last() {
            Some((last, rest)) if name == "orthogonal" && last.starts_with("batch=") => {
                let reason = || format!("{last:?} is not a number of leading axes");
                (last["batch=".len()..].parse::<u8>().map_err(|_| reason())?, rest)
            }
            _ => (0, arguments),
        };
        let number = |text: &str| text.parse::<f64>().map_err(|_| format!("{text:?} is not a number"));
        let structured = match (name, arguments) {
            ("eye", []) => Self::Eye { gain: 1.0 },
            ("eye", [gain]) => Self::Eye { gain: number(gain)? },
            ("dirac", []) => Self::Dirac { groups: 1 },
            ("dirac", [groups]) => {
                Self::Dirac { groups: groups.parse().map_err(|_| format!("{groups:?} is not a number of groups"))? }
            }
            ("sparse" | "sparse_rows", [sparsity]) => {
                Self::Sparse { sparsity: number(sparsity)?, std: 0.01, by_rows: name == "sparse_rows" }
            }
            ("sparse" | "sparse_rows", [sparsity, std]) => {
                Self::Sparse { sparsity: number(sparsity)?, std: number(std)?, by_rows: name == "sparse_rows" }
            }
            ("orthogonal", []) => Self::Orthogonal { gain: 1.0, batch_axes, layout },
            ("orthogonal", [gain]) => Self::Orthogonal { gain: number(gain)?, batch_axes, layout },
            ("delta_orthogonal", []) => Self::DeltaOrthogonal { gain: 1.0, layout },
            ("delta_orthogonal", [gain]) => Self::DeltaOrthogonal { gain: number(gain)?, layout },
            _ => {
                let takes = match name {
                    "eye" => "at most one argument, the gain",
                    "dirac" => "at most one argument, the groups",
                    "orthogonal" => "at most a gain, batch=AXES and a layout",
                    "delta_orthogonal" => "at most a gain and a layout",
                    _ => "one or two arguments: sparsity and std",
                };
                return Err(format!("{name} takes {takes}, not {}", arguments.len()));
            }
        };
        Ok(Some(structured))
    }
}

/// The expression that [`Initializer`](crate::Initializer) reads back.
impl fmt::Display for Structured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suffix = |layout: Layout| match layout {
            Layout::OutIn => "",
            Layout::InOut => ",in_out",
            Layout::Custom { .. } => ",custom",
        };
        match *self {
            Self::Eye { gain } => write!(f, "eye({gain})"),
            Self::Dirac { groups } => write!(f, "dirac({groups})"),
            Self::Sparse { sparsity, std, .. } => write!(f, "{}({sparsity},{std})", self.name()),
            Self::Orthogonal { gain, batch_axes: 0, layout } => write!(f, "orthogonal({gain}{})", suffix(layout)),
            Self::Orthogonal { gain, batch_axes, layout } => {
                write!(f, "orthogonal({gain},batch={batch_axes}{})", suffix(layout))
            }
            Self::DeltaOrthogonal { gain, layout } => write!(f, "delta_orthogonal({gain}{})", suffix(layout)),
            Self::Stft { side, window, scaling, periodic } => f.write_str(&stft::text(side, window, scaling, periodic)),
        }
    }
}
