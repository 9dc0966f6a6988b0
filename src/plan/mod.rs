//! From fills to dispatches, as plain data: no GPU is needed to make a plan, and any WebGPU host can run it.
//!
//! A fill becomes an interior of whole, aligned 16-byte groups, written by the kernel of its distribution, and up to two
//! ragged edges, written word by word. All pieces of one kernel and one stretch of a buffer share a dispatch.
//!
//! ```
//! use wgpu_init::plan::{Device, Region, plan};
//! use wgpu_init::{Fill, Initializer, Seed, Shape};
//! let fill = Fill::new(Shape::new([768, 768])?, Initializer::normal(0.0, 0.02))?.named(Seed::new(42), "weight");
//! let size = 768 * 768 * 4;
//! let plan = plan(&[size], [(Region { buffer: 0, bytes: 0..size }, &fill)], &Device::default())?;
//! assert_eq!(plan.dispatches[0].kernel.name(), "fill_normal_f32");
//! # Ok::<(), wgpu_init::Error>(())
//! ```

mod batch;
mod device;
mod dispatch;
mod edge;
mod grid;
mod interior;
mod orthogonal;
mod path;
mod record;
mod tiling;
mod view;
mod window;

pub use device::Device;
pub use dispatch::{Bound, Dispatch, Plan};
pub(crate) use path::Path;
pub use record::{
    AxisRecord, ConstantRecord, DeltaRecord, DrawRecord, EdgeRecord, JobRecord, ListedRecord, MatricesRecord,
    SparseRecord, StepRecord, ViewConstantRecord, ViewListedRecord, ViewMatrixRecord, ViewRecord, WriteRecord,
};
pub use tiling::Tiling;

use crate::fill::{Boxes, Claim, Job, Work, check_overlap};
use crate::value::program::{Elementwise, Orthogonal, Program};
use crate::wgsl::Kernel;
use crate::{DType, Error, Fill, Initializer, Result};
use core::borrow::Borrow;
use core::ops::Range;
use dispatch::Planner;
use window::{Pieces, pack, split};

/// Where a fill goes: bytes of one of a plan's buffers. The fill's own offset counts from their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Which buffer.
    pub buffer: usize,
    /// Its bytes that the fill may write.
    pub bytes: Range<u64>,
}

/// Plans fills into regions of buffers, whose sizes in bytes are `buffers`.
///
/// Pure: the same arguments give the same plan. A fill without elements is checked and then ignored.
///
/// # Errors
/// [`Error::Fill`] around what is wrong with a fill; [`Error::Overlap`]; [`Error::DeviceLimit`].
pub fn plan<F: Borrow<Fill>>(
    buffers: &[u64],
    fills: impl IntoIterator<Item = (Region, F)>,
    device: &Device,
) -> Result<Plan> {
    let mut jobs = Jobs::new(device)?;
    for size in buffers {
        jobs.add_buffer(*size);
    }
    for (region, fill) in fills {
        jobs.add(&region, fill.borrow())?;
    }
    jobs.plan()
}

/// Fills that are being put together to a plan. Nothing here is generic: a caller's iterator ends in [`add`](Self::add).
pub(crate) struct Jobs<'a> {
    planner: Planner<'a>,
    /// Sizes of the buffers, and how many fills there were, those without elements too.
    buffers: Vec<u64>,
    fills: usize,
    /// By buffer: which fill writes what.
    claims: Vec<Vec<Claim>>,
    elementwise: Vec<Vec<Job<Elementwise>>>,
    views: Vec<Vec<(Job<Elementwise>, Boxes)>>,
    matrices: Vec<Matrices>,
}

/// Orthogonal matrices in a buffer: a run of their elements, or boxes.
struct Matrices {
    buffer: usize,
    job: Job<Orthogonal>,
    boxes: Option<Boxes>,
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(device: &'a Device) -> Result<Self> {
        device.check()?;
        let planner = Planner { device, plan: Plan::default() };
        let (buffers, claims, elementwise, views) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { planner, buffers, fills: 0, claims, elementwise, views, matrices: Vec::new() })
    }

    /// One more buffer, of this size; buffers are numbered from 0.
    pub(crate) fn add_buffer(&mut self, size: u64) {
        self.buffers.push(size);
        self.claims.push(Vec::new());
        self.elementwise.push(Vec::new());
        self.views.push(Vec::new());
    }

    pub(crate) fn add(&mut self, region: &Region, fill: &Fill) -> Result<()> {
        let index = self.fills;
        self.fills += 1;
        let work = place(&self.buffers, region, fill).and_then(|work| {
            if let Program::Orthogonal(Orthogonal { frames, .. }) = &work.job.program {
                self.planner.check_orthogonal(frames)?;
            }
            Ok(work)
        });
        let work = work.map_err(|error| error.in_fill(index, fill.name()))?;
        if work.job.bytes.is_empty() {
            return Ok(());
        }
        let buffer = region.buffer;
        work.claim(index, &mut self.claims[buffer]);
        let Work { job, boxes } = work;
        match (job.program, boxes) {
            (Program::Elementwise(program), None) => self.elementwise[buffer].push(job.with(program)),
            (Program::Elementwise(program), Some(boxes)) => self.views[buffer].push((job.with(program), boxes)),
            (Program::Orthogonal(program), boxes) => {
                self.matrices.push(Matrices { buffer, job: job.with(program), boxes });
            }
        }
        Ok(())
    }

    pub(crate) fn plan(self) -> Result<Plan> {
        let Self { mut planner, mut claims, mut elementwise, views, mut matrices, .. } = self;
        // Every list is sorted by numbers of one type, here and below: one sort is compiled for all of them.
        for claims in &mut claims {
            check_overlap(claims)?;
        }
        for (buffer, jobs) in elementwise.iter_mut().enumerate() {
            jobs.sort_by_cached_key(|job| job.bytes.start);
            planner.elementwise(buffer, jobs)?;
        }
        for (buffer, views) in views.iter().enumerate().filter(|(_, views)| !views.is_empty()) {
            let planned = views
                .iter()
                .flat_map(|(job, boxes)| boxes.iter().map(move |lattice| view::Planned::elementwise(lattice, job)));
            planner.views(buffer, &planned.collect::<Vec<_>>(), [0; 3])?;
        }
        matrices.sort_by_cached_key(|matrices| matrices.job.bytes.start);
        matrices.sort_by_cached_key(|matrices| matrices.buffer as u64);
        planner.orthogonal(&matrices)?;
        Ok(planner.plan)
    }
}

impl Planner<'_> {
    /// Dispatches for the jobs of one buffer, sorted and disjoint.
    fn elementwise(&mut self, buffer: usize, jobs: &[Job<Elementwise>]) -> Result<()> {
        let (alignment, most) = (self.device.alignment(), self.device.largest_window());
        let mut interiors: Vec<(Path, Pieces<&Job<Elementwise>>)> = Vec::new();
        let mut edges = Vec::new();
        for job in jobs {
            let (head, interior, tail) = split(&job.bytes);
            if !interior.is_empty() {
                let path = Path::of(job, job.element_at(interior.start));
                match interiors.iter_mut().find(|(known, _)| *known == path) {
                    Some((_, pieces)) => pieces.push((interior, job)),
                    None => interiors.push((path, vec![(interior, job)])),
                }
            }
            edges.extend([head, tail].into_iter().filter(|edge| !edge.is_empty()).map(|edge| (edge, job)));
        }
        for (path, pieces) in interiors {
            for (window, pieces) in pack(pieces, alignment, most) {
                self.interior(path, buffer, &window, &pieces)?;
            }
        }
        for (window, pieces) in pack(edges, alignment, most) {
            self.edges(buffer, &window, &pieces)?;
        }
        Ok(())
    }
}

/// A fill in a buffer's own bytes.
fn place(buffers: &[u64], region: &Region, fill: &Fill) -> Result<Work> {
    let Work { job, boxes } = fill.resolve()?;
    let Some(size) = buffers.get(region.buffer).copied() else {
        return Err(Error::NoSuchBuffer { buffer: region.buffer, buffers: buffers.len() });
    };
    let Range { start, end } = region.bytes;
    if start > end || end > size {
        return Err(Error::TargetTooSmall { start, end, size });
    }
    if job.bytes.is_empty() {
        return Ok(Work { job, boxes });
    }
    if job.bytes.end > end - start {
        return Err(Error::TargetTooSmall { start: job.bytes.start, end: job.bytes.end, size: end - start });
    }
    // No sum overflows: all of it lies inside the buffer.
    let (offset, needed, dtype) = (start + job.bytes.start, job.dtype.size(), job.dtype);
    if offset % needed != 0 {
        return Err(Error::Misaligned { offset, needed, dtype });
    }
    let bytes = offset..start + job.bytes.end;
    if bytes.end > size / 4 * 4 {
        return Err(Error::IncompleteWord { start: bytes.start, end: bytes.end, size });
    }
    let moved =
        |boxes: Boxes| if start == 0 { boxes } else { boxes.iter().map(|lattice| lattice.moved(start)).collect() };
    let boxes = boxes.map(moved);
    Ok(Work { job: Job { bytes, ..job }, boxes })
}

/// The kernels that an initializer's fills may run, whatever the tensor's shape: what is worth compiling ahead. Not those of views.
#[must_use]
pub fn kernels(initializer: &Initializer, dtype: DType) -> Vec<Kernel> {
    use crate::distribution::{Law, Structured};
    use crate::initializer::{Asked, Spread};
    let mut kernels = vec![Kernel::FillEdge];
    let law = match initializer.0 {
        Asked::Scaled(scheme) => match scheme.spread() {
            Spread::Uniform => Kernel::FillUniform(dtype),
            Spread::Normal => Kernel::FillNormal(dtype),
            Spread::TruncatedNormal => Kernel::FillTruncated(dtype),
        },
        Asked::Axis { .. } | Asked::Stft(_) | Asked::Law(Law::Computed(_)) => Kernel::FillListed,
        Asked::Law(Law::Constant { .. }) => Kernel::FillConstant,
        Asked::Law(Law::Uniform { .. }) => Kernel::FillUniform(dtype),
        Asked::Law(Law::Normal { .. }) => Kernel::FillNormal(dtype),
        Asked::Law(Law::TruncatedNormal { .. }) => Kernel::FillTruncated(dtype),
        Asked::Structured(Structured::Eye { .. } | Structured::Dirac { .. }) | Asked::Law(Law::Delta { .. }) => {
            Kernel::FillDelta
        }
        Asked::Structured(Structured::Sparse { .. }) | Asked::Law(Law::Sparse { .. }) => Kernel::FillSparse(dtype),
        Asked::Structured(
            Structured::Orthogonal { .. } | Structured::DeltaOrthogonal { .. } | Structured::UnitRows { .. },
        )
        | Asked::Law(Law::Orthogonal { .. }) => {
            kernels.extend(Kernel::all().filter(|kernel| kernel.uses_workspace()));
            return kernels;
        }
    };
    kernels.push(law);
    kernels
}
