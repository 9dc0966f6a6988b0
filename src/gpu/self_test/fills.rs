//! What the self-test fills.

use crate::{DType, Fill, Initializer, Result, Seed, Shape, Stream, View};
use core::ops::Range;

/// Elements of each elementwise fill that is compared, odd so that edges take part.
const ELEMENTS: u64 = 4099;

/// Fills that together run every kernel of these element types but those of views.
pub(super) fn fills(dtypes: &[DType]) -> Result<Vec<Fill>> {
    let anywhere = [
        // Clamped in every dtype; not in f32, and by one of the two in the others, which round one bound down and the other up.
        Initializer::uniform(1.0, 1.0 + 2f64.powi(-22)),
        Initializer::uniform(-0.1, 0.1),
        Initializer::uniform(-0.7, 0.7),
        Initializer::normal(0.7, 0.02),
        // In f32 a window is one of words: nothing is left to clamp.
        Initializer::trunc_normal(0.01, 0.05, -0.1, 0.1),
        Initializer::trunc_normal(0.01, 0.3, -0.7, 0.7),
        Initializer::constant(0.3),
        Initializer::log_uniform(0.001, 0.1),
    ];
    let placed = [
        (Initializer::eye(0.7), vec![61, 67]),
        (Initializer::sparse(0.4, 0.02), vec![61, 67]),
        (Initializer::sparse_rows(0.4, 0.02), vec![61, 67]),
        // Two blocks of reflectors; another tap than the middle one is zero.
        (Initializer::orthogonal_batch(-0.7, 1), vec![2, 70, 40]),
        (Initializer::delta_orthogonal(1.3), vec![40, 33, 3]),
    ];
    let (seed, stream) = (Seed::new(0x0123_4567_89ab_cdef), Stream::from_name("self_test"));
    let mut fills = Vec::new();
    for dtype in dtypes.iter().copied() {
        for initializer in anywhere {
            // Interiors begin at the start of a Philox block, and inside one.
            for start in [(1u64 << 35) + 1, (1 << 35) + 3] {
                let fill = Fill::new(Shape::new([1 << 40])?, initializer)?.elements(start..start + ELEMENTS);
                fills.push(fill.keyed(seed, stream).dtype(dtype));
            }
        }
        for (initializer, dims) in &placed {
            let shape = Shape::new(dims.clone())?;
            let elements = shape.elements();
            for start in [1, 3] {
                let fill = Fill::new(shape.clone(), *initializer)?.elements(start..elements);
                fills.push(fill.keyed(seed, stream).dtype(dtype));
            }
        }
    }
    Ok(fills)
}

/// Packed views and how many elements each has: every law, every dtype and every number of axes that has a pipeline of its own, and not all
/// of them together. They draw by the functions of the fills, and differ in what goes where.
pub(super) fn views(dtypes: &[DType]) -> Result<Vec<(Fill, u64)>> {
    let key = (Seed::new(0x0123_4567_89ab_cdef), Stream::from_name("self_test"));
    let mut fills = Vec::new();
    let mut push = |initializer: Initializer, dtype, dims: &[u64], order: &[usize], columns: Option<Range<u64>>| {
        let shape = Shape::new(dims)?;
        let mut view = View::new(&shape).permuted(order)?;
        if let Some(columns) = columns {
            view = view.part(dims.len() - 1, columns)?;
        }
        let elements = view.elements();
        let fill = Fill::new(shape, initializer)?.keyed(key.0, key.1).dtype(dtype).view(view);
        fills.push((fill, elements));
        Ok(())
    };
    let normal = Initializer::normal(0.7, 0.02);
    for dtype in dtypes.iter().copied() {
        push(normal, dtype, &[61, 67], &[1, 0], None)?;
        // Neighbours in memory that share words and no block.
        push(normal, dtype, &[60, 68], &[1, 0], None)?;
        push(normal, dtype, &[61, 64], &[0, 1], Some(16..48))?;
    }
    // The laws by the first of the types.
    let Some(&first) = dtypes.first() else { return Ok(fills) };
    push(normal, first, &[9, 10, 24], &[1, 0, 2], Some(3..20))?;
    push(normal, first, &[5, 6, 7, 8], &[3, 1, 0, 2], None)?;
    for initializer in [
        Initializer::uniform(1.0, 1.0 + 2f64.powi(-22)),
        Initializer::trunc_normal(0.01, 0.05, -0.1, 0.1),
        Initializer::constant(0.3),
        Initializer::log_uniform(0.001, 0.1),
        Initializer::eye(0.7),
        Initializer::sparse(0.4, 0.02),
        Initializer::orthogonal(-0.7),
    ] {
        push(initializer, first, &[61, 64], &[1, 0], None)?;
        push(initializer, first, &[61, 64], &[0, 1], Some(16..48))?;
    }
    Ok(fills)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Device, Path, Region, plan};
    use crate::wgsl::Kernel;
    use std::collections::BTreeSet;

    fn paths(fills: impl IntoIterator<Item = Fill>) -> BTreeSet<Path> {
        let size = 1 << 20;
        let fills: Vec<Fill> = fills.into_iter().collect();
        let regions = (0..).zip(&fills).map(|(buffer, fill)| (Region { buffer, bytes: 0..size }, fill.clone()));
        let plan = plan(&vec![size; fills.len()], regions, &Device::default()).expect("a plan");
        plan.dispatches.iter().map(crate::plan::Dispatch::path).collect()
    }

    #[test]
    fn the_self_test_runs_every_kernel_with_every_constant() {
        let fills = fills(DType::ALL).expect("valid fills").into_iter().map(|fill| {
            let beside = fill.element_type().size();
            fill.at(beside)
        });
        let mut run = paths(fills);
        run.extend([Kernel::CheckNormal, Kernel::CheckPhilox].map(Path::plain));
        assert_eq!(run, Kernel::all().filter(|kernel| !kernel.has_axes()).flat_map(Path::all).collect());
    }

    #[test]
    fn the_self_test_has_views_of_every_law_dtype_and_number_of_axes() {
        let run = paths(views(DType::ALL).expect("valid fills").into_iter().map(|(fill, _)| fill));
        let kernels: BTreeSet<Kernel> = run.iter().map(|path| path.kernel).collect();
        let of_f32 = Kernel::all().filter(|kernel| kernel.has_axes() && kernel.name().ends_with("_f32"));
        let of_normal = DType::ALL.iter().flat_map(|dtype| [Kernel::ViewNormal(*dtype), Kernel::RowsNormal(*dtype)]);
        let missing: Vec<Kernel> = of_f32.chain(of_normal).filter(|kernel| !kernels.contains(kernel)).collect();
        assert_eq!(missing, []);
        let axes: BTreeSet<u32> = run.iter().filter(|path| path.kernel.has_axes()).map(|path| path.axes).collect();
        assert_eq!(
            axes,
            Kernel::all().flat_map(Path::all).filter(|path| path.kernel.has_axes()).map(|path| path.axes).collect()
        );
    }

    #[test]
    fn the_self_test_of_an_element_type_runs_all_its_kernels_and_those_of_no_other() {
        for dtype in DType::ALL {
            let beside = |fill: Fill| fill.at(dtype.size());
            let views = views(&[*dtype]).expect("valid fills").into_iter().map(|(fill, _)| fill);
            let mut run = paths(fills(&[*dtype]).expect("valid fills").into_iter().map(beside));
            run.extend(paths(views));
            let run: BTreeSet<&str> = run.iter().map(|path| path.kernel.name()).collect();
            for kernel in Kernel::all().map(Kernel::name) {
                let of = DType::ALL.iter().find(|of| kernel.ends_with(&format!("_{}", of.name())));
                match of {
                    Some(of) => assert_eq!(run.contains(kernel), of == dtype, "{kernel} in that of {dtype}"),
                    None => {
                        assert!(run.contains(kernel) || kernel.starts_with("check_"), "{kernel} in that of {dtype}")
                    }
                }
            }
        }
    }
}
