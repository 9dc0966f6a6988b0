//! Host side of the structs in the shaders: `Draw` (`shaders/draw.wgsl`), `Job` (`shaders/fill_main.wgsl`) and `Edge`
//! (`shaders/fill_edge.wgsl`). `tests/shaders.rs` compares the layouts with what naga computes.

use crate::fill::Job;
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
