//! Laws that need exp, log or sine: their numbers, their axis, their statistics.

mod support;

use core::f64::consts::PI;
use support::checks::{self, Battery, Law, Sample};
use support::parse;
use wgpu_init::{CpuExecutor, DType, Distribution, Error, Fill, Initializer, Seed, Shape};

fn drawn(initializer: Initializer, dtype: DType, count: u64) -> Vec<f64> {
    let size = usize::try_from(dtype.size()).expect("at most 4");
    let mut bytes = vec![0; usize::try_from(count).expect("fits") * size];
    let fill = Fill::new(Shape::new([count]).expect("a shape"), initializer);
    let fill = fill.expect("valid parameters").named(Seed::new(7), &initializer.to_string()).dtype(dtype);
    CpuExecutor::new().run([(&mut bytes[..], fill)]).expect("the target fits");
    let bits = |element: &[u8]| element.iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
    bytes.chunks_exact(size).map(|element| dtype.decode(bits(element))).collect()
}

#[test]
fn a_resolved_law_reads_back_as_itself() {
    for (text, dims, resolved) in [
        ("log_uniform(0.001,0.1)", &[3, 5][..], "log_uniform(0.001,0.1)"),
        ("dt_bias(0.001,0.1,0.0001)", &[8], "dt_bias(0.001,0.1,0.0001)"),
        ("log_of_uniform(1,16)", &[8], "log_of_uniform(1,16)"),
        ("rg_lru(0.9,0.999)", &[8], "rg_lru(0.9,0.999)"),
        ("a_log", &[1536, 16], "a_log(16)"),
        ("ramp(0,3.14)", &[4, 2, 9], "ramp(0,3.14,9)"),
        ("s4d_inv", &[64, 32], "s4d_inv(32)"),
        ("sinusoids( 10000 )", &[1500, 384], "sinusoids(10000,384)"),
        ("sinusoids_interleaved(10000)", &[512, 6], "sinusoids_interleaved(10000,6)"),
        ("sinusoids_concatenated(10000)", &[512, 6], "sinusoids_concatenated(10000,6)"),
        ("power_law(-6,-1,0.7)", &[2, 8], "power_law(-6,-1,0.7,8)"),
        ("power_law_open(0,1,0.7)", &[1, 1, 8], "power_law_open(0,1,0.7,8)"),
        ("zigzag(1,0,0.1)", &[8], "zigzag(1,0,0.1,8)"),
        ("power_law_heads(-5.5,0.5,1.6,2.5,4)", &[8], "power_law_heads(-5.5,0.5,1.6,2.5,4,8)"),
    ] {
        let shape = Shape::new(dims).expect("a shape");
        let distribution = parse(text).distribution(&shape).expect("valid parameters");
        assert_eq!(distribution.to_string(), resolved);
        assert_eq!(Initializer::from(distribution), parse(resolved));
        // A resolved law stays itself on another shape.
        let other = Shape::new([2, 8]).expect("a shape");
        assert_eq!(parse(resolved).distribution(&other).expect("valid parameters"), distribution);
        // Without elements a law along an axis is none, and a law that every tensor may have is itself.
        let empty = parse(text).distribution(&Shape::new([0, 4]).expect("a shape")).expect("valid parameters");
        let along_axis = !distribution.is_random();
        assert_eq!(
            empty,
            if along_axis { Distribution::constant(0.0).expect("valid") } else { distribution },
            "{text}"
        );
    }
    assert_eq!(parse("log_uniform(2,2)").distribution(&Shape::new([3]).expect("a shape")), Distribution::constant(2.0));
}

#[test]
fn only_laws_that_draw_words_need_a_key() {
    for (text, random) in [("dt_bias(0.001,0.1,0)", true), ("a_log(4)", false), ("sinusoids(10000,4)", false)] {
        let distribution = parse(text).distribution(&Shape::new([8]).expect("a shape")).expect("valid parameters");
        assert_eq!(distribution.is_random(), random, "{text}");
        let mut bytes = [0; 32];
        let fill = Fill::new(Shape::new([8]).expect("a shape"), parse(text)).expect("valid");
        let result = CpuExecutor::new().run([(&mut bytes[..], fill)]);
        assert_eq!(matches!(result.as_ref().map_err(Error::root), Err(Error::MissingKey { .. })), random, "{text}");
    }
}

/// Undone, the laws are uniform: ln x of a log-uniform, ln softplus of a time step's bias, exp of a logarithm, the square of a radius.
#[test]
fn random_laws_have_their_distribution() {
    fn softplus(x: f64) -> f64 {
        x.exp().ln_1p()
    }
    type Undo = fn(f64) -> f64;
    let cases: [(&str, Undo, f64, f64); 4] = [
        ("log_uniform(0.001,0.1)", f64::ln, 0.001f64.ln(), 0.1f64.ln()),
        ("dt_bias(0.001,0.1,0.0001)", |x| softplus(x).ln(), 0.001f64.ln(), 0.1f64.ln()),
        ("log_of_uniform(1,16)", f64::exp, 1.0, 16.0),
        ("rg_lru(0.9,0.999)", |x| (-2.0 * softplus(x)).exp(), 0.81 + 1e-8, 0.998_001 + 1e-8),
    ];
    let mut battery = Battery::default();
    let uniform = |text: &str, undo: Undo, low, high| {
        let values = drawn(parse(text), DType::F32, 1 << 20).into_iter().map(undo).collect();
        Sample::new(Law::Uniform { low, high }, DType::F32, values).battery(text)
    };
    for (text, undo, low, high) in cases {
        battery.append(uniform(text, undo, low, high));
    }
    checks::holds(battery.verdict(1e-4));
    // The control: bounds that are 1 % off.
    for (text, undo, low, high) in cases {
        uniform(text, undo, low, low + 1.01 * (high - low)).verdict(1e-4).expect_err("another law");
    }
}

#[test]
fn a_log_uniform_has_its_mean_and_stays_inside_its_bounds_in_every_dtype() {
    for dtype in DType::ALL.iter().copied() {
        for (low, high) in [(0.001, 0.1), (1.0, 1.1), (3.0, 3.1)] {
            let values = drawn(Initializer::log_uniform(low, high), dtype, 1 << 18);
            assert!(values.iter().all(|x| low <= *x && *x < high), "[{low}, {high}) {dtype}");
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let expected = (high - low) / (high / low).ln();
            // Six standard errors, and what smaller formats round: of 8 bits only one number may lie between the bounds.
            let error = 6.0 * (high - low) / (values.len() as f64).sqrt();
            let rounding = high * [0.125, 2e-3, 0.0][usize::try_from(dtype.size() / 2).expect("small")];
            assert!((mean - expected).abs() < error + rounding, "{mean} instead of {expected} {dtype}");
        }
    }
}

/// The floor of the time step is a floor of the bias: half of a log-uniform over [1e-4, 1e-2] lies below 1e-3.
#[test]
fn a_floor_holds_the_smallest_steps() {
    let values = drawn(Initializer::dt_bias(1e-4, 1e-2, 1e-3), DType::F32, 1 << 16);
    let floor = 1e-3 + (-(-1e-3f64).exp_m1()).ln();
    let at = values.iter().filter(|x| (**x - floor).abs() < 1e-6).count();
    assert!(values.iter().all(|x| *x > floor - 1e-6));
    assert!((at as f64 / values.len() as f64 - 0.5).abs() < 0.02, "{at}");
}

#[test]
fn ramps_are_what_their_formulas_say() {
    let of = |text: &str, count| drawn(parse(text), DType::F32, count);
    assert_eq!(of("ramp(-1,0.25,3)", 7), [-1.0, -0.75, -0.5, -1.0, -0.75, -0.5, -1.0]);
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what it is for")]
    let rounded = |x: f64| f64::from(x as f32);
    assert_eq!(of("a_log(4)", 5), [0.0, 2f64.ln(), 3f64.ln(), 4f64.ln(), 0.0].map(rounded));
    // S4D-Inv of N = 4: 4/π·(4/1 − 1) and 4/π·(4/3 − 1).
    assert_eq!(of("s4d_inv(2)", 2), [12.0 / PI, 4.0 / PI / 3.0].map(rounded));
    // Row 1 of four channels: angles 1 and 1/10000 (Whisper), 1 and 1/100 (Vaswani et al.).
    let sine = |x: f64| rounded(x.sin());
    let cosine = |x: f64| rounded(x.cos());
    let near = |got: Vec<f64>, expected: [f64; 8]| {
        assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-7), "{got:?} {expected:?}");
    };
    near(of("sinusoids(10000,4)", 8), [0.0, 0.0, 1.0, 1.0, sine(1.0), sine(1e-4), cosine(1.0), cosine(1e-4)]);
    near(
        of("sinusoids_interleaved(10000,4)", 8),
        [0.0, 1.0, 0.0, 1.0, sine(1.0), cosine(1.0), sine(1e-2), cosine(1e-2)],
    );
    near(
        of("sinusoids_concatenated(10000,4)", 8),
        [0.0, 0.0, 1.0, 1.0, sine(1.0), sine(1e-2), cosine(1.0), cosine(1e-2)],
    );
}

/// For every number that an f64 can be: a typed error, or values that are finite, at the ends and in between.
#[test]
fn a_computed_law_is_refused_or_finite_whatever_its_parameters() {
    use rand::{Rng as _, RngExt as _, SeedableRng as _};
    let mut rng = rand::rngs::SmallRng::seed_from_u64(1);
    let edges =
        [0.0, -0.0, 1.0, -1.0, 0.999_999_99, 0.999_999_999, 5e-324, 1e-308, 1e-281, 1e-39, 3.4e38, 3.5e38, 1e308];
    let (mut refused, mut drawn) = (0, 0);
    for _ in 0..30_000 {
        let mut number = || match rng.random_range(0..4) {
            0 => edges[rng.random_range(0..edges.len())],
            1 => f64::from_bits(rng.next_u64()),
            2 => 10f64.powf(rng.random_range(-320.0..309.0)),
            _ => rng.random_range(0.0..2.0),
        };
        let (a, b, c) = (number(), number(), number());
        let laws = [
            Initializer::log_uniform(a, b),
            Initializer::log_of_uniform(a, b),
            Initializer::rg_lru(a, b),
            Initializer::dt_bias(a, b, c),
            Initializer::a_log(),
            Initializer::s4d_inv(),
            Initializer::ramp(a, b),
            Initializer::sinusoids(a),
            Initializer::sinusoids_interleaved(a),
            Initializer::sinusoids_concatenated(a),
            Initializer::power_law(a, b, c),
            Initializer::power_law_open(a, b, c),
            Initializer::zigzag(a, b, c),
            Initializer::power_law_heads(a, b, c, a, 4),
        ];
        let initializer = laws[rng.random_range(0..laws.len())];
        let axis = [4, 6, 64, 1 << 20, 1 << 40][rng.random_range(0..5)];
        let rows = [1, 3, (1 << 62) / axis][rng.random_range(0..3)];
        let shape = Shape::new([rows, axis]).expect("a shape");
        let elements = shape.elements();
        let dtype = DType::ALL[rng.random_range(0..DType::ALL.len())];
        let Ok(fill) = Fill::new(shape, initializer) else {
            refused += 1;
            continue;
        };
        let fill = fill.named(Seed::new(rng.next_u64()), "w").dtype(dtype);
        for start in [0, elements / 2, elements - 4, rng.random_range(0..elements - 3)] {
            let part = fill.clone().elements(start..start + 4);
            let mut bytes = vec![0; 4 * usize::try_from(dtype.size()).expect("at most 4")];
            if CpuExecutor::new().run([(&mut bytes[..], part)]).is_err() {
                refused += 1;
                break;
            }
            drawn += 1;
            let bits = |element: &[u8]| element.iter().rev().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
            for element in bytes.chunks_exact(bytes.len() / 4) {
                let value = dtype.decode(bits(element));
                assert!(value.is_finite(), "{initializer} {dtype} for [{rows}, {axis}], near {start}: {value}");
            }
        }
    }
    assert!(refused > 3_000 && drawn > 10_000, "{refused} refused, {drawn} drawn");
}
