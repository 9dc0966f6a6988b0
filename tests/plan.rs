//! Plans for devices of all kinds, also for those that nobody would build: every byte of every fill is written once, no other, no limit
//! is passed, and what cannot be planned is a typed error.

mod support;

use std::ops::Range;
use std::time::{Duration, Instant};
use support::partition::{Dice, partition};
use support::replay;
use wgpu_init::plan::{Device, Plan, Region, Tiling, plan};
use wgpu_init::wgsl::Kernel;
use wgpu_init::{DType, Error, Fill, Initializer, Result, Seed, Shape, View};

const ARENA: u64 = 4096;

/// Fills of every elementwise law at odd places of one arena, some with neighbours in one word.
fn mixture() -> Vec<(Region, Fill)> {
    let laws = [
        (Initializer::normal(0.0, 1.0), vec![61]),
        (Initializer::uniform(0.0, 1.0), vec![1]),
        (Initializer::trunc_normal(0.0, 1.0, -1.0, 1.0), vec![23]),
        (Initializer::constant(0.5), vec![77]),
        (Initializer::log_uniform(0.5, 1.0), vec![41]),
        (Initializer::eye(1.0), vec![7, 9]),
        (Initializer::sparse(0.5, 1.0), vec![9, 7]),
        (Initializer::sinusoids(10_000.0), vec![5, 6]),
        (Initializer::normal(0.0, 1.0), vec![3]),
    ];
    let mut offset = 2;
    let mut fills = Vec::new();
    for (number, (initializer, dims)) in laws.into_iter().enumerate() {
        let dtype = DType::ALL[number % DType::ALL.len()];
        offset = offset.max(1u64).next_multiple_of(dtype.size()) + if number % 4 == 3 { 36 } else { 0 };
        let shape = Shape::new(dims).expect("a shape");
        let end = offset + shape.elements() * dtype.size();
        let fill = Fill::new(shape, initializer).expect("valid").named(Seed::new(1), "w").dtype(dtype);
        fills.push((Region { buffer: 0, bytes: offset..end }, fill));
        offset = end;
    }
    assert!(offset < ARENA);
    fills
}

/// Sorted stretches without gaps between them.
fn joined(stretches: impl IntoIterator<Item = (usize, Range<u64>)>) -> Vec<(usize, Range<u64>)> {
    let mut joined: Vec<(usize, Range<u64>)> = Vec::new();
    for (buffer, bytes) in stretches {
        match joined.last_mut() {
            Some((last, before)) if *last == buffer && before.end == bytes.start => before.end = bytes.end,
            _ => joined.push((buffer, bytes)),
        }
    }
    joined
}

/// Whether the writes of a plan are the bytes of the fills, each once.
fn each_byte_once(plan: &Plan, fills: &[(Region, Fill)], tiles: replay::Tiles) -> Result<(), String> {
    let writes = replay::writes(plan, tiles);
    for pair in writes.windows(2) {
        let [(a, before), (b, after)] = pair else { continue };
        if a == b && after.start < before.end {
            return Err(format!("{before:?} and {after:?} of buffer {a}"));
        }
    }
    let mut expected: Vec<_> = fills
        .iter()
        .map(|(region, fill)| {
            let elements = fill.range().end - fill.range().start;
            (region.buffer, region.bytes.start..region.bytes.start + elements * fill.element_type().size())
        })
        .collect();
    expected.sort_by_key(|(buffer, bytes)| (*buffer, bytes.start));
    let (writes, expected) = (joined(writes), joined(expected));
    if writes == expected { Ok(()) } else { Err(format!("{writes:?} instead of {expected:?}")) }
}

fn check(fills: &[(Region, Fill)], buffers: &[u64], device: &Device) -> bool {
    let started = Instant::now();
    let result = plan(buffers, fills.iter().map(|(region, fill)| (region.clone(), fill)), device);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?} for {device:?}", started.elapsed());
    match result {
        Ok(plan) => {
            replay::keeps_to(&plan, device);
            each_byte_once(&plan, fills, replay::tiles_of).unwrap_or_else(|wrong| panic!("{device:?}: {wrong}"));
            true
        }
        Err(error) => {
            assert!(matches!(error.root(), Error::DeviceLimit { .. }), "{device:?}: {error}");
            false
        }
    }
}

/// Tilings of zeros, of the largest numbers, and the two that are used.
const TILINGS: [Tiling; 5] = [
    Tiling { workgroup_size: 0, most_groups: 0, enough_workgroups: 0 },
    Tiling { workgroup_size: u32::MAX, most_groups: u32::MAX, enough_workgroups: u32::MAX },
    Tiling { workgroup_size: 3, most_groups: u32::MAX, enough_workgroups: 1 },
    Tiling::PARALLEL,
    Tiling::EMULATED,
];

#[test]
fn absurd_limits_give_a_plan_or_an_error_and_never_hang() {
    let fills = mixture();
    let bindings: Vec<u64> = (16..=200).chain([0, 1, 15, 255, 256, 271, 272, 273, 300, 512, 1024, u64::MAX]).collect();
    let (mut planned, mut refused) = (0, 0);
    for max_binding_size in bindings {
        for offset_alignment in [0, 1, 4, 16, 24, 32, 256, 1 << 40, u64::MAX] {
            for (number, tiling) in TILINGS.into_iter().enumerate() {
                for max_workgroups_per_dimension in [0, 1, 2, 3, 65_535, u32::MAX] {
                    for max_workgroup_size in [0, 1, 3, 256, u32::MAX] {
                        let mut device = Device::default();
                        (device.max_binding_size, device.offset_alignment) = (max_binding_size, offset_alignment);
                        (device.max_workgroup_size, device.tiling) = (max_workgroup_size, tiling);
                        device.max_workgroups_per_dimension = max_workgroups_per_dimension;
                        // Every fifth with a table of little room.
                        if max_binding_size.wrapping_add(number as u64).is_multiple_of(5) {
                            device.max_buffer_size = 1000 * (max_binding_size % 3);
                        }
                        *(if check(&fills, &[ARENA], &device) { &mut planned } else { &mut refused }) += 1;
                    }
                }
            }
        }
    }
    assert!(planned > 10_000 && refused > 10_000, "{planned} planned, {refused} refused");
}

/// Orthogonal matrices need a real device, and take what it has.
#[test]
fn matrices_are_written_once_whatever_the_limits() {
    let mut fills = Vec::new();
    let mut offset = 4;
    for (initializer, dims, dtype) in [
        (Initializer::orthogonal(1.0), vec![40, 33], DType::F32),
        (Initializer::orthogonal_batch(1.0, 1), vec![7, 33, 40], DType::Bf16),
        (Initializer::delta_orthogonal(1.0), vec![40, 33, 3], DType::F16),
        (Initializer::orthogonal(1.0), vec![1, 1], DType::F16),
    ] {
        let shape = Shape::new(dims).expect("a shape");
        let end = offset + shape.elements() * dtype.size();
        let fill = Fill::new(shape, initializer).expect("valid").named(Seed::new(1), "w").dtype(dtype);
        fills.push((Region { buffer: 0, bytes: offset..end }, fill));
        offset = (end + 2).next_multiple_of(4);
    }
    let (mut planned, mut refused) = (0, 0);
    for max_binding_size in [1000, 5_000, 9_000, 9_300, 10_000, 16 << 10, 65 << 10, 128 << 20] {
        for offset_alignment in [0, 16, 256] {
            for max_workgroups_per_dimension in [0, 1, 2, 32, 33, 40, 41, 100, 65_535] {
                for max_workgroup_size in [0, 1, 255, 256, u32::MAX] {
                    let mut device = Device::default();
                    (device.max_binding_size, device.offset_alignment) = (max_binding_size, offset_alignment);
                    (device.max_workgroup_size, device.tiling) = (max_workgroup_size, Tiling::EMULATED);
                    device.max_workgroups_per_dimension = max_workgroups_per_dimension;
                    *(if check(&fills, &[offset], &device) { &mut planned } else { &mut refused }) += 1;
                }
            }
        }
    }
    assert!(planned > 50 && refused > 100, "{planned} planned, {refused} refused");
}

/// The default limits of WebGPU hold the largest number of rows.
#[test]
fn the_tallest_matrix_is_planned_at_the_default_limits() {
    let fill = Fill::new(Shape::new([65_536, 64]).expect("a shape"), Initializer::orthogonal(1.0)).expect("valid");
    let size = 65_536 * 64 * 4;
    let fills = [(Region { buffer: 0, bytes: 0..size }, fill.named(Seed::new(1), "w"))];
    assert!(check(&fills, &[size], &Device::default()));
}

/// 70,000 fills and one large one in tiles of 2^15 groups: a workgroup does dozens of the small ones, and the last one has
/// fewer.
#[test]
fn small_jobs_share_workgroups() {
    let large = 1u64 << 29;
    let count = 70_000;
    let ones = |elements, start: u64| {
        let fill = Fill::new(Shape::new([elements]).expect("a shape"), Initializer::ones()).expect("valid");
        (Region { buffer: 0, bytes: start..start + elements * 4 }, fill)
    };
    let mut fills: Vec<_> = (0..count).map(|number| ones(4, number * 16)).collect();
    fills.push(ones(large / 4, count * 16));
    let mut device = Device::default();
    (device.tiling, device.max_binding_size, device.max_buffer_size) = (Tiling::EMULATED, 1 << 30, 1 << 30);
    device.max_workgroups_per_dimension = 270;
    let size = count * 16 + large;
    let plan = plan(&[size], fills.iter().map(|(region, fill)| (region.clone(), fill)), &device).expect("a plan");
    assert!(plan.dispatches.iter().all(|dispatch| dispatch.kernel == Kernel::FillConstant));
    let workgroups: u32 = plan.dispatches.iter().map(|dispatch| dispatch.grid[0] * dispatch.grid[1]).sum();
    assert!((1024..1100).contains(&workgroups), "{workgroups} workgroups for {count} small jobs and a large one");
    each_byte_once(&plan, &fills, replay::tiles_of).expect("each byte is written once");
    // The control: a shader that rounds the other way leaves some out.
    each_byte_once(&plan, &fills, replay::tiles_rounded_down).expect_err("some are not written");
}

/// Tensors cut into views, on devices of which some are absurd: each byte of each element is written once, and no other.
#[test]
fn views_are_written_once_whatever_the_limits() {
    let mut dice = Dice::new(5);
    let (mut planned, mut refused) = (0, 0);
    for number in 0..1500 {
        let partition = partition(&mut dice, DType::ALL);
        let mut device = Device::default();
        device.max_binding_size = [300, 512, 1024, 1 << 20][number % 4] + 16 * dice.below(9);
        device.offset_alignment = [4, 32, 256][number % 3];
        device.tiling = TILINGS[number % 5];
        device.max_workgroups_per_dimension = [1, 2, 7, 65_535][(number / 3) % 4];
        device.max_workgroup_size = [1, 64, 256][(number / 2) % 3];
        let region = Region { buffer: 0, bytes: 0..partition.size };
        let fills = partition.parts.iter().map(|part| (region.clone(), part));
        let plan = match plan(&[partition.size], fills, &device) {
            Ok(plan) => plan,
            Err(error) => {
                assert!(matches!(error.root(), Error::DeviceLimit { .. }), "{}: {error}", partition.what);
                refused += 1;
                continue;
            }
        };
        replay::keeps_to(&plan, &device);
        assert!(replay::written(&plan) == partition.bytes(), "{device:?}: {}", partition.what);
        planned += 1;
    }
    assert!(planned > 500 && refused > 50, "{planned} planned, {refused} refused");
}

/// No dispatch for a row: what limits of memory make necessary, and no more.
#[test]
fn a_shard_of_columns_is_a_handful_of_dispatches() {
    let shape = Shape::new([65_536, 8192]).expect("a shape");
    let fill = Fill::new(shape.clone(), Initializer::normal(0.0, 1.0)).expect("valid").named(Seed::new(1), "w");
    let columns = View::new(&shape).shard(1, 3, 32).expect("a shard");
    // Packed, and in the whole tensor's own place: 64 MiB and 2 GiB of memory, 128 MiB in a binding.
    for (view, most) in [(columns.clone(), 1), (columns.strides([8192, 1]).expect("one for each axis"), 18)] {
        let size = view.span().expect("a layout") * 4;
        let region = Region { buffer: 0, bytes: 0..size };
        let plan = plan(&[size], [(region, fill.clone().view(view))], &Device::default()).expect("a plan");
        assert!((1..=most).contains(&plan.dispatches.len()), "{} dispatches", plan.dispatches.len());
    }
}
