//! Element types that only a checkpoint has: f64, integers and bools, and floats of 8 bits, read back by the crate `safetensors`.

use safetensors::{Dtype, SafeTensors};
use std::ops::ControlFlow;
use wgpu_init::{DType, Seed, Shape};
use wgpu_init_models::checkpoint::{self, Drawer, Header, Layout, Origin, Scheme, Tensor, verify, write};
use wgpu_init_models::{Assignments, Error, IntegersError, Parameter, Rules};

const SEED: Seed = Seed::new(3);

/// Between what executors write, and before and behind it, in chunks of 2 MiB and more of them than exist at a time.
const MODEL: &[(&str, &[u64])] = &[
    ("coarse", &[7, 9]),
    ("coarser", &[1001]),
    ("counts", &[5, 300_000]),
    ("ids", &[1, 512]),
    ("mask", &[3]),
    ("none", &[0, 4]),
    ("scalar", &[]),
    ("segments", &[2, 3]),
    ("small", &[2, 5]),
    ("weight", &[1000, 700]),
    ("wide", &[400, 1000]),
];

const RULES: &str = r#"
variables = { first = 7 }
rule = [
    { name = "coarse", init = "normal(0, 0.5)", dtype = "f8_e4m3fn" },
    { name = "coarser", init = "uniform(0, 1)", dtype = "F8_E5M2" },
    { name = ["counts", "ids", "none"], init = "arange", dtype = "i64" },
    { name = "segments", init = "arange", dtype = "U8" },
    { name = "mask", init = "ones", dtype = "bool" },
    { name = "scalar", init = "constant(-first)", dtype = "i32" },
    { name = "wide", init = "normal(1, 2)", padding_row = 1, dtype = "f64" },
    { name = "small", init = "uniform(-1, 1)", dtype = "f16" },
    { name = "*", init = "normal(0, 1)" },
]
"#;

fn assign(rules: &str, model: &[(&str, &[u64])]) -> Result<Assignments, Error> {
    let parameter = |(name, dims): &(&str, &[u64])| Parameter::new(*name, Shape::new(*dims).expect("a shape"));
    let parameters: Vec<_> = model.iter().map(parameter).collect();
    // As a list of tensors gives it whose dtypes are integers: what a rule names is written all the same.
    rules.parse::<Rules>()?.assign_some(&parameters, &Default::default(), &|at| parameters[at].name != "ids")
}

fn file(rules: &str) -> checkpoint::Result<Vec<u8>> {
    let assigned = assign(rules, MODEL).expect("they fit");
    assert_eq!(assigned.left_out, [0; 0]);
    let tensors = assigned.list.into_iter().map(|one| {
        let dtype = one.dtype.unwrap_or(DType::F32.into());
        Tensor::new(one, dtype)
    });
    let layout = Layout::new(tensors.collect::<checkpoint::Result<_>>()?)?;
    let origin = Origin::new(SEED, None, &Scheme::Rules("mine".to_owned()), &layout);
    let mut file = Vec::new();
    let header = layout.header(&origin.metadata()?)?;
    write(&layout, &header, SEED, &mut Drawer::cpu(0), &mut file, &|_| ControlFlow::Continue(()))?;
    Ok(file)
}

fn verify_bytes(bytes: &[u8]) -> checkpoint::Result<u128> {
    let mut data = bytes;
    let header = Header::read(&mut data)?;
    let origin = Origin::from_metadata(header.metadata())?;
    let layout = Layout::stored(&header, &origin)?;
    verify(&layout, origin.effective_seed(), data, &mut Drawer::cpu(0), &|_| ControlFlow::Continue(()))
}

fn i64s(bytes: &[u8]) -> Vec<i64> {
    bytes.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()
}

#[test]
fn they_are_written_and_read_back() {
    let file = file(RULES).expect("written");
    let tensors = SafeTensors::deserialize(&file).expect("a checkpoint");
    let of = |name: &str| tensors.tensor(name).expect(name);
    let types = MODEL.iter().map(|(name, _)| of(name).dtype()).collect::<Vec<_>>();
    use Dtype::{BOOL, F8_E4M3, F8_E5M2, F16, F32, F64, I32, I64, U8};
    assert_eq!(types, [F8_E4M3, F8_E5M2, I64, I64, BOOL, I64, I32, U8, F16, F32, F64]);
    let expected: Vec<i64> = (0..5).flat_map(|_| 0..300_000).collect();
    assert!(i64s(of("counts").data()) == expected);
    assert_eq!(i64s(of("ids").data()), (0..512).collect::<Vec<_>>());
    assert_eq!(of("none").data(), [0; 0]);
    assert_eq!(of("mask").data(), [1, 1, 1]);
    assert_eq!(of("segments").data(), [0, 1, 2, 0, 1, 2]);
    assert_eq!(of("scalar").data(), (-7i32).to_le_bytes());
    assert_eq!((of("coarse").data().len(), of("coarser").data().len()), (63, 1001));
    let uniform = |bits: &u8| (0.0..1.0).contains(&DType::F8E5M2.decode((*bits).into()));
    assert!(of("coarser").data().iter().all(uniform));
    verify_bytes(&file).expect("as written");
}

/// f64 has the numbers of f32, and the tensors around it have those that they have without it.
#[test]
fn f64_is_f32_widened() {
    let [wide, narrow] = [RULES.to_owned(), RULES.replace("f64", "f32")].map(|rules| file(&rules).expect("written"));
    let [wide, narrow] = [&wide, &narrow].map(|file| SafeTensors::deserialize(file).expect("a checkpoint"));
    let f64s = wide.tensor("wide").expect("wide").data().as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let f32s = narrow.tensor("wide").expect("wide");
    let f32s = f32s.data().as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes)));
    let [f64s, f32s]: [Vec<f64>; 2] = [f64s.collect(), f32s.collect()];
    assert_eq!(f64s.len(), 400_000);
    assert!(f64s == f32s && f64s[1000..2000] == [0.0; 1000] && f64s[..1000] != [0.0; 1000]);
    for name in ["weight", "small", "counts"] {
        assert!(wide.tensor(name).expect(name).data() == narrow.tensor(name).expect(name).data(), "{name}");
    }
}

/// The first bit that differs is told with the number that it belongs to.
#[test]
fn a_changed_bit_is_found() {
    let file = file(RULES).expect("written");
    let header = Header::read(file.as_slice()).expect("a header");
    for (name, element, size, says) in [
        ("counts", 300_002, 8, "the file holds 3 (0x0000000000000003), expected 2 (0x0000000000000002)"),
        ("wide", 1000, 8, "expected 0 (0x0000000000000000)"),
        ("scalar", 0, 4, "the file holds -8 (0xfffffff8), expected -7 (0xfffffff9)"),
        ("mask", 2, 1, "the file holds 0 (0x00), expected 1 (0x01)"),
        ("small", 9, 2, "tensor small, element 9 [1, 4]"),
        ("coarse", 62, 1, "tensor coarse, element 62 [6, 8]"),
    ] {
        let stored = header.tensors().iter().find(|tensor| tensor.name == name).expect(name);
        let mut changed = file.clone();
        changed[usize::try_from(stored.bytes.start).expect("small") + element * size] ^= 1;
        let error = verify_bytes(&changed).expect_err("a bit differs").to_string();
        assert!(error.contains(says) && error.contains(&format!("element {element} ")), "{error}");
    }
}

#[test]
fn a_law_that_gives_no_integers_is_an_error() {
    let error = |init: &str, dtype: &str| {
        let rules = format!("[[rule]]\nname = \"*\"\ninit = \"{init}\"\ndtype = \"{dtype}\"");
        match assign(&rules, &[("w", &[2, 300])]) {
            Err(Error::Integers { name, cause }) if name == "w" => cause,
            other => panic!("{init} {dtype}: {other:?}"),
        }
    };
    for (init, dtype) in [("normal(0, 0.02)", "i64"), ("uniform(0, 2)", "bool"), ("eye", "i32"), ("he_normal", "u8")] {
        let cause = error(init, dtype);
        assert!(matches!(cause, IntegersError::Law { .. }), "{cause:?}");
        assert!(cause.to_string().contains("take a constant or arange"), "{cause}");
    }
    let constants = [("0.5", "i64"), ("-1", "u8"), ("256", "u8"), ("2", "bool"), ("2^31", "i32"), ("2^63", "i64")];
    for (value, dtype) in constants {
        let cause = error(&format!("constant({value})"), dtype);
        assert!(matches!(cause, IntegersError::NotHeld { .. }), "{value} {dtype}: {cause:?}");
    }
    for dtype in ["u8", "bool"] {
        assert!(matches!(error("arange", dtype), IntegersError::TooLong { length: 300, .. }), "{dtype}");
    }
}

#[test]
fn rules_that_mix_them_up_are_refused() {
    for (rule, says) in [
        ("init = \"arange\"", "arange gives whole numbers: say the dtype"),
        ("init = \"arange\"\ndtype = \"f64\"", "arange gives whole numbers: say the dtype"),
        ("init = \"zeros\"\ndtype = \"i64\"\nseed = 1", "not with dtype = \"i64\""),
        ("init = \"zeros\"\ndtype = \"i64\"\npadding_row = 0", "not with dtype = \"i64\""),
        ("init = \"torch_default\"\ndtype = \"i64\"", "dtype = \"i64\" goes with init, a constant or arange"),
        ("tie = \"w\"\ndtype = \"bool\"", "dtype = \"bool\" goes with init, a constant or arange"),
        ("skip = true\ndtype = \"u8\"", "dtype = \"u8\" goes with init, a constant or arange"),
        ("init = \"zeros\"\ndtype = \"i128\"", "unknown dtype \"i128\": write f32, f16, bf16, f8_e4m3fn, f8_e5m2, f64"),
    ] {
        let error = format!("[[rule]]\nname = \"*\"\n{rule}").parse::<Rules>().expect_err(rule).to_string();
        assert!(error.contains(says), "{error}");
    }
    let tie = "[[rule]]\nname = \"a\"\ntie = \"b\"\n[[rule]]\nname = \"b\"\ninit = \"zeros\"\ndtype = \"i32\"";
    let error = assign(tie, &[("a", &[2]), ("b", &[2])]).expect_err("of integers").to_string();
    assert!(error.contains("b is not drawn"), "{error}");
}

/// Executors fill f64 in f32, and leave integers alone.
#[test]
fn executors_see_only_what_is_drawn() {
    let assigned = assign(RULES, MODEL).expect("they fit");
    let bytes = assigned.bytes(DType::F32, 0).expect("small");
    let size = |name: &str| {
        let at = MODEL.iter().position(|(one, _)| *one == name).expect(name);
        bytes[at].end - bytes[at].start
    };
    assert_eq!(["ids", "scalar", "small", "weight", "wide"].map(size), [0, 0, 20, 2_800_000, 1_600_000]);
    let fills = assigned.fills(SEED, DType::F32, 0).expect("small");
    assert_eq!(fills.len(), 4 + 3, "four, and one that a padding row cuts in three");
}
