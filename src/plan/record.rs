//! Host side of the structs in the shaders: `Draw` (`shaders/draw.wgsl`), `Job` (`shaders/fill_main.wgsl`) and `Edge`
//! (`shaders/fill_edge.wgsl`). `tests/shaders.rs` compares the layouts with what naga computes.

use crate::fill::Job;
use crate::value::delta::Delta;
use crate::value::sparse::Sparse;
use crate::value::word::halves;
use bytemuck::{Pod, Zeroable};

/// `Draw` of the shaders: the constants that turn words into the values of one fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct DrawRecord {
    /// Logical index of the first element, low word first.
    pub index: [u32; 2],
    /// Stream, low word first.
    pub stream: [u32; 2],
    /// Seed, low word first.
    pub seed: [u32; 2],
    /// See [`Constants::scale`](crate::Constants::scale).
    pub scale: u32,
    /// See [`Constants::shift`](crate::Constants::shift).
    pub shift: u32,
    /// See [`Constants::low_key`](crate::Constants::low_key).
    pub low_key: u32,
    /// See [`Constants::high_key`](crate::Constants::high_key).
    pub high_key: u32,
    /// See [`Constants::window_low`](crate::Constants::window_low).
    pub window_low: u32,
    /// See [`Constants::window_range`](crate::Constants::window_range).
    pub window_range: u32,
}

/// `Job` of the shaders: a run of whole 16-byte groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct JobRecord {
    /// The job's first tile in the dispatch.
    pub first_tile: u32,
    /// Groups per tile.
    pub tile_groups: u32,
    /// Groups in all.
    pub groups: u32,
    /// Position in the output binding, in groups.
    pub first_group: u32,
    /// The constants.
    pub draw: DrawRecord,
}

/// `Step` of the shaders: the steps of orthogonal matrices (`shaders/orthogonal_step.wgsl`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct StepRecord {
    /// Rows of the matrices with orthonormal columns.
    pub rows: u32,
    /// Their columns, at most as many.
    pub columns: u32,
    /// First column of the block of reflectors.
    pub block: u32,
    /// Entries of all matrices of the dispatch.
    pub entries: u32,
    /// The element whose word is the first Gaussian's, low word first.
    pub index: [u32; 2],
    /// Stream, low word first.
    pub stream: [u32; 2],
    /// Seed, low word first.
    pub seed: [u32; 2],
}

/// `Write` of the shaders: elements of orthogonal matrices (`shaders/fill_orthogonal.wgsl`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct WriteRecord {
    /// Rows of a matrix as it lies in the tensor.
    pub rows: u32,
    /// Its columns.
    pub columns: u32,
    /// Elements for each entry.
    pub taps: u32,
    /// Which of them holds the entry.
    pub centre: u32,
    /// 1: taps are the outer axes.
    pub flags: u32,
    /// [`DType`](crate::DType) as a number.
    pub dtype: u32,
    /// f32 bits.
    pub gain: u32,
    /// The first element, counted from the first matrix of the workspace.
    pub element: u32,
    /// Elements to write.
    pub elements: u32,
    /// Position of the first in the output binding, in elements.
    pub position: u32,
}

/// `Edge` of the shaders: a few elements at the ragged end of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct EdgeRecord {
    /// [`Kind`](crate::Kind) as a number.
    pub kind: u32,
    /// [`DType`](crate::DType) as a number.
    pub dtype: u32,
    /// Elements to write.
    pub elements: u32,
    /// Position of the first in the output binding, in elements.
    pub position: u32,
    /// The constants.
    pub draw: DrawRecord,
}

impl DrawRecord {
    /// For [`Kernel::FillListed`](crate::wgsl::Kernel::FillListed): where the job's groups begin in the list, in groups.
    pub(crate) fn listed(first_group: u32) -> Self {
        Self { index: [first_group, 0], ..Self::zeroed() }
    }

    /// For [`Kernel::FillDelta`](crate::wgsl::Kernel::FillDelta); the fields stand for others, see the shader.
    pub(crate) fn delta(job: &Job, delta: &Delta, origin: u64) -> Self {
        Self {
            index: halves(job.first - origin),
            stream: [delta.inner, delta.period],
            seed: [delta.stride, delta.centre],
            scale: job.constants.scale,
            shift: delta.limit,
            low_key: u32::from(job.constants.dtype.size() == 2),
            ..Self::zeroed()
        }
    }

    /// For [`Kernel::FillSparse`](crate::wgsl::Kernel::FillSparse); the last fields stand for others, see the shader.
    pub(crate) fn sparse(job: &Job, sparse: &Sparse, origin: u64) -> Self {
        let [window_low, window_range] = halves(origin);
        let low_key = sparse.length | u32::from(sparse.by_rows) << 31;
        let (shift, high_key) = (sparse.columns, sparse.zeros);
        Self { shift, low_key, high_key, window_low, window_range, ..Self::new(job) }
    }

    /// For a constant in an [`EdgeRecord`].
    pub(crate) fn constant(scale: u32) -> Self {
        Self { scale, ..Self::zeroed() }
    }

    pub(crate) fn new(job: &Job) -> Self {
        let c = &job.constants;
        Self {
            index: halves(job.first),
            stream: halves(job.stream),
            seed: halves(job.seed),
            scale: c.scale,
            shift: c.shift,
            low_key: c.low_key,
            high_key: c.high_key,
            window_low: c.window_low,
            window_range: c.window_range,
        }
    }
}
