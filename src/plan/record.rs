//! Host side of the structs in the shaders, one for each. `tests/shaders.rs` compares the layouts with what naga computes.

use crate::fill::Job;
use crate::value::delta::Delta;
use crate::value::program::{Affine, Elementwise, Orthogonal, Program, Source, Unit, mask};
use crate::value::sparse::Sparse;
use crate::value::word::halves;
use crate::{Fill, Result, Shape};
use bytemuck::{Pod, Zeroable};

/// `Draw` of `shaders/draw.wgsl`: the constants that turn words into the values of one uniform, normal or truncated normal fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct DrawRecord {
    /// Logical index of the first element, low word first.
    pub index: [u32; 2],
    /// Stream, low word first.
    pub stream: [u32; 2],
    /// Seed, low word first.
    pub seed: [u32; 2],
    /// f32 bits of the factor: std, or half-width · 2^-24.
    pub scale: u32,
    /// f32 bits of the summand: mean or midpoint, +0 if none.
    pub shift: u32,
    /// Least value as an order key of the stored format, see [`value::clamp`](crate::value::clamp).
    pub low_key: u32,
    /// Greatest value as an order key of the stored format.
    pub high_key: u32,
    /// First word of a truncated normal's window.
    pub window_low: u32,
    /// Number of words of that window; 0 stands for 2^32.
    pub window_range: u32,
}

/// The head of `Job` of `shaders/fill_main.wgsl`: a run of whole 16-byte groups. The kernel's own `Draw` follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct JobRecord {
    /// The job's first tile in the dispatch.
    pub first_tile: u32,
    /// Groups per tile.
    pub tile_groups: u32,
    /// Groups in all.
    pub groups: u32,
    /// Position in the output binding, in groups.
    pub first_group: u32,
}

/// `Draw` of `shaders/fill_constant.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ConstantRecord {
    /// The storage word.
    pub word: u32,
}

/// `Draw` of `shaders/fill_listed.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ListedRecord {
    /// Where the job's groups begin in the list.
    pub first_group: u32,
}

/// `Draw` of `shaders/fill_delta.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct DeltaRecord {
    /// Of the first element, from where the law begins, low word first.
    pub place: [u32; 2],
    /// Elements of a row.
    pub inner: u32,
    /// Rows after which the pattern starts again.
    pub period: u32,
    /// Rows of a period that have a one.
    pub limit: u32,
    /// Distance from one row's one to the next row's.
    pub stride: u32,
    /// Place of the first row's.
    pub centre: u32,
    /// The storage word of a one.
    pub word: u32,
    /// log2 of the elements in a word.
    pub packing: u32,
    /// Fills up the struct.
    pub padding: u32,
}

/// `Draw` of `shaders/draw_sparse.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct SparseRecord {
    /// Logical index of the first element, low word first.
    pub index: [u32; 2],
    /// Stream, low word first.
    pub stream: [u32; 2],
    /// Seed, low word first.
    pub seed: [u32; 2],
    /// The element that the matrix begins at, low word first.
    pub origin: [u32; 2],
    /// f32 bits.
    pub scale: u32,
    /// Length of the last axis.
    pub columns: u32,
    /// Elements of a line.
    pub length: u32,
    /// Zeros of a line.
    pub zeros: u32,
    /// 1: lines are rows.
    pub by_rows: u32,
    /// Fills up the struct.
    pub padding: u32,
}

/// `Edge` of `shaders/fill_edge.wgsl`: a word at the ragged end of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct EdgeRecord {
    /// Position in the output binding, in words.
    pub position: u32,
    /// Bits of the word that are written.
    pub mask: u32,
    /// The bits.
    pub bits: u32,
}

/// `Step` of `shaders/orthogonal_step.wgsl`: one orthogonal matrix in one dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct StepRecord {
    /// The element whose word is the first Gaussian's, low word first.
    pub index: [u32; 2],
    /// Stream, low word first.
    pub stream: [u32; 2],
    /// Seed, low word first.
    pub seed: [u32; 2],
    /// Rows of the matrix with orthonormal columns.
    pub rows: u32,
    /// Its columns, at most as many.
    pub columns: u32,
    /// First column of the block of reflectors.
    pub block: u32,
    /// Its place in the workspace.
    pub matrix: u32,
}

/// `Matrices` of `shaders/orthogonal_entry.wgsl`: orthogonal matrices side by side in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct MatricesRecord {
    /// Rows of a matrix as it lies in the tensor.
    pub rows: u32,
    /// Its columns.
    pub columns: u32,
    /// Elements for each entry.
    pub taps: u32,
    /// Which of them holds the entry.
    pub centre: u32,
    /// 1: taps are the outer axes.
    pub taps_first: u32,
    /// [`DType`](crate::DType) as a number.
    pub dtype: u32,
    /// f32 bits.
    pub gain: u32,
    /// The first matrix' place in the workspace.
    pub matrix: u32,
}

/// `Write` of `shaders/fill_orthogonal.wgsl`: a run of elements of orthogonal matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct WriteRecord {
    /// Which matrices.
    pub matrices: MatricesRecord,
    /// The first element, counted from the first matrix.
    pub element: u32,
    /// Elements to write.
    pub elements: u32,
    /// Position of the first in the output binding, in elements.
    pub position: u32,
}

/// `Axis` of `shaders/view.wgsl`. All zero: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct AxisRecord {
    /// Positions, 2 or more.
    pub count: u32,
    /// n / `count` is the high word of n · `magic`, shifted right by `shift`, for n < 2^31.
    pub magic: u32,
    /// See `magic`.
    pub shift: u32,
    /// From one position to the next in the output, in elements, or in groups of 16 bytes for a kernel of rows.
    pub stride: u32,
    /// From one position to the next in the tensor, in elements, low word first.
    pub step: [u32; 2],
}

/// The head of `View` of `shaders/view.wgsl`: a box of a tensor. The kernel's own `Draw` follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ViewRecord {
    /// The view's first tile in the dispatch.
    pub first_tile: u32,
    /// Units per tile.
    pub tile_units: u32,
    /// Units in all: Philox blocks of the box, or groups of 16 bytes for a kernel of rows.
    pub units: u32,
    /// Position of the first element in the output binding, in elements or groups.
    pub position: u32,
    /// Its logical index, low word first.
    pub index: [u32; 2],
    /// Elements that are neighbours in the tensor, whose blocks are units.
    pub run: u32,
    /// From one of them to the next in the output, in elements.
    pub run_stride: u32,
    /// Which axis counts these blocks; 8 if none does.
    pub run_axis: u32,
    /// Positions of the first axis that a unit takes together.
    pub wide: u32,
    /// From one of these to the next in the tensor, in elements, low word first.
    pub wide_step: [u32; 2],
    /// The axes, the fastest of memory first.
    pub axes: [AxisRecord; Shape::MAX_RANK],
}

/// `Draw` of `shaders/view_constant.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ViewConstantRecord {
    /// One element in the low bits.
    pub word: u32,
    /// Fills up the struct.
    pub padding: u32,
}

/// `Draw` of `shaders/view_listed.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ViewListedRecord {
    /// Where the view's units begin in the list, four words each.
    pub first_unit: u32,
    /// Fills up the struct.
    pub padding: u32,
}

/// `Draw` of `shaders/view_orthogonal.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
#[non_exhaustive]
pub struct ViewMatrixRecord {
    /// The matrix.
    pub matrices: MatricesRecord,
    /// Logical index of its first element, low word first.
    pub first: [u32; 2],
}

impl DrawRecord {
    /// The constants of a fill, for a kernel of one's own ([`wgsl::shared`](crate::wgsl::shared)); `None` for a law that is neither
    /// uniform nor normal nor truncated normal.
    ///
    /// ```
    /// use wgpu_init::{Fill, Initializer, Seed, Shape, plan::DrawRecord};
    /// let fill = Fill::new(Shape::new([768])?, Initializer::normal(0.5, 0.02))?.named(Seed::new(42), "bias");
    /// let draw = DrawRecord::of(&fill)?.expect("a normal law");
    /// assert_eq!((draw.scale, draw.seed), (0.02f32.to_bits(), [42, 0]));
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// On the CPU, [`CpuExecutor`](crate::CpuExecutor) writes the numbers that a kernel draws with it, and for one element there are the
    /// functions of [`value`](crate::value):
    ///
    /// ```
    /// use wgpu_init::value::{draw::draw_normal, word::value_word};
    /// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape, Stream};
    /// let fill = Fill::new(Shape::new([768])?, Initializer::normal(0.5, 0.02))?.named(Seed::new(42), "bias");
    /// let mut values = [0f32; 768];
    /// CpuExecutor::new().run([(&mut values, &fill)])?;
    /// let word = value_word(42, Stream::from_name("bias").get(), 700);
    /// assert_eq!(values[700].to_bits(), draw_normal(word, 0.02, 0.5)); // word, standard deviation, mean
    /// # Ok::<(), wgpu_init::Error>(())
    /// ```
    ///
    /// # Errors
    /// What is wrong with the fill.
    pub fn of(fill: &Fill) -> Result<Option<Self>> {
        let job = fill.resolve()?.job;
        Ok(match &job.program {
            Program::Elementwise(Elementwise::Affine(affine)) => Some(Self::new(job.first, &job.source, affine)),
            Program::Elementwise(
                Elementwise::Constant(_) | Elementwise::Computed(..) | Elementwise::Delta(..) | Elementwise::Sparse(..),
            )
            | Program::Orthogonal(_) => None,
        })
    }

    pub(super) fn new(first: u64, source: &Source, affine: &Affine) -> Self {
        let (window_low, window_range) = match affine.unit {
            Unit::Truncated { low, range } => (low, range),
            Unit::Uniform | Unit::Normal => (0, 0),
        };
        Self {
            index: halves(first),
            stream: halves(source.stream),
            seed: halves(source.seed),
            scale: affine.scale.to_bits(),
            shift: affine.shift.to_bits(),
            low_key: affine.bounds.low_key,
            high_key: affine.bounds.high_key,
            window_low,
            window_range,
        }
    }
}

impl DeltaRecord {
    pub(super) fn new(job: &Job<Elementwise>, delta: &Delta, word: u32) -> Self {
        let Delta { inner, period, limit, stride, centre } = *delta;
        // Before the law begins, where a view's blocks may reach, places wrap.
        let place = halves(job.first.wrapping_sub(job.source.origin));
        let packing = u32::BITS / mask(job.dtype).count_ones();
        Self { place, inner, period, limit, stride, centre, word, packing: packing.ilog2(), padding: 0 }
    }
}

impl SparseRecord {
    pub(super) fn new(job: &Job<Elementwise>, sparse: &Sparse, scale: f32) -> Self {
        let Sparse { columns, length, zeros, by_rows } = *sparse;
        Self {
            index: halves(job.first),
            stream: halves(job.source.stream),
            seed: halves(job.source.seed),
            origin: halves(job.source.origin),
            scale: scale.to_bits(),
            columns,
            length,
            zeros,
            by_rows: by_rows.into(),
            padding: 0,
        }
    }
}

impl MatricesRecord {
    /// Those of a job, the first of which has this place in the workspace.
    pub(super) fn new(job: &Job<Orthogonal>, matrix: u32) -> Self {
        let Orthogonal { frames, gain } = job.program;
        Self {
            rows: frames.rows,
            columns: frames.columns,
            taps: frames.taps,
            centre: frames.centre,
            taps_first: frames.taps_first.into(),
            dtype: job.dtype as u32,
            gain: gain.to_bits(),
            matrix,
        }
    }
}
