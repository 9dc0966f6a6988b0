//! Every way to make an initializer, once: the mean and the variance that its documentation promises, worked out here from the
//! published formula, against the law that it gives and against a drawn sample. A constructor without a row fails the last test.

mod support;

use std::collections::BTreeSet;
use support::checks::Law;
use support::expression::parts;
use wgpu_init::scheme::{self, FanMode, Mup, Nonlinearity, Spread};
use wgpu_init::scheme::{Scaling, Side, Window};
use wgpu_init::{CpuExecutor, Distribution, Fill, Initializer, Result, Seed, Shape};

struct Row {
    name: &'static str,
    initializer: Initializer,
    dims: Vec<u64>,
    mean: f64,
    variance: f64,
}

/// Variance of N(0, 1) cut at ±2 and ±3: 1 − 2c·φ(c)/erf(c/√2).
const CUT_AT_2: f64 = 0.773_741_303_549_923_2;
const CUT_AT_3: f64 = 0.973_336_924_662_541_5;

fn shape(dims: &[u64]) -> Shape {
    Shape::new(dims).expect("a shape")
}

/// Mean and variance of f(u), u uniform on (0, 1), by the midpoint rule.
fn of_uniform(f: impl Fn(f64) -> f64) -> (f64, f64) {
    const STEPS: u32 = 1 << 16;
    let moment = |power: i32| {
        (0..STEPS).map(|i| f((f64::from(i) + 0.5) / f64::from(STEPS)).powi(power)).sum::<f64>() / f64::from(STEPS)
    };
    (moment(1), moment(2) - moment(1).powi(2))
}

/// Mean and variance of a list.
fn of_list(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n)
}

/// `torch.nn.init` and what is of no library in particular.
fn plain() -> Vec<Row> {
    let row = |name, initializer, dims: &[u64], mean, variance| Row {
        name,
        initializer,
        dims: dims.to_vec(),
        mean,
        variance,
    };
    // fan_in 400, fan_out 120 in PyTorch's layout.
    let weight = &[120, 400][..];
    let (uniform, normal) = (Initializer::kaiming_uniform, Initializer::kaiming_normal);
    vec![
        row("zeros", Initializer::zeros(), &[7], 0.0, 0.0),
        row("ones", Initializer::ones(), &[7], 1.0, 0.0),
        row("constant", Initializer::constant(0.25), &[7], 0.25, 0.0),
        row("uniform", Initializer::uniform(-1.0, 3.0), &[7], 1.0, 16.0 / 12.0),
        row("normal", Initializer::normal(0.5, 0.2), &[7], 0.5, 0.04),
        row("trunc_normal", Initializer::trunc_normal(1.0, 0.5, 0.0, 2.0), &[7], 1.0, 0.25 * CUT_AT_2),
        row("truncated_sigmas", scheme::truncated_sigmas(1.0, 0.5, -3.0, 3.0), &[7], 1.0, 0.25 * CUT_AT_3),
        row("xavier_uniform", Initializer::xavier_uniform(1.5), weight, 0.0, 2.25 * 2.0 / 520.0),
        row("xavier_normal", Initializer::xavier_normal(0.5), weight, 0.0, 0.25 * 2.0 / 520.0),
        row("kaiming_uniform", uniform(FanMode::FanIn, Nonlinearity::Relu), weight, 0.0, 2.0 / 400.0),
        row("kaiming_normal", normal(FanMode::FanOut, Nonlinearity::Tanh), weight, 0.0, 25.0 / 9.0 / 120.0),
        row("fan_in_normal", scheme::fan_in_normal(), weight, 0.0, 1.0 / 400.0),
    ]
}

/// JAX and Keras: [in, out], fan_in 120, fan_out 400, variances restored after the cut.
fn jax() -> Vec<Row> {
    let row = |name, initializer, variance| Row { name, initializer, dims: vec![120, 400], mean: 0.0, variance };
    let general = Initializer::variance_scaling(0.7, FanMode::FanGeoAvg, Spread::TruncatedNormal);
    vec![
        row("variance_scaling", general, 0.7 / 48_000f64.sqrt()),
        row("glorot_uniform", Initializer::glorot_uniform(), 1.0 / 260.0),
        row("glorot_normal", Initializer::glorot_normal(), 1.0 / 260.0),
        row("he_uniform", Initializer::he_uniform(), 2.0 / 120.0),
        row("he_normal", Initializer::he_normal(), 2.0 / 120.0),
        row("lecun_uniform", Initializer::lecun_uniform(), 1.0 / 120.0),
        row("lecun_normal", Initializer::lecun_normal(), 1.0 / 120.0),
    ]
}

/// Language models and vision transformers.
fn models() -> Result<Vec<Row>> {
    let row = |name, initializer, mean, variance| Row { name, initializer, dims: vec![48, 64], mean, variance };
    Ok(vec![
        row("scaled_normal", scheme::scaled_normal(0.02, 24, 1)?, 0.0, 0.0004 / 24.0),
        row("residual_normal", scheme::residual_normal(0.02, 24)?, 0.0, 0.0004 / 48.0),
        row("depth_scaled", scheme::depth_scaled(0.02, 11), 0.0, 0.0004 / 24.0),
        row("small_init", scheme::small_init(768)?, 0.0, 2.0 / 3840.0),
        row("wang_init", scheme::wang_init(24, 768)?, 0.0, 4.0 / (576.0 * 768.0)),
        row("logits_head", scheme::logits_head(768)?, 0.0, CUT_AT_3 / 768.0),
        row("mitchell", scheme::mitchell(768)?, 0.0, CUT_AT_3 / 768.0),
        row("mitchell_residual", scheme::mitchell_residual(3072, 11)?, 0.0, CUT_AT_3 / (24.0 * 3072.0)),
        row("full_megatron", scheme::full_megatron(0.02), 0.0, CUT_AT_3 * 0.0004),
        row("full_megatron_residual", scheme::full_megatron_residual(0.02, 24)?, 0.0, CUT_AT_3 * 0.0004 / 48.0),
        row("vit_mlp_bias", scheme::vit_mlp_bias(), 0.0, 1e-12),
        row("negative_log_bias", scheme::negative_log_bias(10)?, -(10f64.ln()), 0.0),
        row("moco_qkv", scheme::moco_qkv(&shape(&[48, 64]))?, 0.0, 2.0 / (16.0 + 64.0)),
    ])
}

/// What is put into trained models, neural fields, deep networks, experts, spectral scales.
fn published() -> Result<Vec<Row>> {
    let row = |name, initializer, dims: &[u64], mean, variance| Row {
        name,
        initializer,
        dims: dims.to_vec(),
        mean,
        variance,
    };
    let (weight, kernel) = (&[48, 64][..], &[48, 64, 3, 3][..]);
    // fan_in + fan_out is 112.
    let xavier = |beta: f64| beta * beta * 2.0 / 112.0;
    Ok(vec![
        row("lora_a", scheme::lora_a(), &[8, 64], 0.0, 1.0 / 3.0 / 64.0),
        row("lora_a_gaussian", scheme::lora_a_gaussian(8)?, &[8, 64], 0.0, 1.0 / 64.0),
        row("lora_b", scheme::lora_b(), &[64, 8], 0.0, 0.0),
        row("zero_convolution", scheme::zero_convolution(), &[64, 64, 1, 1], 0.0, 0.0),
        row("adaln_zero", scheme::adaln_zero(), &[384, 64], 0.0, 0.0),
        row("dit_patch_embedding", scheme::dit_patch_embedding(), &[384, 4, 2, 2], 0.0, 2.0 / 400.0),
        row("siren", scheme::siren(30.0)?, weight, 0.0, 2.0 / (900.0 * 64.0)),
        row("siren_first", scheme::siren_first(3)?, &[64, 3], 0.0, 1.0 / 27.0),
        row("hash_grid", scheme::hash_grid(), &[1024, 2], 0.0, 1e-8 / 3.0),
        row("deepnet", scheme::deepnet(18)?, weight, 0.0, xavier(144f64.powf(-0.25))),
        row(
            "deepnet_encoder",
            scheme::deepnet_encoder(18, 6)?,
            weight,
            0.0,
            xavier(0.87 / (18f64.sqrt().sqrt() * 6f64.powf(1.0 / 16.0))),
        ),
        row("deepnet_decoder", scheme::deepnet_decoder(6)?, weight, 0.0, xavier(72f64.powf(-0.25))),
        row("fixup", scheme::fixup(16, 3)?, kernel, 0.0, 2.0 / (9.0 * 48.0) / 4.0),
        row("complete_p", scheme::complete_p(0.02, 768, 256)?, weight, 0.0, 0.0004 / 3.0),
        row("spectral_normal", scheme::spectral_normal(64, 48)?, weight, 0.0, 0.75 / 64.0),
        row("spectral_normal", scheme::spectral_normal(64, 128)?, &[128, 64], 0.0, 1.0 / 64.0),
        row("spectral_orthogonal", scheme::spectral_orthogonal(500, 300)?, &[300, 500], 0.0, 0.6 / 500.0),
        row("switch_normal", scheme::switch_normal(768)?, weight, 0.0, CUT_AT_2 * 0.1 / 768.0),
    ])
}

/// Recurrent language models: constants along an axis, from the loops of the reference code.
fn recurrent() -> Result<Vec<Row>> {
    let row = |name, initializer, dims: &[u64], values: Vec<f64>| {
        let (mean, variance) = of_list(&values);
        Row { name, initializer, dims: dims.to_vec(), mean, variance }
    };
    let list = |count: u32, f: &dyn Fn(u32) -> f64| (0..count).map(f).collect::<Vec<_>>();
    let share = |n: u32, count: u32| f64::from(n) / f64::from(count - 1);
    // Layer 5 of 24.
    let depth: f64 = 5.0 / 23.0;
    let decay = move |n, count| share(n, count).powf(0.7 + 1.3 * depth);
    let zigzag = |n: u32| f64::from((n + 1) % 3) - 1.0;
    let head = |n: u32| (f64::from(n % 16) - 7.5) / 7.5;
    let seventh = |n| -6.0 + 6.0 * share(n, 48).powf(1.0 + depth.powf(0.3)) + 0.5 + 2.5 * head(n) * head(n).abs();
    Ok(vec![
        row("mlstm_forget_bias", scheme::mlstm_forget_bias(4)?, &[4], vec![3.0, 4.0, 5.0, 6.0]),
        row(
            "slstm_forget_bias",
            scheme::slstm_forget_bias(2, 8)?,
            &[4, 20],
            list(20, &|n| -(-5.0 + 12.0 * share(n, 20).powf(0.3 + 1.3 * (2.0 / 7.0)))),
        ),
        row("rwkv4_decay", scheme::rwkv4_decay(5, 24)?, &[50], list(50, &|n| -5.0 + 8.0 * decay(n, 50))),
        row("rwkv4_bonus", scheme::rwkv4_bonus(), &[50], list(50, &|n| 0.3f64.ln() + 0.5 * zigzag(n))),
        row("rwkv5_decay", scheme::rwkv5_decay(5, 24, 48)?, &[3, 16], list(48, &|n| -6.0 + 5.0 * decay(n, 48))),
        row(
            "rwkv5_bonus",
            scheme::rwkv5_bonus(5, 24, 48)?,
            &[3, 16],
            list(48, &|n| depth * (1.0 - share(n, 48)) + 0.1 * zigzag(n)),
        ),
        row("rwkv7_decay", scheme::rwkv7_decay(5, 24, 16)?, &[1, 1, 48], list(48, &seventh)),
        // RWKV-4's time_mix_v.
        row(
            "power_law_open",
            Initializer::power_law_open(0.3 * depth, 1.0 + 0.3 * depth, 0.75),
            &[1, 1, 40],
            list(40, &|n| (f64::from(n) / 40.0).powf(0.75) + 0.3 * depth),
        ),
        row("power_law", Initializer::power_law(2.0, 4.0, 1.0), &[3, 5], vec![2.0, 2.5, 3.0, 3.5, 4.0]),
        row("zigzag", Initializer::zigzag(0.0, 3.0, 2.0), &[2, 4], vec![0.0, 3.0, 0.0, 3.0]),
        row(
            "power_law_heads",
            Initializer::power_law_heads(-0.39, 0.01, 1.0, 0.3, 16),
            &[48],
            list(48, &|n| -0.19 + 0.3 * head(n) * head(n).abs() + 0.4 * (share(n, 48) - 0.5)),
        ),
    ])
}

/// µP: a matrix of twice the inputs and three times the outputs of its base, and an embedding.
fn mup() -> Result<Vec<Row>> {
    let row = |name, initializer, variance| Row { name, initializer, dims: vec![48, 64], mean: 0.0, variance };
    let matrix = Mup::new(&shape(&[48, 64]), &shape(&[16, 32]))?;
    let head = Mup::new(&shape(&[10, 64]), &shape(&[10, 32]))?;
    let (relu, fan_in, fan_out) = (Nonlinearity::Relu, FanMode::FanIn, FanMode::FanOut);
    Ok(vec![
        row("Mup::normal", matrix.normal(0.0, 0.02)?, 0.0004 / 2.0),
        row("Mup::normal", head.normal(0.0, 0.02)?, 0.0004),
        row("Mup::uniform", matrix.uniform(-0.1, 0.1)?, 0.04 / 12.0 / 2.0),
        row("Mup::trunc_normal", matrix.trunc_normal(0.0, 0.02, -0.04, 0.04)?, CUT_AT_2 * 0.0004 / 2.0),
        // 2/(fan_in + fan_out) times the growth of the sum; over the inputs' multiple for a matrix.
        row("Mup::xavier_uniform", matrix.xavier_uniform(1.0)?, 2.0 / 112.0 * (112.0 / 48.0) / 2.0),
        row("Mup::xavier_normal", head.xavier_normal(2.0)?, 4.0 * 2.0 / 74.0 * (74.0 / 42.0)),
        row("Mup::kaiming_uniform", matrix.kaiming_uniform(fan_in, relu)?, 2.0 / 64.0),
        row("Mup::kaiming_uniform", matrix.kaiming_uniform(fan_out, relu)?, 2.0 / 48.0 * 3.0 / 2.0),
        row("Mup::kaiming_normal", head.kaiming_normal(fan_in, relu)?, 2.0 / 64.0 * 2.0),
        row("Mup::kaiming_normal", head.kaiming_normal(fan_out, relu)?, 2.0 / 10.0),
    ])
}

/// Laws with exp, log or sine.
fn computed() -> Vec<Row> {
    let row = |name, initializer, dims: &[u64], (mean, variance)| Row {
        name,
        initializer,
        dims: dims.to_vec(),
        mean,
        variance,
    };
    let step = |u: f64| (0.001f64.ln() + u * 100f64.ln()).exp();
    let list = |n: u32, f: &dyn Fn(f64) -> f64| of_list(&(0..n).map(|n| f(f64::from(n))).collect::<Vec<_>>());
    let positions = |channels: u32, angle: &dyn Fn(u32, u32) -> (f64, bool)| {
        let at = |i| match angle(i / channels, i % channels) {
            (angle, true) => angle.sin(),
            (angle, false) => angle.cos(),
        };
        of_list(&(0..30 * channels).map(at).collect::<Vec<_>>())
    };
    let whisper =
        |row: u32, channel: u32| (f64::from(row) * 10_000f64.powf(-f64::from(channel % 4) / 3.0), channel < 4);
    let vaswani = |row: u32, channel: u32| {
        (f64::from(row) * 10_000f64.powf(-f64::from(channel - channel % 2) / 8.0), channel.is_multiple_of(2))
    };
    let pegasus =
        |row: u32, channel: u32| (f64::from(row) * 10_000f64.powf(-f64::from(2 * (channel % 4)) / 8.0), channel < 4);
    let pi = std::f64::consts::PI;
    vec![
        row("log_uniform", Initializer::log_uniform(0.001, 0.1), &[7], of_uniform(step)),
        row("dt_bias", Initializer::dt_bias(0.001, 0.1, 0.002), &[7], of_uniform(|u| step(u).max(0.002).exp_m1().ln())),
        row("log_of_uniform", Initializer::log_of_uniform(1.0, 16.0), &[7], of_uniform(|u| (1.0 + 15.0 * u).ln())),
        row(
            "rg_lru",
            Initializer::rg_lru(0.9, 0.999),
            &[7],
            of_uniform(|u| {
                let radius: f64 = (0.81 + 1e-8 + u * (0.998_001 - 0.81)).sqrt();
                (1.0 / radius - 1.0).ln()
            }),
        ),
        row("a_log", Initializer::a_log(), &[5, 16], list(16, &|n| (n + 1.0).ln())),
        row("ramp", Initializer::ramp(-0.5, pi), &[3, 32], list(32, &|n| pi * n - 0.5)),
        row("s4d_inv", Initializer::s4d_inv(), &[3, 32], list(32, &|n| 64.0 / pi * (64.0 / (2.0 * n + 1.0) - 1.0))),
        row("sinusoids", Initializer::sinusoids(10_000.0), &[30, 8], positions(8, &whisper)),
        row("sinusoids_concatenated", Initializer::sinusoids_concatenated(10_000.0), &[30, 8], positions(8, &pegasus)),
        row("sinusoids_interleaved", Initializer::sinusoids_interleaved(10_000.0), &[30, 8], positions(8, &vaswani)),
    ]
}

/// Structures, for shapes of their own.
fn structured() -> Vec<Row> {
    let row = |name, initializer, dims: &[u64], mean, variance| Row {
        name,
        initializer,
        dims: dims.to_vec(),
        mean,
        variance,
    };
    let share = |value: f64, share: f64| (value * share, value * value * share * (1.0 - share));
    let (eye, dirac) = (share(2.0, 40.0 / (40.0 * 64.0)), share(1.0, 4.0 / 96.0));
    vec![
        row("eye", Initializer::eye(2.0), &[40, 64], eye.0, eye.1),
        row("dirac", Initializer::dirac(1), &[8, 4, 3], dirac.0, dirac.1),
        row("sparse", Initializer::sparse(0.25, 0.5), &[500, 300], 0.0, 0.75 * 0.25),
        row("sparse_rows", Initializer::sparse_rows(0.25, 0.5), &[300, 500], 0.0, 0.75 * 0.25),
        row("orthogonal", Initializer::orthogonal(1.5), &[300, 500], 0.0, 2.25 / 500.0),
        row("orthogonal_batch", Initializer::orthogonal_batch(1.0, 1), &[4, 100, 90], 0.0, 1.0 / 100.0),
        row("unit_rows", Initializer::unit_rows(1.5), &[200, 500], 0.0, 2.25 / 500.0),
        row("stft", Initializer::stft(Side::Imag, Window::None, Scaling::None, false), &[16, 1, 9], 0.0, 56.0 / 144.0),
        row("delta_orthogonal", Initializer::delta_orthogonal(1.0), &[80, 60, 3], 0.0, 1.0 / 80.0 / 3.0),
    ]
}

fn rows() -> Vec<Row> {
    let (models, published, mup) = (models().expect("valid"), published().expect("valid"), mup().expect("valid"));
    let published = published.into_iter().chain(recurrent().expect("valid"));
    plain()
        .into_iter()
        .chain(jax())
        .chain(models)
        .chain(published)
        .chain(mup)
        .chain(computed())
        .chain(structured())
        .collect()
}

fn distribution(row: &Row) -> Distribution {
    row.initializer.distribution(&shape(&row.dims)).unwrap_or_else(|error| panic!("{}: {error}", row.name))
}

/// Mean and variance of a law, where it has a closed form.
fn moments(distribution: &Distribution) -> Option<(f64, f64)> {
    match (distribution.name(), &parts(distribution).1[..]) {
        ("constant", &[value]) => Some((value, 0.0)),
        ("uniform" | "normal" | "trunc_normal", _) => {
            let (mean, std, _) = Law::of(Initializer::from(*distribution)).moments();
            Some((mean, std * std))
        }
        _ => None,
    }
}

#[test]
fn laws_have_the_moments_that_are_promised() {
    let mut checked = 0;
    for row in rows() {
        let Some((mean, variance)) = moments(&distribution(&row)) else { continue };
        assert!((mean - row.mean).abs() < 1e-14 + 1e-13 * row.mean.abs(), "{}: mean {mean}", row.name);
        assert!(
            (variance - row.variance).abs() <= 1e-11 * row.variance,
            "{}: {variance} not {}",
            row.name,
            row.variance
        );
        checked += 1;
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn samples_have_the_moments_that_are_promised() {
    const COUNT: u64 = 1 << 18;
    for row in rows() {
        let distribution = distribution(&row);
        let is_placed = distribution.extent().is_some();
        let count = if distribution.is_random() && !is_placed { COUNT } else { shape(&row.dims).elements() };
        let mut values = vec![0f32; usize::try_from(count).expect("small")];
        let fill = Fill::of(count, distribution).named(Seed::new(3), row.name);
        CpuExecutor::new().run([(&mut values, fill)]).expect("valid");
        let (mean, variance) = of_list(&values.iter().map(|value| f64::from(*value)).collect::<Vec<_>>());
        let n = values.len() as f64;
        let (mean_error, variance_error) = if distribution.is_random() {
            // Of all these laws, but for the matrices, whose sum of squares is fixed, the log-uniform has the largest fourth moment, 4.05 squared variances.
            (5.0 * (row.variance / n).sqrt(), 5.0 * (3.3 / n).sqrt())
        } else {
            (1e-6 * (row.mean.abs() + row.variance.sqrt()), 1e-6)
        };
        assert!((mean - row.mean).abs() <= mean_error, "{}: mean {mean} not {}", row.name, row.mean);
        assert!((variance - row.variance).abs() <= variance_error * row.variance + 1e-18, "{}: {variance}", row.name);
    }
}

/// The names of the functions that give an initializer, from their source.
fn constructors() -> BTreeSet<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let read =
        |path: std::path::PathBuf| std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut files = Vec::new();
    for folder in ["initializer", "scheme"].map(|name| folder.join(name)) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("an entry").path();
            let prefix = if path.ends_with("mup.rs") { "Mup::" } else { "" };
            files.push((read(path), prefix));
        }
    }
    let mut names = BTreeSet::new();
    for (text, prefix) in files {
        let own = text.contains("impl Initializer {");
        for line in text.lines().map(str::trim_start) {
            let Some(rest) = line.strip_prefix("pub const fn ").or_else(|| line.strip_prefix("pub fn ")) else {
                continue;
            };
            let gives = line.contains("-> Initializer") || line.contains("-> Result<Initializer>");
            let name = rest.split('(').next().expect("a name");
            if gives || (own && line.contains("-> Self") && !line.contains("(self")) {
                names.insert(format!("{prefix}{name}"));
            }
        }
    }
    names
}

#[test]
fn every_constructor_has_a_row() {
    let rows: BTreeSet<String> = rows().iter().map(|row| row.name.to_owned()).collect();
    let constructors = constructors();
    assert!(constructors.len() >= 60, "{constructors:?}");
    assert_eq!(constructors, rows);
}

#[test]
fn every_initializer_reads_back_from_its_text() {
    for row in rows() {
        let text = row.initializer.to_string();
        assert_eq!(text.parse(), Ok(row.initializer), "{}: {text}", row.name);
        // A resolved law too, for the same shape.
        let resolved = distribution(&row);
        let again: Initializer = resolved.to_string().parse().unwrap_or_else(|error| panic!("{}: {error}", row.name));
        assert_eq!(again.distribution(&shape(&row.dims)), Ok(resolved), "{}: {resolved}", row.name);
    }
}
