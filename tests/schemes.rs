//! Schemes against the formulas that JAX and Keras publish, the variance that each promises, and their text form.

mod support;

use support::expression::parts;
use support::parse;
use wgpu_init::scheme::{
    Axes, FanMode, Fans, GELU_GAIN, Layout, Mup, Nonlinearity, SILU_GAIN, Scaling, Side, Spread, TRUNCATED_STD, Window,
};
use wgpu_init::{CpuExecutor, Distribution, Error, Fill, Initializer, Seed, Shape, scheme};

fn shape(dims: &[u64]) -> Shape {
    Shape::new(dims).expect("a shape")
}

fn distribution(initializer: Initializer, dims: &[u64]) -> Distribution {
    initializer.distribution(&shape(dims)).expect("valid")
}

/// Bound of a uniform, std of a normal, or std before truncation.
fn number(distribution: &Distribution) -> f64 {
    let (name, numbers) = parts(distribution);
    match (&*name, &numbers[..]) {
        ("uniform", &[_, high]) => high,
        ("normal", &[_, std]) => std,
        ("trunc_normal", &[_, std, low, high]) => {
            assert_eq!((low, high), (-2.0 * std, 2.0 * std), "two sigma");
            std
        }
        _ => panic!("{distribution}"),
    }
}

fn near(got: f64, expected: f64) {
    assert!((got / expected - 1.0).abs() < 1e-15, "{got} instead of {expected}");
}

/// Numbers worked out in Python from the formulas in JAX's and Keras' documentation, for a kernel [3, 3, 64, 128]: fan_in 576, fan_out 1152.
#[test]
fn the_named_initializers_are_jaxs_and_keras() {
    let kernel = [3, 3, 64, 128];
    // limit = sqrt(6 / (fan_in + fan_out)), stddev = sqrt(2 / (fan_in + fan_out)) / .87962566103423978, …
    for (initializer, expected) in [
        (Initializer::glorot_uniform(), 0.058_925_565_098_878_96),
        (Initializer::glorot_normal(), 0.038_676_328_328_107_2),
        (Initializer::he_uniform(), 0.102_062_072_615_965_75),
        (Initializer::he_normal(), 0.066_989_365_714_497_11),
        (Initializer::lecun_uniform(), 0.072_168_783_648_703_22),
        (Initializer::lecun_normal(), 0.047_368_634_764_106_514),
        (Initializer::variance_scaling(0.5, FanMode::FanOut, Spread::Normal), 0.020_833_333_333_333_332),
        (Initializer::variance_scaling(3.0, FanMode::FanGeoAvg, Spread::Uniform), 0.105_112_051_906_714_33),
    ] {
        near(number(&distribution(initializer, &kernel)), expected);
    }
}

/// The trap that the names set: the same word, another law.
#[test]
fn normal_is_truncated_in_jax_and_keras_and_not_in_pytorch() {
    let square = [256, 256];
    let torch = distribution(Initializer::xavier_normal(1.0), &square);
    let jax = distribution(Initializer::glorot_normal(), &square);
    assert_eq!((torch.name(), jax.name()), ("normal", "trunc_normal"));
    near(number(&jax), number(&torch) / TRUNCATED_STD);
    // The uniform forms agree.
    let bounds = [Initializer::xavier_uniform(1.0), Initializer::glorot_uniform()];
    let [torch, jax] = bounds.map(|initializer| number(&distribution(initializer, &square)));
    near(jax, torch);
}

#[test]
fn layouts_say_which_axes_are_inputs() {
    let fans = |dims: &[u64], layout| Fans::of(&shape(dims), layout).map(|fans| (fans.fan_in, fans.fan_out));
    assert_eq!(fans(&[10, 5], Layout::OutIn), Ok((5, 10)));
    assert_eq!(fans(&[10, 5], Layout::InOut), Ok((10, 5)));
    // PyTorch: a grouped convolution [out, in/groups, k], a transposed one [in, out/groups, k]; as they are stored.
    assert_eq!(fans(&[16, 1, 3, 3], Layout::OutIn), Ok((9, 144)));
    assert_eq!(fans(&[16, 33, 3], Layout::OutIn), Ok((99, 48)));
    // Attention in Flax: [embed, heads, head] with two output axes; experts are a batch axis.
    let heads = Layout::Custom { input: Axes::one(0), output: Axes::one(1).and(2), batch: Axes::NONE };
    assert_eq!(fans(&[512, 8, 64], heads), Ok((512, 512)));
    let experts = Layout::Custom { input: Axes::one(1), output: Axes::one(2), batch: Axes::one(0) };
    assert_eq!(fans(&[8, 512, 2048], experts), Ok((512, 2048)));
    assert_eq!(
        distribution(Initializer::he_normal().with_layout(experts), &[8, 512, 2048]),
        distribution(Initializer::he_normal(), &[512, 2048])
    );
    // Axes that are not there, named twice, or missing.
    let twice = Layout::Custom { input: Axes::one(1), output: Axes::one(1), batch: Axes::NONE };
    let none = Layout::Custom { input: Axes::one(1), output: Axes::NONE, batch: Axes::NONE };
    for (layout, dims) in [(experts, &[8, 512][..]), (twice, &[3, 4]), (none, &[3, 4]), (Layout::OutIn, &[7])] {
        assert!(matches!(fans(dims, layout), Err(Error::FansNeedRank { .. })), "{layout:?} {dims:?}");
    }
    assert!(matches!(fans(&[3, 0], Layout::OutIn), Err(Error::ZeroFan { .. })));
}

#[test]
fn a_tensor_without_elements_needs_no_fans() {
    for initializer in [Initializer::xavier_uniform(1.0), Initializer::he_normal()] {
        for dims in [&[0][..], &[0, 3], &[3, 4, 0]] {
            assert!(!distribution(initializer, dims).is_random());
        }
    }
}

fn every_scheme() -> Vec<(Initializer, f64)> {
    // For the shape [120, 400] in PyTorch's layout: fan_in 400, fan_out 120.
    let fans = [
        (FanMode::FanIn, "fan_in", 400.0),
        (FanMode::FanOut, "fan_out", 120.0),
        (FanMode::FanAvg, "fan_avg", 260.0),
        (FanMode::FanGeoAvg, "fan_geo_avg", 48_000f64.sqrt()),
    ];
    let mut all = Vec::new();
    // PyTorch's families have truncated members, and modes, that only their text names.
    for (spread, word) in
        [(Spread::Uniform, "uniform"), (Spread::Normal, "normal"), (Spread::TruncatedNormal, "truncated_normal")]
    {
        all.push((parse(&format!("xavier_{word}(1.3)")), 1.69 / 260.0));
        for (mode, mode_word, fan) in fans {
            let scaled = Initializer::variance_scaling(0.7, mode, spread).with_layout(Layout::OutIn);
            all.push((scaled, 0.7 / fan));
            for (nonlinearity, gain) in [
                (Nonlinearity::Linear, 1.0),
                (Nonlinearity::Sigmoid, 1.0),
                (Nonlinearity::Tanh, 5.0 / 3.0),
                (Nonlinearity::Relu, 2f64.sqrt()),
                (Nonlinearity::LeakyRelu { slope: 0.2 }, (2.0f64 / 1.04).sqrt()),
                (Nonlinearity::Selu, 0.75),
                (Nonlinearity::Gain { gain: GELU_GAIN }, GELU_GAIN),
            ] {
                let kaiming = parse(&format!("kaiming_{word}({mode_word},{nonlinearity})"));
                match spread {
                    Spread::Uniform => assert_eq!(kaiming, Initializer::kaiming_uniform(mode, nonlinearity)),
                    Spread::Normal => assert_eq!(kaiming, Initializer::kaiming_normal(mode, nonlinearity)),
                    _ => {}
                }
                all.push((kaiming, gain * gain / fan));
            }
        }
    }
    all
}

/// 48,000 values: the variance of a sample has a relative standard error of at most √(2/48,000) = 0.65 %; five of them, 99
/// schemes. One that forgot a factor (√3, 0.8796, a gain) is off by 10 % or more.
#[test]
fn every_scheme_has_the_variance_that_it_promises() {
    let schemes = every_scheme();
    assert_eq!(schemes.len(), 3 * (1 + 4 * 8));
    for (initializer, variance) in schemes {
        let mut values = vec![0f32; 48_000];
        let fill = Fill::new(shape(&[120, 400]), initializer).expect("valid");
        let fill = fill.named(Seed::new(11), &initializer.to_string());
        CpuExecutor::new().run([(&mut values, fill)]).expect("valid");
        let moment = |power: i32| values.iter().map(|value| f64::from(*value).powi(power)).sum::<f64>() / 48_000.0;
        assert!((moment(2) / variance - 1.0).abs() < 5.0 * 0.0065, "{initializer}: {} for {variance}", moment(2));
        assert!(moment(1).abs() < 5.0 * (variance / 48_000.0).sqrt(), "{initializer}: mean {}", moment(1));
    }
}

#[test]
fn every_scheme_reads_back_from_its_text() {
    let experts = Layout::Custom { input: Axes::one(1), output: Axes::one(2), batch: Axes::one(0) };
    let heads = Layout::Custom { input: Axes::one(0), output: Axes::one(1).and(2), batch: Axes::NONE };
    for (initializer, _) in every_scheme() {
        for layout in [Layout::OutIn, Layout::InOut, experts, heads] {
            let initializer = initializer.with_layout(layout);
            assert_eq!(initializer.to_string().parse(), Ok(initializer), "{initializer}");
        }
    }
    for (text, same) in [
        ("he_normal(in=1,out=2,batch=0)", Initializer::he_normal().with_layout(experts)),
        ("xavier_uniform(batch=0, out=2, in=1)", Initializer::xavier_uniform(1.0).with_layout(experts)),
        ("xavier_normal(2, in=0, out=(1, 2))", Initializer::xavier_normal(2.0).with_layout(heads)),
        (
            "kaiming_uniform(fan_out,leaky_relu=0.1,in = (0),out=(2,1))",
            Initializer::kaiming_uniform(FanMode::FanOut, Nonlinearity::LeakyRelu { slope: 0.1 }).with_layout(heads),
        ),
        ("xavier_uniform", Initializer::xavier_uniform(1.0)),
        ("xavier_normal()", Initializer::xavier_normal(1.0)),
        ("kaiming_uniform", Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope: 0.0 })),
        ("kaiming_normal(fan_out, relu)", Initializer::kaiming_normal(FanMode::FanOut, Nonlinearity::Relu)),
        ("glorot_normal", Initializer::glorot_normal()),
        ("he_uniform()", Initializer::he_uniform()),
        ("lecun_normal(out_in)", Initializer::lecun_normal().with_layout(Layout::OutIn)),
        (
            "variance_scaling(2,fan_geo_avg,truncated_normal)",
            Initializer::variance_scaling(2.0, FanMode::FanGeoAvg, Spread::TruncatedNormal),
        ),
    ] {
        assert_eq!(text.parse(), Ok(same), "{text}");
    }
    for text in [
        "xavier_uniform(1,2)",
        "xavier_uniform(x)",
        "kaiming_normal(fan_mid)",
        "kaiming_normal(fan_in,gelu)",
        "kaiming_normal(fan_in,relu,1)",
        "glorot_uniform(1)",
        "glorot_cauchy",
        "variance_scaling(1,fan_in)",
        "variance_scaling(1,fan_in,cauchy)",
        "he_truncated_uniform",
        "xavier_uniform(1,custom)",
        "xavier_uniform(in=1)",
        "xavier_uniform(out=1,batch=0)",
        "xavier_uniform(in=1,in=2,out=0)",
        "xavier_uniform(in=8,out=0)",
        "xavier_uniform(in=(1,1),out=0)",
        "xavier_uniform(in=(),out=0)",
        "xavier_uniform(in=1.0,out=0)",
        "xavier_uniform(in=1,out=0,out_in)",
    ] {
        assert!(matches!(text.parse::<Initializer>(), Err(Error::ParseInitializer { .. })), "{text}");
    }
}

/// E[f(z)²] · gain² = 1 for z ~ N(0, 1), by the trapezoidal rule, which is exact to all digits for such functions.
#[test]
fn gains_that_pytorch_refuses_keep_the_second_moment() {
    let second_moment = |f: &dyn Fn(f64) -> f64| {
        let step = 1.0 / 128.0;
        let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        (-1536..=1536).map(|i| f64::from(i) * step).map(|z| f(z).powi(2) * density(z) * step).sum::<f64>()
    };
    let gelu = |z: f64| z * 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
    let silu = |z: f64| z / (1.0 + (-z).exp());
    assert!((second_moment(&gelu) * GELU_GAIN * GELU_GAIN - 1.0).abs() < 1e-12);
    assert!((second_moment(&silu) * SILU_GAIN * SILU_GAIN - 1.0).abs() < 1e-12);
    // The rule itself, on ReLU, whose gain is known. It has a kink, hence the tolerance.
    assert!((second_moment(&|z| z.max(0.0)) * 2.0 - 1.0).abs() < 1e-6);
}

/// Functions as expressions: they read as what they give, and print as that.
#[test]
fn named_schemes_read_as_what_they_give() {
    for (text, same) in [
        ("small_init(1024)", scheme::small_init(1024)),
        ("wang_init(16, 1024)", scheme::wang_init(16, 1024)),
        ("residual_normal(0.02,12)", scheme::residual_normal(0.02, 12)),
        ("scaled_normal(0.02,12,1)", scheme::scaled_normal(0.02, 12, 1)),
        ("depth_scaled(0.02,0)", Ok(scheme::depth_scaled(0.02, 0))),
        ("truncated_sigmas(0,0.02,-3,3)", Ok(scheme::truncated_sigmas(0.0, 0.02, -3.0, 3.0))),
        ("logits_head(4096)", scheme::logits_head(4096)),
        ("mitchell(4096)", scheme::mitchell(4096)),
        ("mitchell_residual(4096,3)", scheme::mitchell_residual(4096, 3)),
        ("full_megatron(0.02)", Ok(scheme::full_megatron(0.02))),
        ("full_megatron_residual(0.02,32)", scheme::full_megatron_residual(0.02, 32)),
        ("fan_in_normal", Ok(scheme::fan_in_normal())),
        ("negative_log_bias(1000)", scheme::negative_log_bias(1000)),
        ("lora_a", Ok(scheme::lora_a())),
        ("siren(30)", scheme::siren(30.0)),
        ("deepnet_encoder(18, 6)", scheme::deepnet_encoder(18, 6)),
        ("fixup(16,2)", scheme::fixup(16, 2)),
        ("complete_p(0.02,1024,256)", scheme::complete_p(0.02, 1024, 256)),
        ("spectral_orthogonal(1024,4096)", scheme::spectral_orthogonal(1024, 4096)),
    ] {
        let same = same.expect("valid");
        assert_eq!(text.parse(), Ok(same), "{text}");
        assert_eq!(same.to_string().parse(), Ok(same), "{text}");
    }
}

/// With the base model's own shape µP is PyTorch.
#[test]
fn mup_at_the_base_shape_is_pytorch() {
    let dims = [48, 64, 3];
    let base = Mup::new(&shape(&dims), &shape(&dims)).expect("valid");
    let (mode, relu) = (FanMode::FanOut, Nonlinearity::Relu);
    for (mup, torch) in [
        (base.normal(1.0, 0.5), Initializer::normal(1.0, 0.5)),
        (base.uniform(0.0, 0.5), Initializer::uniform(0.0, 0.5)),
        (base.trunc_normal(0.5, 1.0, 0.0, 2.0), Initializer::trunc_normal(0.5, 1.0, 0.0, 2.0)),
        (base.xavier_uniform(1.3), Initializer::xavier_uniform(1.3)),
        (base.xavier_normal(1.3), Initializer::xavier_normal(1.3)),
        (base.kaiming_uniform(mode, relu), Initializer::kaiming_uniform(mode, relu)),
        (base.kaiming_normal(mode, relu), Initializer::kaiming_normal(mode, relu)),
    ] {
        assert_eq!(distribution(mup.expect("valid"), &dims), distribution(torch, &dims));
    }
}

/// The point of µP: a hidden layer's outputs keep the size that they have in the base model, at any width, and a coordinate
/// of an embedding keeps its own.
#[test]
fn mup_keeps_activations_as_the_width_grows() {
    for width in [64, 256, 1024] {
        let of = |dims: &[u64], base: &[u64]| Mup::new(&shape(dims), &shape(base)).expect("valid");
        let std = |initializer: Result<Initializer, Error>, dims: &[u64]| {
            number(&distribution(initializer.expect("valid"), dims))
        };
        let hidden = std(of(&[width, width], &[32, 32]).normal(0.0, 0.1), &[width, width]);
        near(hidden * hidden * width as f64, 0.1 * 0.1 * 32.0);
        assert_eq!(std(of(&[1000, width], &[1000, 32]).normal(0.0, 0.1), &[1000, width]), 0.1);
        let head = of(&[10, width], &[10, 32]).kaiming_normal(FanMode::FanIn, Nonlinearity::Linear);
        near(std(head, &[10, width]), 1.0 / 32f64.sqrt());
    }
}

/// What a constructor or a function of `scheme` gives.
trait Given {
    fn given(self) -> Initializer;
}

impl Given for Initializer {
    fn given(self) -> Initializer {
        self
    }
}

impl Given for Result<Initializer, Error> {
    fn given(self) -> Initializer {
        self.expect("valid")
    }
}

/// Expressions, without spaces, and what they are.
macro_rules! rust {
    ($($expression:expr),* $(,)?) => {
        [$((without_spaces(stringify!($expression)), $expression.given())),*]
    };
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What stands between backquotes.
fn code(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The guide's table of texts: each is read as what its Rust is, defaults included, and every name is there.
#[test]
fn the_guide_has_the_text_of_every_initializer() {
    let rust = rust![
        Initializer::zeros(),
        Initializer::ones(),
        Initializer::constant(0.5),
        Initializer::uniform(-0.1, 0.1),
        Initializer::normal(0.0, 0.02),
        Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04),
        Initializer::xavier_uniform(1.0),
        Initializer::xavier_normal(1.0),
        Initializer::kaiming_uniform(FanMode::FanIn, Nonlinearity::LeakyRelu { slope: 0.0 }),
        Initializer::kaiming_uniform(FanMode::FanOut, Nonlinearity::LeakyRelu { slope: 0.2 }),
        Initializer::kaiming_normal(FanMode::FanIn, Nonlinearity::Relu),
        Initializer::variance_scaling(2.0, FanMode::FanAvg, Spread::Normal),
        Initializer::glorot_uniform(),
        Initializer::glorot_normal(),
        Initializer::he_uniform(),
        Initializer::he_normal(),
        Initializer::lecun_uniform(),
        Initializer::lecun_normal(),
        Initializer::he_normal().with_layout(Layout::OutIn),
        Initializer::log_uniform(0.001, 0.1),
        Initializer::log_of_uniform(1.0, 16.0),
        Initializer::dt_bias(0.001, 0.1, 0.0001),
        Initializer::rg_lru(0.9, 0.999),
        Initializer::a_log(),
        Initializer::ramp(0.0, 1.0),
        Initializer::s4d_inv(),
        Initializer::sinusoids(10_000.0),
        Initializer::sinusoids_interleaved(10_000.0),
        Initializer::stft(Side::Real, Window::Hann, Scaling::Density, false),
        Initializer::stft(Side::Imag, Window::None, Scaling::Spectrum, true),
        Initializer::eye(1.0),
        Initializer::dirac(1),
        Initializer::sparse(0.9, 0.01),
        Initializer::sparse_rows(0.9, 0.01),
        Initializer::orthogonal(1.0),
        Initializer::orthogonal_batch(1.0, 1),
        Initializer::delta_orthogonal(1.0),
        scheme::scaled_normal(0.02, 12, 2),
        scheme::residual_normal(0.02, 12),
        scheme::depth_scaled(0.02, 3),
        scheme::small_init(1024),
        scheme::wang_init(16, 1024),
        scheme::truncated_sigmas(0.0, 0.02, -3.0, 3.0),
        scheme::logits_head(4096),
        scheme::mitchell(4096),
        scheme::mitchell_residual(4096, 3),
        scheme::full_megatron(0.02),
        scheme::full_megatron_residual(0.02, 32),
        scheme::fan_in_normal(),
        scheme::negative_log_bias(1000),
        scheme::lora_a(),
        scheme::lora_a_gaussian(8),
        scheme::lora_b(),
        scheme::zero_convolution(),
        scheme::adaln_zero(),
        scheme::dit_patch_embedding(),
        scheme::siren(30.0),
        scheme::siren_first(2),
        scheme::hash_grid(),
        scheme::deepnet(24),
        scheme::deepnet_encoder(12, 6),
        scheme::deepnet_decoder(6),
        scheme::fixup(16, 2),
        scheme::complete_p(0.02, 1024, 256),
        scheme::spectral_normal(1024, 4096),
        scheme::spectral_orthogonal(1024, 4096),
        scheme::switch_normal(1024),
        scheme::mlstm_forget_bias(4),
        scheme::slstm_forget_bias(0, 8),
        scheme::rwkv4_decay(3, 24),
        scheme::rwkv4_bonus(),
        scheme::rwkv5_decay(3, 24, 2048),
        scheme::rwkv5_bonus(3, 24, 2048),
        scheme::rwkv7_decay(3, 24, 64),
        Initializer::sinusoids_concatenated(10_000.0),
        Initializer::power_law(-6.0, -1.0, 0.7),
        Initializer::power_law_open(0.0, 1.0, 0.5),
        Initializer::zigzag(1.0, 0.0, 0.1),
        Initializer::power_law_heads(-5.5, 0.5, 1.5, 2.5, 64),
        Initializer::unit_rows(1.0)
    ];
    let guide = include_str!("../docs/guide/initializers.md");
    let table = guide.split_once("| text | Rust | defaults |\n| --- | --- | --- |\n").expect("a table").1;
    let rows: Vec<Vec<&str>> =
        table.lines().take_while(|line| line.starts_with('|')).map(|line| line.split('|').collect()).collect();
    let (mut documented, mut written) = (Vec::new(), 0);
    for row in rows {
        let &["", text, expression, defaults, ""] = &row[..] else { panic!("{row:?}") };
        let [text] = code(text)[..] else { panic!("one text: {row:?}") };
        let read = parse(text);
        if let [expression] = code(expression)[..] {
            let known = rust.iter().find(|(known, _)| *known == without_spaces(expression));
            assert_eq!(read, known.unwrap_or_else(|| panic!("{expression} is not tested")).1, "{text}");
            written += 1;
        }
        documented.push(text);
        let defaults = code(defaults);
        if let [short, long] = defaults[..] {
            assert_eq!(parse(short), parse(long), "{short} {long}");
        }
        documented.extend(defaults);
    }
    assert_eq!(written, rust.len());
    let documented: Vec<_> = documented.iter().map(|text| text.split('(').next().unwrap_or_default()).collect();
    for name in names_that_are_read() {
        assert!(documented.contains(&&*name), "{name} is not in the guide");
    }
}

/// From the source of the parser: the arms of its matches, and families with each spread.
fn names_that_are_read() -> Vec<String> {
    let source = include_str!("../src/text/names.rs");
    let arms = |from: &str, to: &str| -> Vec<&'static str> {
        let part = source.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect("a function").0;
        let names = part.lines().filter_map(|line| line.trim_start().strip_prefix('"')?.split_once("\" =>"));
        names.map(|(name, _)| name).collect()
    };
    let (whole, families) = (arms("fn initializer(", "fn scaled("), arms("fn scaled(", "fn axis("));
    assert_eq!((whole.len(), families.len()), (67, 5));
    let spreads = ["uniform", "normal", "truncated_normal"];
    let of_families = families.iter().flat_map(|family| spreads.map(|spread| format!("{family}_{spread}")));
    whole.iter().map(|name| (*name).to_owned()).chain(of_families).collect()
}
