//! The cases of PyTorch's own `test/nn/test_init.py` (commit 0202320f), with its sizes, and with thresholds that see more.
//!
//! Upstream asks for a Kolmogorov–Smirnov p above 1e-4 of one tensor per case; at 20 × 20 a bound that is 25 % off can pass that.
//! Here KS, chi-square and moments of all cases are judged together at that level.
//! Cases of `eye_`, `dirac_`, `orthogonal_` and `sparse_` are in `tests/structured.rs`, `tests/orthogonal.rs` and `tests/torch_structured.rs`.

mod support;

use support::checks::{self, Battery, Law, Sample};
use wgpu_init::scheme::{FanMode, Nonlinearity};
use wgpu_init::value::word::value_word;
use wgpu_init::{CpuExecutor, DType, Fill, Initializer, Seed, Shape};

const ALPHA: f64 = 1e-4;

/// Sizes and arguments by chance, fixed by a seed as upstream.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 += 1;
        f64::from(value_word(123, 0, self.0)) / 2f64.powi(32)
    }

    fn real(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn dims(&mut self, rank: usize, low: u32, high: u32) -> Vec<u64> {
        (0..rank)
            .map(|_| {
                self.0 += 1;
                u64::from(low + value_word(123, 0, self.0) % (high - low + 1))
            })
            .collect()
    }
}

/// Draws a tensor and notes how well it follows the `claimed` law, which the caller has worked out without the crate.
fn judge(battery: &mut Battery, initializer: Initializer, claimed: Initializer, dims: Vec<u64>, dtype: DType) {
    let shape = Shape::new(dims).expect("a shape");
    let name = format!("{initializer} {:?} {dtype}", shape.dims());
    let law = Law::of(claimed);
    let size = usize::try_from(dtype.size()).expect("2 or 4");
    let mut bytes = vec![0; usize::try_from(shape.elements()).expect("small") * size];
    let fill = Fill::new(shape, initializer).expect("valid").named(Seed::new(1234), &name).dtype(dtype);
    CpuExecutor::new().run([(&mut bytes[..], fill)]).expect("valid");
    let decode = |bytes: &[u8]| dtype.decode(bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)));
    let sample = Sample::new(law, dtype, bytes.chunks_exact(size).map(decode).collect());
    sample.within_bounds().unwrap_or_else(|report| panic!("{name}: {report}"));
    battery.append(sample.battery(&name));
}

/// An initializer that says its law itself.
fn plain(battery: &mut Battery, initializer: Initializer, dims: Vec<u64>, dtype: DType) {
    judge(battery, initializer, initializer, dims, dtype);
}

/// fan_in and fan_out of a weight `[out, in, k…]`, as upstream's test works them out.
fn fans(dims: &[u64]) -> [f64; 2] {
    let real = |size: u64| f64::from(u32::try_from(size).expect("small"));
    let field: f64 = dims[2..].iter().map(|size| real(*size)).product();
    [real(dims[1]) * field, real(dims[0]) * field]
}

#[test]
fn uniform_normal_and_truncated_cases_hold() {
    let mut random = Random(0);
    let mut battery = Battery::default();
    // Four axes of 30 to 50 are millions of values: enough for every law once.
    for rank in [1, 2, 4] {
        let (low, mean, std) = (random.real(-3.0, 3.0), random.real(-3.0, 3.0), random.real(1.0, 5.0));
        let high = low + random.real(1.0, 5.0);
        let dims = random.dims(rank, 30, 50);
        plain(&mut battery, Initializer::uniform(low, high), dims, DType::F32);
        let dims = random.dims(rank, 30, 50);
        plain(&mut battery, Initializer::normal(mean, std), dims, DType::F32);
        let (mean, std) = (random.real(-3.0, 3.0), random.real(0.01, 1.0));
        let (low, high) = (random.real(mean - 2.0 * std, mean), random.real(mean, mean + 2.0 * std));
        let dims = random.dims(rank, 30, 50);
        plain(&mut battery, Initializer::trunc_normal(mean, std, low, high), dims, DType::F32);
    }
    for dtype in DType::ALL.iter().copied() {
        plain(&mut battery, Initializer::trunc_normal(0.0, 1.0, -2.0, 2.0), vec![10_000], dtype);
        plain(&mut battery, Initializer::trunc_normal(0.0, 1.0, 2.0, 3.0), vec![10_000], dtype);
    }
    checks::holds(battery.verdict(ALPHA));
}

#[test]
fn xavier_and_kaiming_cases_hold() {
    let mut random = Random(1 << 20);
    let mut battery = Battery::default();
    for rank in [2, 4] {
        for with_gain in [false, true] {
            let gain = if with_gain { random.real(0.1, 2.0) } else { 1.0 };
            let dims = random.dims(rank, 20, 25);
            let [fan_in, fan_out] = fans(&dims);
            let std = gain * (2.0 / (fan_in + fan_out)).sqrt();
            let (bound, normal) = (std * 3f64.sqrt(), Initializer::normal(0.0, std));
            let uniform = Initializer::uniform(-bound, bound);
            judge(&mut battery, Initializer::xavier_uniform(gain), uniform, dims.clone(), DType::F32);
            judge(&mut battery, Initializer::xavier_normal(gain), normal, dims, DType::F32);
        }
        for (mode, which) in [(FanMode::FanIn, 0), (FanMode::FanOut, 1)] {
            for with_slope in [false, true] {
                let slope = if with_slope { random.real(0.1, 2.0) } else { 0.0 };
                let (dims, rule) = (random.dims(rank, 20, 25), Nonlinearity::LeakyRelu { slope });
                let std = (2.0 / (1.0 + slope * slope) / fans(&dims)[which]).sqrt();
                let (bound, normal) = (std * 3f64.sqrt(), Initializer::normal(0.0, std));
                let uniform = Initializer::uniform(-bound, bound);
                judge(&mut battery, Initializer::kaiming_uniform(mode, rule), uniform, dims.clone(), DType::F32);
                judge(&mut battery, Initializer::kaiming_normal(mode, rule), normal, dims, DType::F32);
            }
        }
    }
    checks::holds(battery.verdict(ALPHA));
}

fn truncated(std: f64, dtype: DType) -> Vec<u32> {
    let shape = Shape::new([10_000]).expect("a shape");
    let fill = Fill::new(shape, Initializer::trunc_normal(0.0, std, -2.0, 2.0)).expect("valid");
    let fill = fill.named(Seed::new(1234), "unique").dtype(dtype);
    wgpu_init::cpu::reference::elements(&fill).expect("valid").collect()
}

#[test]
fn truncated_normals_have_as_many_values_as_upstream_wants() {
    for (dtype, least) in [(DType::F32, 5000), (DType::F16, 3000), (DType::Bf16, 1000)] {
        let unique: std::collections::BTreeSet<u32> = truncated(1.0, dtype).into_iter().collect();
        assert!(unique.len() > least, "{dtype}: {}", unique.len());
    }
}

/// The defect of the old inverse method: outliers at the bounds, twenty deviations out.
#[test]
fn a_small_std_puts_nothing_at_the_bounds() {
    for dtype in DType::ALL.iter().copied() {
        assert!(truncated(0.1, dtype).into_iter().all(|bits| dtype.decode(bits).abs() < 0.7), "{dtype}");
    }
}
