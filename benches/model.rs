//! Many tensors in one recording against one tensor of the same bytes; the host's time to record.

mod common;

use common::law::{Law, small_sizes};
use common::{Gpu, Group};
use wgpu_init::DType;

fn main() {
    let mut criterion = common::criterion();
    let models = [("10,000 small tensors", small_sizes(10_000)), ("gpt2", gpt2())];
    for gpu in common::gpus() {
        let mut group = Group::new(&mut criterion, &format!("model {}", gpu.label));
        for (name, sizes) in &models {
            let sizes: Vec<u64> = if common::is_test() { sizes.iter().map(|_| 64).collect() } else { sizes.clone() };
            model(&mut group, &gpu, name, &sizes);
        }
        own_buffers(&mut group, &gpu, if common::is_test() { 10 } else { 1_000 });
        group.finish();
    }
    criterion.final_summary();
}

fn model(group: &mut Group<'_>, gpu: &Gpu, name: &str, sizes: &[u64]) {
    let bytes = sizes.iter().sum();
    if !gpu.holds(bytes) {
        return;
    }
    let target = gpu.clock.storage(bytes);
    let many = Law::Normal.tensors(DType::F32, sizes).expect("valid tensors");
    let one = [Law::Normal.tensor(DType::F32, bytes).expect("a valid tensor")];
    group.measure(&format!("{name}/clear"), bytes, || {
        gpu.clock.work(&mut |encoder| {
            encoder.clear_buffer(&target, 0, None);
            Ok(())
        })
    });
    for (what, specs) in [("one tensor", one.as_slice()), ("its tensors", many.as_slice())] {
        group.measure(&format!("{name}/{what}"), bytes, || {
            gpu.clock.work(&mut |encoder| gpu.record(encoder, &target, specs))
        });
    }
    // The rate that criterion gives here is that of recording: bytes a second say little, the time is what counts.
    group.measure(&format!("{name} recording/{} tensors", sizes.len()), bytes, || {
        gpu.clock.recording(&mut |encoder| gpu.record(encoder, &target, &many))
    });
}

/// Parameters in a buffer each, as engines without an arena keep them: a bind group for each is the least.
fn own_buffers(group: &mut Group<'_>, gpu: &Gpu, count: u64) {
    let sizes = small_sizes(count);
    let tensors: Vec<_> = Law::Normal.tensors(DType::F32, &sizes).expect("valid tensors");
    let buffers: Vec<_> = sizes.iter().map(|bytes| gpu.clock.storage(*bytes)).collect();
    let fills: Vec<_> = tensors.into_iter().map(|fill| fill.at(0)).collect();
    group.measure(&format!("own buffers recording/{count} tensors"), sizes.iter().sum(), || {
        gpu.clock.recording(&mut |encoder| Ok(gpu.executor.record(encoder, buffers.iter().zip(&fills))?))
    });
}

/// Bytes of GPT-2 small's 148 parameters as f32.
fn gpt2() -> Vec<u64> {
    let width = 768;
    let mut elements = vec![50257 * width, 1024 * width];
    for _ in 0..12 {
        elements.extend([width, width, 3 * width * width, 3 * width, width * width, width]);
        elements.extend([width, width, 4 * width * width, 4 * width, 4 * width * width, width]);
    }
    elements.extend([width, width]);
    elements.into_iter().map(|count| count * 4).collect()
}
