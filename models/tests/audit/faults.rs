//! One planted fault of each kind, in a checkpoint that is clean but for it. Each is found, as what it is and where it is, and with its
//! tests left out it is not.

use super::made::{Raw, found_with, rule};
use wgpu_init::{DType, Shape};
use wgpu_init_models::Parameter;
use wgpu_init_models::audit::{Check, Finding, Kind, Options, Report};

/// What lies beside the faults.
const SOUND: &str = "[[rule]]\nname = \"sound\"\ninit = \"normal(0, 0.02)\"\n";

fn audit(tensors: &[Raw], rules: &str) -> Report {
    with(tensors, rules, &Options::default(), None)
}

fn with(tensors: &[Raw], rules: &str, options: &Options, listed: Option<&[Parameter]>) -> Report {
    let sound = Raw::drawn("sound", "normal(0, 0.02)", &[64, 48], DType::F32, 5);
    let all = [tensors, &[sound]].concat();
    let report = found_with(&all, &format!("{SOUND}{rules}"), options, listed);
    assert!(report.findings.iter().all(|found| found.tensor != "sound"), "{:?}", report.findings);
    report
}

/// The one finding that there is, of this kind.
fn only(report: &Report, kind: Kind) -> Finding {
    let [found] = report.findings.as_slice() else { panic!("{kind}: {:#?}", report.findings) };
    assert_eq!(found.kind, kind, "{found:?}");
    found.clone()
}

/// That the tensor `w`, which should be `init`, is found to be of this kind, with a text in the message; and not without these checks.
fn fault(raw: &Raw, init: &str, kind: Kind, text: &str, checks: &[Check]) {
    let report = audit(std::slice::from_ref(raw), &rule(init));
    let found = report.findings.iter().find(|found| found.kind == kind);
    let found = found.unwrap_or_else(|| panic!("{kind} is not found: {:#?}", report.findings));
    assert!(found.tensor == raw.name && found.message.contains(text), "{found:?}");
    assert!(found.p.is_none_or(|p| p < 1e-3), "{found:?}");
    // What the detector saw, it alone saw.
    let mut options = Options::default();
    options.without = checks.to_vec();
    if !checks.is_empty() {
        let report = with(std::slice::from_ref(raw), &rule(init), &options, None);
        assert!(report.findings.iter().all(|found| found.kind != kind), "{:#?}", report.findings);
    }
}

fn drawn(init: &str, shape: &[usize]) -> Raw {
    Raw::drawn("w", init, shape, DType::F32, 1)
}

const OF_LAW: [Check; 6] = [Check::Mean, Check::Std, Check::Least, Check::Greatest, Check::Shape, Check::Frequencies];

#[test]
fn another_std_is_found_and_named() {
    let text = "explained by normal(0, 0.02";
    fault(&drawn("normal(0, 0.021)", &[128, 128]), "normal(0, 0.02)", Kind::WrongLaw, text, &OF_LAW);
    // The mean of squares alone sees so small a difference.
    let barely = drawn("normal(0, 0.0204)", &[256, 128]);
    fault(&barely, "normal(0, 0.02)", Kind::WrongLaw, "std", &[Check::Std]);
}

#[test]
fn another_mean_is_found() {
    let raw = drawn("normal(0.001, 0.02)", &[128, 128]);
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "mean 0.0", &[Check::Mean, Check::Shape, Check::RowMeans]);
}

#[test]
fn another_family_of_the_same_moments_is_found_and_named() {
    let bound = 0.02 * 3f64.sqrt();
    let raw = drawn(&format!("uniform(-{bound}, {bound})"), &[96, 64]);
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "explained by uniform(-0.0", &OF_LAW);
    let raw = drawn("trunc_normal(0, 0.02, -0.04, 0.04)", &[128, 96]);
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "at ±2 std: std 0.02", &OF_LAW);
}

#[test]
fn pytorch_s_default_in_place_of_the_rule_is_named_with_its_fan() {
    let raw = drawn("kaiming_uniform(fan_in, leaky_relu=2.23606797749979)", &[256, 768]);
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "kaiming_uniform(a=√5) of fan_in 768", &OF_LAW);
    let raw = drawn("normal(0, 0.02)", &[256, 512]);
    fault(&raw, "xavier_uniform(1)", Kind::WrongLaw, "std 0.02", &OF_LAW);
}

#[test]
fn a_depth_scale_that_should_not_be_is_named() {
    let raw = drawn("normal(0, 0.00408248290463863)", &[256, 512]); // 0.02 / √24
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "of 12 layers", &OF_LAW);
}

#[test]
fn axes_the_other_way_round_and_experts_together_are_named() {
    let raw = Raw { shape: vec![512, 128], ..drawn("lecun_normal(out_in)", &[128, 512]) };
    fault(&raw, "lecun_normal(out_in)", Kind::WrongLaw, "its axes the other way round", &OF_LAW);
}

#[test]
fn fans_of_a_shard_are_found() {
    let part = drawn("xavier_normal(1)", &[128, 512]);
    let other = Raw::drawn("v", "xavier_normal(1)", &[128, 512], DType::F32, 1);
    let numbers = [part.numbers(), other.numbers()].concat();
    let raw = Raw::of("w", &[256, 512], &numbers);
    fault(&raw, "xavier_normal(1)", Kind::ShardFans, "axis 0 in 2, the fans of [128, 512]", &OF_LAW);
}

#[test]
fn a_shard_that_is_drawn_in_another_way_is_found_among_the_others() {
    let scaled = |numbers: &mut Vec<f32>| numbers[64 * 96..].iter_mut().for_each(|x| *x *= 1.1);
    let raw = drawn("normal(0, 0.02)", &[256, 96]).with(scaled);
    fault(&raw, "normal(0, 0.02151)", Kind::Uneven, "", &[Check::RowNorms, Check::Blocks, Check::ColumnNorms]);
}

#[test]
fn one_row_and_one_column_with_another_norm_are_found() {
    let row = |numbers: &mut Vec<f32>| numbers[96 * 7..96 * 8].iter_mut().for_each(|x| *x *= 0.4);
    let raw = drawn("uniform(-0.1, 0.1)", &[256, 96]).with(row);
    fault(&raw, "uniform(-0.1, 0.1)", Kind::Uneven, "(number 7)", &[Check::RowNorms, Check::Blocks]);
    let column = |numbers: &mut Vec<f32>| numbers.iter_mut().skip(5).step_by(96).for_each(|x| *x *= 0.5);
    let raw = drawn("normal(0, 1)", &[256, 96]).with(column);
    fault(&raw, "normal(0, 1)", Kind::Uneven, "(number 5)", &[Check::ColumnNorms]);
}

#[test]
fn rows_and_columns_with_means_of_their_own_are_found() {
    let shift = |numbers: &mut Vec<f32>| {
        numbers.chunks_mut(96).enumerate().for_each(|(row, of)| {
            let by = if row % 2 == 0 { 0.004 } else { -0.004 };
            of.iter_mut().for_each(|x| *x += by);
        });
    };
    let raw = drawn("normal(0, 0.02)", &[256, 96]).with(shift);
    fault(&raw, "normal(0, 0.02)", Kind::Uneven, "means lie", &[Check::RowMeans, Check::Blocks]);
    // Centred columns, as weight standardisation leaves them.
    let centre = |numbers: &mut Vec<f32>| {
        for column in 0..96 {
            let mean = numbers.iter().skip(column).step_by(96).sum::<f32>() / 256.0;
            numbers.iter_mut().skip(column).step_by(96).for_each(|x| *x -= mean);
        }
    };
    let raw = drawn("normal(0, 0.02)", &[256, 96]).with(centre);
    let checks = [Check::ColumnMeans, Check::Mean];
    fault(&raw, "normal(0, 0.02)", Kind::Uneven, "means lie ", &checks);
}

#[test]
fn repeated_rows_columns_and_pages_are_found() {
    let rows = |numbers: &mut Vec<f32>| numbers.copy_within(96 * 10..96 * 14, 96 * 200);
    let raw = drawn("normal(0, 0.02)", &[256, 96]).with(rows);
    fault(&raw, "normal(0, 0.02)", Kind::RepeatedRows, "4 rows are there before; 200 is as 10", &[Check::RepeatedRows]);
    let columns = |numbers: &mut Vec<f32>| numbers.chunks_mut(96).for_each(|row| row[90] = row[3]);
    let raw = drawn("normal(0, 0.02)", &[256, 96]).with(columns);
    fault(&raw, "normal(0, 0.02)", Kind::RepeatedColumns, "90 is as 3", &[Check::RepeatedColumns]);
    let pages = |numbers: &mut Vec<f32>| numbers.copy_within(1024..2048, 8 * 1024);
    let raw = drawn("normal(0, 0.02)", &[20_000]).with(pages);
    fault(&raw, "normal(0, 0.02)", Kind::RepeatedPages, "8 is as 1", &[Check::RepeatedPages]);
}

#[test]
fn shards_that_are_drawn_with_one_seed_are_found() {
    let half = drawn("normal(0, 0.02)", &[128, 96]).numbers();
    let raw = Raw::of("w", &[256, 96], &[half.clone(), half].concat());
    fault(&raw, "normal(0, 0.02)", Kind::RepeatedRows, "128 rows", &[Check::RepeatedRows]);
}

#[test]
fn a_tail_that_is_cut_and_one_that_is_too_long_are_found() {
    let cut = |numbers: &mut Vec<f32>| numbers.iter_mut().for_each(|x| *x = x.clamp(-0.055, 0.055));
    let raw = drawn("normal(0, 0.02)", &[256, 128]).with(cut);
    fault(
        &raw,
        "normal(0, 0.02)",
        Kind::WrongLaw,
        "greatest 0.055",
        &[Check::Least, Check::Greatest, Check::Frequencies],
    );
    let raw = drawn("normal(0, 0.02)", &[256, 128]).with(|numbers| numbers[77] = 0.2);
    let checks = [Check::Greatest, Check::Std];
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "greatest 0.2", &[&checks[..], &[Check::RowNorms]].concat());
}

#[test]
fn values_beyond_the_bounds_are_found() {
    let raw = drawn("uniform(-0.1, 0.1)", &[64, 64]).with(|numbers| numbers[9] = 0.1002);
    fault(&raw, "uniform(-0.1, 0.1)", Kind::OutOfBounds, "greatest 0.1002", &[Check::Greatest]);
}

#[test]
fn a_value_that_comes_too_often_is_found() {
    let zeros = |numbers: &mut Vec<f32>| numbers.iter_mut().step_by(300).for_each(|x| *x = 0.0);
    let raw = drawn("normal(0, 0.02)", &[256, 128]).with(zeros);
    fault(&raw, "normal(0, 0.02)", Kind::WrongLaw, "0 comes 110 times", &[Check::Frequencies]);
}

#[test]
fn neighbours_that_depend_on_each_other_are_found() {
    let smooth = |numbers: &mut Vec<f32>| {
        let before = numbers.clone();
        let mix = |(x, y): (&f32, &f32)| 0.99 * x + (1.0f32 - 0.99 * 0.99).sqrt() * y;
        numbers.iter_mut().skip(1).zip(before.iter().skip(1).zip(&before)).for_each(|(x, pair)| *x = mix(pair));
    };
    let raw = drawn("normal(0, 0.02)", &[256, 128]).with(smooth);
    fault(&raw, "normal(0, 0.02)", Kind::Correlated, "correlated by 0.1", &[Check::Neighbours]);
}

#[test]
fn nan_and_infinities_are_found() {
    let raw = drawn("normal(0, 0.02)", &[64, 64]).with(|numbers| {
        numbers[3] = f32::NAN;
        numbers[4] = f32::NEG_INFINITY;
    });
    fault(&raw, "normal(0, 0.02)", Kind::NonFinite, "1 NaN and 1 infinities", &[]);
    // Also where nothing is known of the values.
    let report = audit(&[raw], "[[rule]]\nname = \"*\"\nskip = true\n");
    only(&report, Kind::NonFinite);
}

#[test]
fn constants_that_should_be_drawn_are_found() {
    let report = audit(&[Raw::of("w", &[64, 64], &[0.0; 4096])], &rule("normal(0, 0.02)"));
    assert!(only(&report, Kind::Constant).message.contains("every element is 0"), "{report:?}");
    let report = audit(&[Raw::of("w", &[64], &[1.0; 64])], &rule("uniform(-1, 1)"));
    only(&report, Kind::Constant);
}

#[test]
fn memory_that_nobody_wrote_is_found() {
    // Patterns over all exponents, as pointers and texts make them.
    let words = (1..=8192u32).map(|at| at.wrapping_mul(0x9E37_79B9));
    let numbers: Vec<f32> = words.map(f32::from_bits).filter(|x| x.is_finite()).take(8000).collect();
    let report = audit(&[Raw::of("w", &[8000], &numbers)], &rule("normal(0, 0.02)"));
    only(&report, Kind::Uninitialised);
    // Small integers: subnormal numbers.
    let numbers: Vec<f32> = (0..4096u32).map(|at| f32::from_bits(at % 97)).collect();
    let report = audit(&[Raw::of("w", &[64, 64], &numbers)], &rule("normal(0, 0.02)"));
    only(&report, Kind::Uninitialised);
    let report = audit(&[Raw::of("w", &[64, 64], &numbers)], &rule("ones"));
    only(&report, Kind::Uninitialised);
}

#[test]
fn fixed_elements_that_are_not_set_are_found() {
    let rules = "[[rule]]\nname = \"*\"\ninit = \"normal(0, 0.02)\"\npadding_row = 3\n";
    let report = audit(&[drawn("normal(0, 0.02)", &[64, 48])], rules);
    let found = only(&report, Kind::WrongValue);
    assert!(found.message.contains("rows 3..4: ") && found.message.contains("48 of 48"), "{found:?}");
    // A gate.
    let rules = "[[rule]]\nname = \"*\"\ninit = \"zeros\"\nparts = [{ rows = [32, 64], init = \"ones\" }]\n";
    let report = audit(&[Raw::of("w", &[128], &[0.0; 128])], rules);
    assert!(only(&report, Kind::WrongValue).message.starts_with("rows 32..64: "), "{report:?}");
    // Drawn, where it is known.
    let report = audit(&[drawn("normal(0, 0.02)", &[512])], &rule("zeros"));
    assert!(only(&report, Kind::WrongValue).message.contains("explained by normal(0, 0.0"), "{report:?}");
    let report = audit(&[Raw::of("w", &[64], &[0.0; 64])], &rule("ones"));
    only(&report, Kind::WrongValue);
}

#[test]
fn structures_that_are_broken_are_found() {
    let raw = Raw::drawn("w", "eye", &[32, 32], DType::F32, 1);
    let report = audit(&[raw.with(|numbers| numbers[33] = 0.5)], &rule("eye"));
    only(&report, Kind::WrongValue);
    let turned = |numbers: &mut Vec<f32>| numbers.rotate_left(64);
    let raw = Raw::drawn("w", "sinusoids(10000)", &[50, 32], DType::F32, 1);
    only(&audit(&[raw.with(turned)], &rule("sinusoids(10000)")), Kind::PermutedRows);
    // Interleaved, where halves are meant.
    let raw = Raw::drawn("w", "sinusoids_interleaved(10000)", &[50, 32], DType::F32, 1);
    only(&audit(&[raw], &rule("sinusoids(10000)")), Kind::WrongValue);
    let raw = Raw::drawn("w", "normal(0, 0.125)", &[40, 64], DType::F32, 1);
    only(&audit(&[raw], &rule("orthogonal(1)")), Kind::NotOrthogonal);
    let raw = Raw::drawn("w", "orthogonal(1.1)", &[64, 40], DType::Bf16, 1);
    assert!(only(&audit(&[raw], &rule("orthogonal(1)")), Kind::NotOrthogonal).message.contains("norm 1.1"));
    let raw = Raw::drawn("w", "sparse(0.3, 0.01)", &[60, 40], DType::F32, 1);
    only(&audit(&[raw], &rule("sparse(0.25, 0.01)")), Kind::WrongZeros);
}

/// A stack is judged by the law of one expert's weight, whatever streams its experts have.
#[test]
fn stacked_experts_are_judged_as_the_weights_that_they_are() {
    let experts = |init: &str| format!("{}experts = 'experts.{{}}'\n", rule(init));
    let raw = Raw::drawn("w", "orthogonal(1,batch=1)", &[4, 30, 20], DType::F32, 1);
    assert!(audit(&[raw], &experts("orthogonal(1)")).is_clean());
    let raw = Raw::drawn("w", "orthogonal(1)", &[4, 30, 20], DType::F32, 1);
    only(&audit(&[raw], &experts("orthogonal(1)")), Kind::NotOrthogonal);
    let raw = Raw::drawn("w", "normal(0, 0.25)", &[4, 30, 32], DType::F32, 1);
    assert!(audit(std::slice::from_ref(&raw), &experts("kaiming_normal(fan_in,relu)")).is_clean());
    assert!(!audit(&[raw], &rule("kaiming_normal(fan_in,relu)")).is_clean());
    let raw = Raw::drawn("w", "normal(0, 0.22)", &[40, 64], DType::F32, 1);
    only(&audit(&[raw], &rule("unit_rows(1)")), Kind::NotOrthogonal);
}

/// Rows of norm 1 that are not orthogonal: the norms are right.
#[test]
fn rows_that_are_only_normalised_are_not_orthogonal() {
    let normalise = |numbers: &mut Vec<f32>| {
        numbers.chunks_mut(64).for_each(|row| {
            let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
            row.iter_mut().for_each(|x| *x /= norm);
        });
    };
    let raw = drawn("normal(0, 1)", &[40, 64]).with(normalise);
    let found = only(&audit(&[raw], &rule("orthogonal(1)")), Kind::NotOrthogonal);
    assert!(found.message.contains("the products are not"), "{found:?}");
}

/// 256 different numbers, as a generator makes them that has eight random bits for bf16.
#[test]
fn few_random_bits_are_information_and_the_law_is_still_tested() {
    let levels = |scale: f32| {
        let levels = drawn("uniform(0, 256)", &[256, 96]).numbers();
        let numbers: Vec<f32> = levels.iter().map(|x| (x.floor() / 128.0 - 1.0) * scale).collect();
        Raw::of_bf16("w", &[256, 96], &numbers)
    };
    let report = audit(&[levels(0.1)], &rule("uniform(-0.1, 0.1)"));
    only(&report, Kind::LowPrecision);
    assert!(report.is_clean());
    fault(&levels(0.1), "uniform(-0.1, 0.1)", Kind::LowPrecision, "numbers of the format", &[Check::Vacancies]);
    let report = audit(&[levels(0.09)], &rule("uniform(-0.1, 0.1)"));
    assert!(report.findings.iter().any(|found| found.kind == Kind::WrongLaw), "{report:?}");
}

#[test]
fn f32_that_holds_bf16_is_told() {
    let round = |numbers: &mut Vec<f32>| numbers.iter_mut().for_each(|x| *x = half::bf16::from_f32(*x).to_f32());
    let raw = drawn("normal(0, 0.02)", &[128, 64]).with(round);
    let report = audit(&[raw], &rule("normal(0, 0.02)"));
    assert!(only(&report, Kind::Widened).message.contains("8 significant bits") && report.is_clean());
}

#[test]
fn tensors_that_are_alike_are_found() {
    let raw = drawn("normal(0, 0.02)", &[96, 48]);
    let twin = Raw { name: "z".to_owned(), ..raw.clone() };
    let found = only(&audit(&[raw.clone(), twin], &rule("normal(0, 0.02)")), Kind::Duplicate);
    assert!(found.message.contains("equal to w"), "{found:?}");
    // The same random numbers with another scale, as of one seed for each module.
    let scaled = Raw { name: "z".to_owned(), ..raw.with(|numbers| numbers.iter_mut().for_each(|x| *x *= 0.5)) };
    let rules = format!("[[rule]]\nname = \"z\"\ninit = \"normal(0, 0.01)\"\n{}", rule("normal(0, 0.02)"));
    only(&audit(&[raw, scaled], &rules), Kind::SameStream);
}

/// Few elements, or elements that are nearly all rounded to 0, may be alike by chance.
#[test]
fn tensors_that_are_alike_by_chance_are_not_called_alike() {
    let small = |name: &str| Raw::drawn(name, "normal(0, 0.02)", &[2], DType::F8E5M2, 1);
    let one = small("w");
    let report = audit(&[one.clone(), Raw { name: "z".to_owned(), ..one }], &rule("normal(0, 0.02)"));
    assert!(report.findings.is_empty(), "{report:?}");
    let tiny = |name: &str| Raw::drawn(name, "normal(0, 0.00000001)", &[32], DType::F16, 1);
    let report = audit(&[tiny("w"), tiny("z")], &rule("normal(0, 0.00000001)"));
    assert!(report.findings.is_empty(), "{report:?}");
}

#[test]
fn tied_tensors_that_differ_are_found() {
    let rules = format!("[[rule]]\nname = \"head\"\ntie = \"w\"\n{}", rule("normal(0, 0.02)"));
    let raw = drawn("normal(0, 0.02)", &[96, 48]);
    let head = Raw { name: "head".to_owned(), ..raw.clone() };
    assert!(audit(&[raw.clone(), head], &rules).findings.is_empty());
    let head = Raw::drawn("head", "normal(0, 0.02)", &[96, 48], DType::F32, 2);
    assert!(only(&audit(&[raw, head], &rules), Kind::Untied).message.contains("should be w"));
}

#[test]
fn tensors_that_are_missing_or_not_expected_are_found() {
    let list = |names: &[&str]| -> Vec<Parameter> {
        names.iter().map(|name| Parameter::new(*name, Shape::new([96, 48]).expect("a shape"))).collect()
    };
    let sound = Parameter::new("sound", Shape::new([64, 48]).expect("a shape"));
    let raw = drawn("normal(0, 0.02)", &[96, 48]);
    let all = rule("normal(0, 0.02)");
    let of = |names: &[&str]| {
        let listed = [list(names), vec![sound.clone()]].concat();
        with(std::slice::from_ref(&raw), &all, &Options::default(), Some(&listed))
    };
    assert!(of(&["w"]).findings.is_empty());
    assert_eq!(only(&of(&["w", "z"]), Kind::Missing).tensor, "z");
    assert_eq!(only(&of(&[]), Kind::Unexpected).tensor, "w");
    // Under another name, as many elements.
    assert!(of(&["z"]).findings.is_empty());
    let report = audit(&[raw], "[[rule]]\nname = \"other\"\ninit = \"zeros\"\n");
    assert!(only(&report, Kind::Unexpected).message.contains("no rule"));
    let other = Parameter::new("w", Shape::new([48, 96]).expect("a shape"));
    let raw = drawn("normal(0, 0.02)", &[96, 48]);
    only(&with(&[raw], &all, &Options::default(), Some(&[other, sound])), Kind::OtherShape);
}

#[test]
fn integers_that_are_not_those_of_the_rules_are_found() {
    let bytes: Vec<u8> = (0..32i64).map(|at| if at == 9 { 0 } else { at }).flat_map(i64::to_le_bytes).collect();
    let raw = Raw { name: "w".to_owned(), dtype: safetensors::Dtype::I64, shape: vec![1, 32], bytes };
    let rules = "[[rule]]\nname = \"*\"\ninit = \"arange\"\ndtype = \"i64\"\n";
    assert!(only(&audit(&[raw], rules), Kind::WrongValue).message.contains("element 9"));
}

#[test]
fn what_the_rules_refuse_is_told() {
    let rules = format!("[[rule]]\nname = \"w\"\nrefuse = \"nobody knows\"\n{}", rule("normal(0, 0.02)"));
    let report = audit(&[drawn("normal(0, 0.02)", &[96, 48])], &rules);
    assert!(only(&report, Kind::NotAudited).message.contains("nobody knows") && report.is_clean());
}
