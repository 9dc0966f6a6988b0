//! Checkpoints whose numbers may be anything: an audit of them ends, its chances are chances, and only what is right is clean.

use arbitrary::{Result, Unstructured};
use std::ops::ControlFlow;
use wgpu_init::{DType, Seed, Shape};
use wgpu_init_models::audit::{Checkpoint, Expected, Options, audit};
use wgpu_init_models::checkpoint::{Drawer, Layout, Origin, Scheme, Tensor, write};
use wgpu_init_models::{Assignments, Parameter};

const LAWS: &[&str] = &[
    "normal(0,0.02)",
    "uniform(-0.1,0.1)",
    "trunc_normal(0,0.02,-0.04,0.04)",
    "zeros",
    "constant(0.5)",
    "kaiming_uniform(fan_in,relu)",
    "orthogonal(1)",
    "sparse(0.5,0.01)",
    "eye(1)",
    "log_uniform(0.001,0.1)",
];

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let dtype = *u.choose(DType::ALL)?;
    let law = u.choose(LAWS)?.parse().expect("a law");
    let mut dims = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        dims.push(if u.ratio(1, 4)? { u.int_in_range(0..=3)? } else { u.int_in_range(0..=40)? });
    }
    let parameters =
        ["a.weight", "b.weight"].map(|name| Parameter::new(name, Shape::new(dims.as_slice()).expect("a shape")));
    let Ok(all) = Assignments::of_all(law, &parameters, &|_| true) else { return Ok(()) };
    let tensors: Vec<_> = all.list.iter().cloned().map(|one| Tensor::new(one, dtype).expect("small")).collect();
    let layout = Layout::new(tensors).expect("small");
    let origin = Origin::new(Seed::new(u.arbitrary()?), None, &Scheme::Init(law), &layout);
    let header = layout.header(&origin.metadata().expect("small")).expect("small");
    let (mut file, mut drawer) = (Vec::new(), Drawer::cpu(layout.largest_whole()));
    let drawn =
        write(&layout, &header, origin.effective_seed(), &mut drawer, &mut file, &|_| ControlFlow::Continue(()));
    if drawn.is_err() {
        return Ok(());
    }
    let data = &mut file[header.len()..];
    let before = data.to_vec();
    for _ in 0..u.int_in_range(0..=3)? {
        let start = u.int_in_range(0..=data.len())?;
        let end = u.int_in_range(start..=data.len())?;
        let random: [u8; 4] = u.arbitrary()?;
        let with = *u.choose(&[[0; 4], [0xFF; 4], [0, 0, 0x80, 0x7F], [0, 0, 0xC0, 0x7F], random])?;
        if u.ratio(1, 3)? {
            data.copy_within(start..end, 0);
        } else {
            data[start..end].iter_mut().zip(with.iter().cycle()).for_each(|(byte, with)| *byte = *with);
        }
    }
    let all_nan = u.ratio(1, 8)? && dtype == DType::F32 && !data.is_empty();
    if all_nan {
        data.fill(0xFF);
    }
    let is_changed = *data != before;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    std::fs::write(&path, &file).expect("written");
    let checkpoint = Checkpoint::open([&path]).expect("a good header");
    let expected = Expected::by_assignments(all.list, &checkpoint);
    let mut options = Options::default();
    // No input of hours is called wrong by chance.
    options.level = 1e-12;
    let report = audit(&checkpoint, &expected, &options, &|_| ControlFlow::Continue(())).expect("it is read");
    assert!((0.0..=1.0).contains(&report.least_p), "{report:?}");
    for tensor in &report.tensors {
        assert!((0.0..=1.0).contains(&tensor.p), "{tensor:?}");
        assert!(tensor.range.is_none_or(|[least, most]| least <= most), "{tensor:?}");
    }
    assert!(is_changed || report.is_clean(), "{law} {dtype} {dims:?} is right: {:?}", report.findings);
    assert!(!all_nan || !report.is_clean(), "no number at all: {report:?}");
    Ok(())
}
