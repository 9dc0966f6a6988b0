//! Thousands of random calls on noop devices: each is recorded or refused by a typed error, as a plain restatement of the rules
//! says, and wgpu's own validation never has anything to find.

use crate::common::POISON;
use crate::host::{Fills, Request, noop_device, panic_on_wgpu_errors};
use wgpu_init::wgpu::{self, BufferUsages, Limits};
use wgpu_init::{CpuExecutor, DType, Fill, GpuExecutor, Initializer, Seed, Shape, Stream};

const CALLS: u32 = 4000;
const SIZES: [u64; 10] = [0, 2, 4, 6, 16, 30, 256, 1022, 4096, 70_000];

/// Xorshift, so that a failure comes back.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("an index")].clone()
    }
}

/// A buffer and whether it has `STORAGE`.
type Target = (wgpu::Buffer, bool);

struct Device {
    device: wgpu::Device,
    queue: wgpu::Queue,
    executor: GpuExecutor,
    targets: Vec<Target>,
}

impl Device {
    fn new(edit: fn(&mut Limits)) -> Self {
        let (device, queue) = noop_device(|descriptor| edit(&mut descriptor.required_limits));
        panic_on_wgpu_errors(&device);
        let executor = GpuExecutor::new(&device).expect("the limits suffice");
        let target = |size, usage: BufferUsages| {
            let descriptor = wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false };
            (device.create_buffer(&descriptor), usage.contains(BufferUsages::STORAGE))
        };
        let mut targets: Vec<Target> = SIZES.iter().map(|size| target(*size, BufferUsages::STORAGE)).collect();
        targets.push(target(4096, BufferUsages::COPY_DST | BufferUsages::UNIFORM));
        Self { device, queue, executor, targets }
    }
}

/// What the rules need to know of a fill, as it was made.
struct Facts {
    target: usize,
    dtype: DType,
    offset: u64,
    tensor: u64,
    elements: core::ops::Range<u64>,
    random: bool,
    keyed: bool,
    fits_dtype: bool,
}

#[test]
fn random_calls_are_recorded_or_refused_as_the_rules_say() {
    let devices = [
        Device::new(|_| ()),
        Device::new(|limits| limits.max_storage_buffer_binding_size = 16 << 10),
        Device::new(|limits| {
            limits.max_compute_workgroups_per_dimension = 3;
            limits.max_compute_invocations_per_workgroup = 5;
            limits.max_compute_workgroup_size_x = 5;
            limits.min_storage_buffer_offset_alignment = 32;
        }),
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut recorded, mut refused) = (0, 0);
    for call in 0..CALLS {
        let device = &devices[call as usize % devices.len()];
        let (fills, facts) = random_fills(&mut random, &device.targets);
        let mut encoder = device.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let outcome = device.executor.record(&mut encoder, fills.iter().map(Request::parts));
        device.queue.submit([encoder.finish()]);
        let allowed = allowed(&facts, &device.targets);
        assert_eq!(outcome.is_ok(), allowed, "call {call}: {outcome:?}\n{fills:#?}");
        same_on_the_cpu(&fills, &facts, allowed);
        *(if allowed { &mut recorded } else { &mut refused }) += 1;
    }
    assert!(recorded > CALLS / 5 && refused > CALLS / 5, "{recorded} were recorded, {refused} refused");
}

/// The rules of a call, in plain words and 128 bits.
fn allowed(facts: &[Facts], targets: &[Target]) -> bool {
    let bytes = |fact: &Facts| {
        let start = u128::from(fact.offset);
        let elements = u128::from(fact.elements.end) - u128::from(fact.elements.start);
        start..start + elements * u128::from(fact.dtype.size())
    };
    let alone = |fact: &Facts| {
        let (buffer, storage) = &targets[fact.target];
        let slice = fact.elements.start <= fact.elements.end && fact.elements.end <= fact.tensor;
        if !(*storage && slice && fact.offset.is_multiple_of(fact.dtype.size()) && (fact.keyed || !fact.random)) {
            return false;
        }
        let (bytes, words) = (bytes(fact), u128::from(buffer.size() / 4 * 4));
        fact.fits_dtype && bytes.end <= u128::from(u64::MAX) && (bytes.is_empty() || bytes.end <= words)
    };
    let apart = |a: &Facts, b: &Facts| {
        let (x, y) = (bytes(a), bytes(b));
        a.target != b.target || x.is_empty() || y.is_empty() || x.end <= y.start || y.end <= x.start
    };
    facts.iter().all(alone) && facts.iter().enumerate().all(|(i, a)| facts[..i].iter().all(|b| apart(a, b)))
}

/// What the GPU executor records, the CPU executor runs in bytes of the same sizes.
fn same_on_the_cpu(fills: &Fills<'_>, facts: &[Facts], allowed: bool) {
    if !allowed {
        return;
    }
    for (target, size) in SIZES.iter().enumerate() {
        let own = fills.iter().zip(facts).filter(|(_, fact)| fact.target == target).map(|(fill, _)| &fill.fill);
        let mut bytes = vec![POISON; usize::try_from(*size).expect("small")];
        CpuExecutor::new().run_in(&mut bytes, own).expect("allowed");
    }
}

/// Up to five fills. Most are good alone; now and then one is bad in one way or another, or meets its neighbour.
fn random_fills<'a>(random: &mut Random, targets: &'a [Target]) -> (Fills<'a>, Vec<Facts>) {
    let facts: Vec<Facts> = (0..random.below(6)).map(|_| Facts::random(random, targets)).collect();
    let fills = facts.iter().map(|fact| fact.fill(random, targets)).collect();
    (fills, facts)
}

impl Facts {
    fn random(random: &mut Random, targets: &[Target]) -> Self {
        let storage = targets.len() as u64 - 1;
        let target = if random.one_in(60) { storage } else { random.below(storage) };
        let target = usize::try_from(target).expect("an index");
        let dtype = random.pick(DType::ALL);
        let room = targets[target].0.size() / dtype.size() + 1;
        let first = random.below(room);
        let length = random.below(room - first);
        let mut offset = first * dtype.size();
        let mut start = random.pick(&[0, 1, 2, 7, 1 << 32, 1 << 62]);
        let mut end = start + length;
        let mut tensor = random.pick(&[end, end + 1, u64::MAX]);
        if random.one_in(10) {
            offset = random.pick(&[1, 2, 3, 6, 250, 1 << 40, u64::MAX - 3, u64::MAX]);
        }
        if random.one_in(20) {
            (start, end) = random.pick(&[(0, 0), (5, 4), (end, start), (start, end + 1), (0, u64::MAX), (end, end)]);
        }
        if random.one_in(30) {
            tensor = random.pick(&[0, 1, end / 2]);
        }
        let (is_random, keyed) = (!random.one_in(4), !random.one_in(40));
        let fits_dtype = !random.one_in(60);
        Self { target, dtype, offset, tensor, elements: start..end, random: is_random, keyed, fits_dtype }
    }

    fn initializer(&self, random: &mut Random) -> Initializer {
        match (self.random, self.fits_dtype) {
            (true, true) => random.pick(&[
                Initializer::normal(0.0, 0.02),
                Initializer::normal(-1.0, 0.5),
                Initializer::uniform(-0.1, 0.1),
                Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
            ]),
            (true, false) => random.pick(&[
                Initializer::normal(0.0, 1e-30),
                Initializer::normal(1e38, 1e38),
                Initializer::uniform(0.0, 1e39),
                Initializer::trunc_normal(0.0, 1.0, 7.0, 8.0),
            ]),
            (false, true) => random.pick(&[Initializer::zeros(), Initializer::ones(), Initializer::constant(-0.3)]),
            (false, false) => Initializer::constant(1e39),
        }
    }

    fn fill<'a>(&self, random: &mut Random, targets: &'a [Target]) -> Request<'a> {
        let shape = Shape::new([self.tensor]).expect("rank 1");
        let fill = Fill::new(shape, self.initializer(random)).expect("finite parameters");
        let fill = Request::new(&targets[self.target].0, fill);
        let fill = fill.dtype(self.dtype).at(self.offset).elements(self.elements.clone());
        if self.keyed { fill.keyed(Seed::new(random.next()), Stream::new(random.next())) } else { fill }
    }
}
