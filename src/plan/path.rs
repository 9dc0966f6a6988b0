//! Which pipeline a job runs on: a kernel, and its override constants besides the workgroup size.

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
    /// The most axes that a view has.
    pub(crate) axes: u32,
}

/// Numbers of axes that have a pipeline of their own.
const AXES: [u32; 3] = [2, 3, MOST_AXES];
/// The most that there are.
pub(crate) const MOST_AXES: u32 = 8;

impl Path {
    /// A kernel with every constant at its default.
    pub(crate) const fn plain(kernel: Kernel) -> Self {
        Self { kernel, aligned: true, clamped: true, axes: MOST_AXES }
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
        Self { aligned, clamped: !kernel.has_clamped() || bounds != Bounds::NONE, ..Self::plain(kernel) }
    }

    /// Of a view; `rows`: of whole groups.
    pub(super) fn of_view(program: &Elementwise, dtype: DType, rows: bool) -> Self {
        let either = |of_rows: fn(DType) -> Kernel, of_units: fn(DType) -> Kernel| {
            if rows { of_rows(dtype) } else { of_units(dtype) }
        };
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
            Elementwise::Computed(..) => (Kernel::ViewListed(dtype), Bounds::NONE),
            Elementwise::Delta(..) => (Kernel::ViewDelta(dtype), Bounds::NONE),
            Elementwise::Sparse(..) => (Kernel::ViewSparse(dtype), Bounds::NONE),
        };
        Self { clamped: !kernel.has_clamped() || bounds != Bounds::NONE, ..Self::plain(kernel) }
    }

    /// The same for views of so many axes.
    pub(super) fn of_axes(self, axes: usize) -> Self {
        let enough = AXES.into_iter().find(|most| *most as usize >= axes);
        Self { axes: enough.unwrap_or(MOST_AXES), ..self }
    }

    /// Every path of a kernel that a plan may have.
    #[cfg(feature = "gpu")]
    pub(crate) fn all(kernel: Kernel) -> impl Iterator<Item = Self> {
        let aligned: &[bool] = if kernel.has_aligned() { &[true, false] } else { &[true] };
        let clamped: &[bool] = match kernel {
            // Without bounds, and with a window of words whose values are inside.
            Kernel::FillNormal(_)
            | Kernel::FillTruncated(DType::F32)
            | Kernel::ViewNormal(_)
            | Kernel::RowsNormal(_) => &[false],
            _ if kernel.has_clamped() => &[true, false],
            _ => &[true],
        };
        let axes: &[u32] = if kernel.has_axes() { &AXES } else { &[MOST_AXES] };
        let mut all = Vec::new();
        for (aligned, clamped) in
            aligned.iter().flat_map(|aligned| clamped.iter().map(move |clamped| (*aligned, *clamped)))
        {
            all.extend(axes.iter().map(|axes| Self { kernel, aligned, clamped, axes: *axes }));
        }
        all.into_iter()
    }

    /// The constants that the kernel has, by name.
    pub(crate) fn constants(self) -> impl Iterator<Item = (&'static str, f64)> {
        let flag = |set: bool| f64::from(u8::from(set));
        let aligned = self.kernel.has_aligned().then_some(("aligned", flag(self.aligned)));
        let clamped = self.kernel.has_clamped().then_some(("clamped", flag(self.clamped)));
        let axes = self.kernel.has_axes().then_some(("axes", f64::from(self.axes)));
        aligned.into_iter().chain(clamped).chain(axes)
    }
}
