//! Fills on every adapter: distribution × dtype × size, warm and first touch, against `clear_buffer`.

mod common;

use common::law::Law;
use common::{Gpu, Group};
use wgpu_init::DType;

const MIB: u64 = 1 << 20;
const SIZES: [u64; 2] = [MIB, 64 * MIB];
/// Only f32 is measured at this size.
const LARGE: u64 = 256 * MIB;

fn main() {
    let mut criterion = common::criterion();
    for gpu in common::gpus() {
        let mut group = Group::new(&mut criterion, &format!("fill {}", gpu.label));
        let mut sizes = common::sizes(&SIZES);
        sizes.extend((!common::is_test() && gpu.holds(LARGE)).then_some(LARGE));
        for bytes in sizes {
            warm(&mut group, &gpu, bytes);
            first_touch(&mut group, &gpu, bytes);
        }
        group.finish();
    }
    criterion.final_summary();
}

fn size(bytes: u64) -> String {
    format!("{} KiB", bytes >> 10)
}

fn warm(group: &mut Group<'_>, gpu: &Gpu, bytes: u64) {
    let target = gpu.clock.storage(bytes);
    group.measure(&format!("warm {}/clear", size(bytes)), bytes, || {
        gpu.clock.work(&mut |encoder| {
            encoder.clear_buffer(&target, 0, None);
            Ok(())
        })
    });
    let dtypes: &[DType] = if bytes == LARGE { &[DType::F32] } else { DType::ALL };
    for dtype in dtypes {
        for law in Law::ALL {
            let specs = [law.tensor(*dtype, bytes).expect("a valid tensor")];
            group.measure(&format!("warm {}/{} {dtype}", size(bytes), law.name()), bytes, || {
                gpu.clock.work(&mut |encoder| gpu.record(encoder, &target, &specs))
            });
        }
    }
}

fn first_touch(group: &mut Group<'_>, gpu: &Gpu, bytes: u64) {
    group.measure(&format!("first touch {}/clear", size(bytes)), bytes, || {
        gpu.clock.first_touch(bytes, |encoder, target| {
            encoder.clear_buffer(target, 0, None);
            Ok(())
        })
    });
    for law in Law::ALL {
        let specs = [law.tensor(DType::F32, bytes).expect("a valid tensor")];
        group.measure(&format!("first touch {}/{} f32", size(bytes), law.name()), bytes, || {
            gpu.clock.first_touch(bytes, |encoder, target| gpu.record(encoder, target, &specs))
        });
    }
}
