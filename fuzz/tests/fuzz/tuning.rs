//! A tuning that was kept in a file, which anything may have written to.

use crate::target::edited;
use arbitrary::{Result, Unstructured};
use wgpu_init::gpu::Tuning;
use wgpu_init::plan::{Device, Region, plan};
use wgpu_init::{Fill, Initializer, Seed, Shape};

const WORDS: &[&str] =
    &[" ", "x", "0", "1", "4294967295", "4294967296", "-1", "native", "portable", "uniform", "workgroup", "\n", "é"];

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let text = edited(u, "native workgroup 256x64x1024", WORDS)?;
    let Ok(tuning) = text.parse::<Tuning>() else { return Ok(()) };
    assert!(tuning.to_string().parse::<Tuning>().is_ok_and(|again| again == tuning), "{text:?}");
    let shape = Shape::new([u.int_in_range(0..=100_000)?]).expect("a shape");
    let fill = Fill::new(shape, Initializer::normal(0.0, 1.0)).expect("valid").named(Seed::new(1), "w");
    let mut device = Device::default();
    device.tiling = tuning.tiling;
    let planned = plan(&[400_000], [(Region { buffer: 0, bytes: 0..400_000 }, fill)], &device);
    assert!(planned.is_ok(), "{text:?}: {planned:?}");
    Ok(())
}
