//! Arenas and their stretches, prepared recordings, and the workspace of orthogonal matrices across calls.

use crate::common::{poisoned_buffer, read_back};
use crate::harness::{Gpu, Test, compare, expected, spec};
use libtest_mimic::Failed;
use wgpu_init::gpu::Target;
use wgpu_init::{DType, Error, Fill, Initializer, Seed, Shape};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("prepared::a_fill_that_does_not_fit_its_stretch_leaves_the_neighbour", a_fill_that_does_not_fit_its_stretch),
    ("prepared::a_fill_moves_to_another_stretch", a_fill_moves_to_another_stretch),
    ("prepared::what_is_prepared_is_recorded_again", what_is_prepared_is_recorded_again),
    ("prepared::equal_matrices_are_worked_on_together", equal_matrices_are_worked_on_together),
    ("prepared::the_workspace_grows_and_is_let_go", the_workspace_grows_and_is_let_go),
];

fn normal(elements: u64) -> Fill {
    spec(Initializer::normal(0.0, 1.0), DType::F32, 0..elements, 0)
}

fn orthogonal(rows: u64, columns: u64, name: &str) -> Result<Fill, Failed> {
    Ok(Fill::new(Shape::new([rows, columns])?, Initializer::orthogonal(1.0))?.named(Seed::new(3), name))
}

fn a_fill_that_does_not_fit_its_stretch(gpu: &Gpu) -> Result<(), Failed> {
    let arena = poisoned_buffer(&gpu.device, 1024);
    let mut encoder = gpu.encoder();
    let (good, long) = (normal(64), normal(65));
    gpu.executor.record(&mut encoder, [(arena.slice(512..768), &good)])?;
    let refused = gpu.executor.record(&mut encoder, [(arena.slice(256..512), &long)]);
    let error = Error::TargetTooSmall { start: 0, end: 260, size: 256 };
    if refused.as_ref().map_err(Error::root) != Err(&error) {
        return Err(format!("{refused:?}").into());
    }
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &arena), &expected(1024, &[&[good.at(512)]])?)
}

fn a_fill_moves_to_another_stretch(gpu: &Gpu) -> Result<(), Failed> {
    let arena = poisoned_buffer(&gpu.device, 2048);
    let fill = normal(61).at(4);
    let mut encoder = gpu.encoder();
    let targets: [Target; 5] = [
        arena.slice(0..256).into(),
        arena.slice(260..512).into(),
        (&arena, 512..1000).into(),
        Target::new(&arena, 1000..1248),
        (arena.clone(), 1300..2048).into(),
    ];
    gpu.executor.record(&mut encoder, targets.into_iter().map(|target| (target, &fill)))?;
    let truth = [0, 260, 512, 1000, 1300].map(|start| fill.clone().at(start + 4));
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &arena), &expected(2048, &[&truth])?)
}

fn what_is_prepared_is_recorded_again(gpu: &Gpu) -> Result<(), Failed> {
    let size = 60_000;
    let fills =
        [orthogonal(70, 40, "a")?.at(4), normal(5_000).at(20_000), spec(Initializer::ones(), DType::F16, 0..7, 50_002)];
    let buffer = poisoned_buffer(&gpu.device, size);
    let prepared = gpu.executor.prepare(fills.iter().map(|fill| (&buffer, fill)))?;
    assert!(prepared.dispatches() >= 8 && prepared.bind_groups() <= prepared.dispatches(), "{prepared:?}");
    assert!(prepared.table_bytes() > 0 && prepared.workspace_bytes() >= 2 * 4 * 70 * 40, "{prepared:?}");
    let truth = expected(size, &[&fills])?;
    for _ in 0..2 {
        // Something else in between: the second recording has to do everything again.
        let other = spec(Initializer::constant(9.0), DType::F32, 0..size / 4, 0);
        let mut encoder = gpu.encoder();
        gpu.executor.record(&mut encoder, [(&buffer, &other)])?;
        prepared.record(&mut encoder);
        prepared.record(&mut encoder);
        let mut truth = expected(size, &[&[other], &fills])?;
        truth.truncate(usize::try_from(size)?);
        compare(&read_back(&gpu.device, &gpu.queue, encoder, &buffer), &truth)?;
    }
    let fresh = poisoned_buffer(&gpu.device, size);
    let mut encoder = gpu.encoder();
    gpu.executor.record(&mut encoder, fills.iter().map(|fill| (&fresh, fill)))?;
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &fresh), &truth)?;
    let nothing = gpu.executor.prepare::<Target, Fill>([])?;
    assert_eq!((nothing.dispatches(), nothing.bind_groups(), nothing.table_bytes()), (0, 0, 0));
    nothing.record(&mut gpu.encoder());
    Ok(())
}

/// Of tensors of their own, side by side in one arena.
fn equal_matrices_are_worked_on_together(gpu: &Gpu) -> Result<(), Failed> {
    let bytes = 64 * 66 * 4;
    let fills: Vec<Fill> = (0..80)
        .map(|number| Ok(orthogonal(64, 66, &format!("h.{number}"))?.at(number * bytes)))
        .collect::<Result<_, Failed>>()?;
    let arena = poisoned_buffer(&gpu.device, 80 * bytes);
    let prepared = gpu.executor.prepare(fills.iter().map(|fill| (&arena, fill)))?;
    let alone = gpu.executor.prepare([(&arena, &fills[0])])?;
    assert_eq!(prepared.dispatches(), alone.dispatches());
    let mut encoder = gpu.encoder();
    prepared.record(&mut encoder);
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &arena), &expected(80 * bytes, &[&fills])?)
}

fn the_workspace_grows_and_is_let_go(gpu: &Gpu) -> Result<(), Failed> {
    let size = 100_000;
    // The second needs more than the first left, the third less; all in one encoder, and one after the buffers were let go.
    let fills = [orthogonal(20, 10, "a")?, orthogonal(130, 70, "b")?.at(1_000), orthogonal(33, 40, "c")?.at(40_000)];
    let buffer = poisoned_buffer(&gpu.device, size);
    let mut encoder = gpu.encoder();
    for fill in &fills {
        gpu.executor.record(&mut encoder, [(&buffer, fill)])?;
    }
    gpu.executor.release_workspace();
    let last = orthogonal(50, 50, "d")?.at(60_000);
    gpu.executor.record(&mut encoder, [(&buffer, &last)])?;
    let all: Vec<Fill> = fills.into_iter().chain([last]).collect();
    compare(&read_back(&gpu.device, &gpu.queue, encoder, &buffer), &expected(size, &[&all])?)
}
