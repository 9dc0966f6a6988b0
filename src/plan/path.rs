//! Which pipeline a job runs on: a kernel, and its override constants besides the workgroup size.

#[cfg(feature = "gpu")]
use crate::DType;
use crate::fill::Job;
use crate::value::program::{Bounds, Elementwise, Unit};

use crate::wgsl::Kernel;

/// A kernel with its constants. Those that it does not have are as in [`Path::plain`], so that equal pipelines are equal paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Path {
    pub(crate) kernel: Kernel,
    /// Whether each job begins with the first element of a Philox block.
    pub(crate) aligned: bool,
    /// Whether values have to be put back inside their bounds.
    pub(crate) clamped: bool,
}

impl Path {
    /// A kernel with every constant at its default.
    pub(crate) const fn plain(kernel: Kernel) -> Self {
        Self { kernel, aligned: true, clamped: true }
    }

    /// Of an interior whose first element has this index.
    pub(super) fn of(job: &Job<Elementwise>, first: u64) -> Self {
        let dtype = job.dtype;
        let (kernel, bounds) = match &job.program {
            Elementwise::Constant(_) => (Kernel::FillConstant, Bounds::NONE),
            Elementwise::Affine(affine) => {
                let kernel = match affine.unit {
                    Unit::Uniform => Kernel::FillUniform(dtype),
                    Unit::Normal => Kernel::FillNormal(dtype),
                    Unit::Truncated { .. } => Kernel::FillTruncated(dtype),
                };
                (kernel, affine.bounds)
            }
            Elementwise::Computed(..) => (Kernel::FillListed, Bounds::NONE),
            Elementwise::Delta(..) => (Kernel::FillDelta, Bounds::NONE),
            Elementwise::Sparse(..) => (Kernel::FillSparse(dtype), Bounds::NONE),
        };
        let aligned = !kernel.has_aligned() || first & 3 == 0;
        Self { kernel, aligned, clamped: !kernel.has_clamped() || bounds != Bounds::NONE }
    }

    /// Of a view; `rows`: of whole groups.
    pub(super) fn of_view(program: &Elementwise, rows: bool) -> Self {
        let either = |of_rows, of_units| if rows { of_rows } else { of_units };
        let (kernel, bounds) = match program {
            Elementwise::Constant(_) => (either(Kernel::RowsConstant, Kernel::ViewConstant), Bounds::NONE),
            Elementwise::Affine(affine) => {
                let kernel = match affine.unit {
                    Unit::Uniform => either(Kernel::RowsUniform, Kernel::ViewUniform),
                    Unit::Normal => either(Kernel::RowsNormal, Kernel::ViewNormal),
                    Unit::Truncated { .. } => either(Kernel::RowsTruncated, Kernel::ViewTruncated),
                };
                (kernel, affine.bounds)
            }
            Elementwise::Computed(..) => (Kernel::ViewListed, Bounds::NONE),
            Elementwise::Delta(..) => (Kernel::ViewDelta, Bounds::NONE),
            Elementwise::Sparse(..) => (Kernel::ViewSparse, Bounds::NONE),
        };
        Self { kernel, aligned: true, clamped: !kernel.has_clamped() || bounds != Bounds::NONE }
    }

    /// Every path of a kernel that a plan may have.
    #[cfg(feature = "gpu")]
    pub(crate) fn all(kernel: Kernel) -> impl Iterator<Item = Self> {
        let aligned: &[bool] = if kernel.has_aligned() { &[true, false] } else { &[true] };
        let clamped: &[bool] = match kernel {
            // Without bounds, and with a window of words whose values are inside.
            Kernel::FillNormal(_) | Kernel::FillTruncated(DType::F32) | Kernel::ViewNormal | Kernel::RowsNormal => {
                &[false]
            }
            _ if kernel.has_clamped() => &[true, false],
            _ => &[true],
        };
        let path = move |(aligned, clamped): (&bool, &bool)| Self { kernel, aligned: *aligned, clamped: *clamped };
        aligned.iter().flat_map(move |aligned| clamped.iter().map(move |clamped| path((aligned, clamped))))
    }

    /// The constants that the kernel has, by name.
    pub(crate) fn flags(self) -> impl Iterator<Item = (&'static str, bool)> {
        let aligned = self.kernel.has_aligned().then_some(("aligned", self.aligned));
        let clamped = self.kernel.has_clamped().then_some(("clamped", self.clamped));
        aligned.into_iter().chain(clamped)
    }
}
