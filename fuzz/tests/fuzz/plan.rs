//! Plans of views for any device: each byte is written once and no limit is passed, or there is a typed error.

use crate::partition::{Dice, partition};
use crate::replay;
use wgpu_init::plan::{Device, Region, Tiling, plan};
use wgpu_init::{DType, Error};

/// A limit as devices have it, or as nobody would build it.
fn limit(dice: &mut Dice<'_>, usual: &[u64]) -> u64 {
    let odd = [0, 1, 2, 3, 15, 16, 17, 255, 257, 1 << 31, u64::from(u32::MAX), 1 << 32, 1 << 40, u64::MAX];
    let of = |dice: &mut Dice<'_>, list: &[u64]| list[usize::try_from(dice.below(list.len() as u64)).expect("small")];
    match dice.below(4) {
        0 => of(dice, &odd),
        1 => dice.below(70_000),
        _ => of(dice, usual),
    }
}

pub(crate) fn target(bytes: &[u8]) {
    let dice = &mut Dice::of(bytes);
    let narrow = |limit: u64| u32::try_from(limit).unwrap_or(u32::MAX);
    let mut device = Device::default();
    device.max_binding_size = limit(dice, &[300, 512, 1024, 16 << 10, 128 << 20]);
    device.max_buffer_size = limit(dice, &[1 << 28]).max(if dice.below(3) == 0 { 0 } else { 1 << 20 });
    device.offset_alignment = limit(dice, &[4, 32, 256]);
    device.max_workgroups_per_dimension = narrow(limit(dice, &[1, 7, 65_535]));
    device.max_workgroup_size = narrow(limit(dice, &[1, 64, 256]));
    device.tiling = Tiling {
        workgroup_size: narrow(limit(dice, &[32, 64, 256])),
        most_groups: narrow(limit(dice, &[1, 16, 1 << 15])),
        enough_workgroups: narrow(limit(dice, &[1, 1024])),
    };
    let partition = partition(dice, DType::ALL);
    let region = Region { buffer: 0, bytes: 0..partition.size };
    let fills = partition.parts.iter().map(|part| (region.clone(), part));
    let plan = match plan(&[partition.size], fills, &device) {
        Ok(plan) => plan,
        Err(error) => {
            assert!(matches!(error.root(), Error::DeviceLimit { .. }), "{}: {error} on {device:?}", partition.what);
            return;
        }
    };
    replay::keeps_to(&plan, &device);
    assert!(replay::written(&plan) == partition.bytes(), "{device:?}: {}", partition.what);
}
