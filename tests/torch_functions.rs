//! `torch.nn.init`, measured (`tests/data/torch_init_functions.json`), replayed: gains, fans, distributions and errors.
//!
//! `eye_`, `dirac_`, `orthogonal_` and `sparse_` are in `tests/torch_structured.rs`. Where we differ on purpose, the difference is
//! listed with its reason.

mod support;

use serde_json::Value;
use support::expression::parts;
use wgpu_init::cpu::reference;
use wgpu_init::scheme::{FanMode, Fans, Layout, Nonlinearity};
use wgpu_init::{Distribution, Error, Fill, Initializer, Shape};

fn data() -> Value {
    serde_json::from_str(include_str!("data/torch_init_functions.json")).expect("JSON")
}

fn rows<'a>(data: &'a Value, key: &str) -> &'a Vec<Value> {
    data[key].as_array().expect("a list")
}

fn cases<'a>(data: &'a Value, function: &str) -> &'a Vec<Value> {
    data["functions"][function]["cases"].as_array().expect("a list of cases")
}

fn shape(row: &Value) -> Shape {
    let dims: Vec<u64> =
        row["shape"].as_array().expect("a shape").iter().map(|dim| dim.as_u64().expect("a size")).collect();
    Shape::new(dims).expect("a shape")
}

fn argument(row: &Value, name: &str, default: f64) -> f64 {
    row["kwargs"].get(name).map_or(default, |value| value.as_f64().expect("a number"))
}

/// Equal but for the last bits: PyTorch's own order of operations is not everywhere that of the formula in the record.
fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 4.0 * f64::EPSILON * expected.abs()
}

fn assert_law(got: &Distribution, row: &Value) {
    let expected = &row["distribution"];
    let is = |name: &str, got: f64| {
        let expected = expected[name].as_f64().expect("a number");
        assert!(near(got, expected), "{row}: {name} is {got}, not {expected}");
    };
    let (name, numbers) = parts(got);
    match (expected["family"].as_str().expect("a family"), &*name, &numbers[..]) {
        ("uniform", "uniform", &[low, high]) => {
            is("low", low);
            is("high", high);
        }
        ("uniform", "constant", &[value]) => {
            is("low", value);
            is("high", value);
        }
        ("normal", "normal", &[mean, std]) => {
            is("mean", mean);
            is("std", std);
        }
        ("normal", "constant", &[value]) => {
            is("mean", value);
            assert_eq!(expected["std"], 0.0, "{row}");
        }
        ("truncated_normal", "trunc_normal", &[mean, std, low, high]) => {
            is("parent_mean", mean);
            is("parent_std", std);
            is("low", low);
            is("high", high);
        }
        (family, ..) => panic!("{row}: {got} is not {family}"),
    }
}

#[test]
fn gains_are_calculate_gains() {
    let data = data();
    let (mut values, mut refused) = (0, 0);
    for row in rows(&data, "calculate_gain") {
        let name = row["nonlinearity"].as_str().expect("a name");
        let parameter = &row["param"];
        // The one type of another library that PyTorch takes: a subclass of Python's float.
        let float64 = parameter.as_str().and_then(|text| text.strip_prefix("numpy.float64(")?.strip_suffix(')'));
        let slope = parameter.as_f64().or_else(|| float64?.parse().ok());
        let nonlinearity = match (name, slope) {
            ("leaky_relu", Some(slope)) => Ok(Nonlinearity::LeakyRelu { slope }),
            // A slope that is no number cannot be said in Rust; as text it is refused.
            ("leaky_relu", None) if !parameter.is_null() => format!("leaky_relu={parameter}").parse(),
            _ => name.parse(),
        };
        if row["outcome"] == "ok" {
            let gain = nonlinearity.unwrap_or_else(|error| panic!("{row}: {error}")).gain();
            assert_eq!(gain, row["value"].as_f64().expect("a gain"), "{row}");
            values += 1;
        } else {
            let error = nonlinearity.expect_err("PyTorch refuses it");
            assert!(matches!(error, Error::UnknownNonlinearity { .. }), "{row}: {error}");
            refused += 1;
        }
    }
    assert!(values >= 20 && refused >= 17, "{values} values, {refused} refused");
}

#[test]
fn fans_are_pytorchs() {
    for row in rows(&data(), "fans") {
        let shape = shape(row);
        let fans = Fans::of(&shape, Layout::OutIn);
        if row["outcome"] != "ok" {
            assert!(matches!(fans, Err(Error::FansNeedRank { .. })), "{row}: {fans:?}");
        } else if shape.elements() == 0 {
            // PyTorch gives zeros here, to divide by them later; we refuse at the door.
            assert!(matches!(fans, Err(Error::ZeroFan { .. })), "{row}: {fans:?}");
        } else {
            let fans = fans.unwrap_or_else(|error| panic!("{row}: {error}"));
            assert_eq!(Some(fans.fan_in), row["fan_in"].as_u64(), "{row}");
            assert_eq!(Some(fans.fan_out), row["fan_out"].as_u64(), "{row}");
        }
    }
}

fn mode(row: &Value) -> FanMode {
    match row["kwargs"].get("mode").map(|mode| mode.as_str().expect("a mode").to_lowercase()).as_deref() {
        None | Some("fan_in") => FanMode::FanIn,
        Some("fan_out") => FanMode::FanOut,
        Some(other) => panic!("an unknown mode {other}"),
    }
}

/// `a` counts for `leaky_relu` only.
fn nonlinearity(row: &Value) -> Nonlinearity {
    match row["kwargs"].get("nonlinearity").map(|name| name.as_str().expect("a name")) {
        None | Some("leaky_relu") => Nonlinearity::LeakyRelu { slope: argument(row, "a", 0.0) },
        Some(name) => name.parse().expect("a nonlinearity"),
    }
}

#[test]
fn distributions_are_pytorchs() {
    let data = data();
    let replay = |function: &str, initializer: &dyn Fn(&Value) -> Initializer| {
        for row in cases(&data, function) {
            let got = initializer(row).distribution(&shape(row));
            assert_law(&got.unwrap_or_else(|error| panic!("{function} {row}: {error}")), row);
        }
        cases(&data, function).len()
    };
    let a = |row: &Value, name, default| argument(row, name, default);
    let mut replayed = replay("uniform_", &|row| Initializer::uniform(a(row, "a", 0.0), a(row, "b", 1.0)));
    replayed += replay("normal_", &|row| Initializer::normal(a(row, "mean", 0.0), a(row, "std", 1.0)));
    replayed += replay("xavier_uniform_", &|row| Initializer::xavier_uniform(a(row, "gain", 1.0)));
    replayed += replay("xavier_normal_", &|row| Initializer::xavier_normal(a(row, "gain", 1.0)));
    replayed += replay("kaiming_uniform_", &|row| Initializer::kaiming_uniform(mode(row), nonlinearity(row)));
    replayed += replay("kaiming_normal_", &|row| Initializer::kaiming_normal(mode(row), nonlinearity(row)));
    assert_eq!(replayed, 11 + 12 + 15 + 15 + 33 + 33);
}

#[test]
fn truncated_normals_are_pytorchs() {
    let data = data();
    for row in cases(&data, "trunc_normal_") {
        let std = argument(row, "std", 1.0);
        let (low, high) = (argument(row, "a", -2.0), argument(row, "b", 2.0));
        let got = Initializer::trunc_normal(argument(row, "mean", 0.0), std, low, high).distribution(&shape(row));
        if std < 0.0 {
            // PyTorch takes the absolute value by accident; a negative std is a mistake.
            assert!(matches!(got, Err(Error::NegativeStd { .. })), "{row}");
        } else {
            assert_law(&got.unwrap_or_else(|error| panic!("{row}: {error}")), row);
        }
    }
    assert_eq!(cases(&data, "trunc_normal_").len(), 21);
}

#[test]
fn constants_are_pytorchs() {
    let data = data();
    let mut replayed = 0;
    for row in cases(&data, "constant_ / ones_ / zeros_") {
        let initializer = match row["function"].as_str().expect("a name") {
            "zeros_" => Initializer::zeros(),
            "ones_" => Initializer::ones(),
            _ => match row["args"][0].as_f64() {
                Some(value) => Initializer::constant(value),
                // NaN and infinities: PyTorch fills with them, we refuse what is not finite.
                None => continue,
            },
        };
        let (Some(dtype), Some(value)) = (row["dtype"].as_str(), row["value"].as_f64()) else { continue };
        let dtype = match dtype {
            "float32" => wgpu_init::DType::F32,
            "float16" => wgpu_init::DType::F16,
            "bfloat16" => wgpu_init::DType::Bf16,
            // Integers, booleans, doubles and complex numbers are no dtypes of ours.
            _ => continue,
        };
        let fill = Fill::of(1, initializer.distribution(&shape(row)).expect("finite")).dtype(dtype);
        let bits = reference::elements(&fill).expect("it fits").next().expect("one element");
        assert_eq!(dtype.decode(bits), value, "{row}");
        replayed += 1;
    }
    assert!(replayed >= 9, "{replayed}");
}

/// The error cases of the functions that exist here, by their calls.
#[test]
fn errors_are_pytorchs_or_differ_for_a_reason() {
    let replayed = rows(&data(), "errors").iter().filter(|row| replay_error(row)).count();
    assert!(replayed >= 50, "{replayed}");
}

/// The sizes in `empty(…)`, which may be a tuple in parentheses.
fn empty(call: &str) -> Option<Shape> {
    let inside = call.split_once("empty(")?.1;
    let inside = inside.strip_prefix("()").map_or(inside, |_| ")");
    let dims = inside.split(')').next()?.split(',').filter(|dim| !dim.trim().is_empty());
    let dims: Option<Vec<u64>> = dims.map(|dim| dim.trim().parse().ok()).collect();
    Shape::new(dims?).ok()
}

fn keyword<'a>(call: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = call.split_once(&format!(", {name}="))?;
    Some(rest.split([',', ')']).next()?.trim().trim_matches('\''))
}

/// Replays one row; `false` where the call cannot be said here.
fn replay_error(row: &Value) -> bool {
    let (function, call) = (row["function"].as_str().expect("a name"), row["call"].as_str().expect("a call"));
    let Some(shape) = empty(call) else { return false };
    let number = |name, default: f64| keyword(call, name).map_or(Some(default), |text| text.parse().ok());
    let initializer = match function {
        "uniform_" => match (number("a", 0.0), number("b", 1.0)) {
            (Some(low), Some(high)) => Initializer::uniform(low, high),
            _ => return false,
        },
        "normal_" => match (number("mean", 0.0), number("std", 1.0)) {
            (Some(mean), Some(std)) => Initializer::normal(mean, std),
            _ => return false,
        },
        "trunc_normal_" => match (number("mean", 0.0), number("std", 1.0), number("a", -2.0), number("b", 2.0)) {
            (Some(mean), Some(std), Some(low), Some(high)) => Initializer::trunc_normal(mean, std, low, high),
            _ => return false,
        },
        "xavier_uniform_" => Initializer::xavier_uniform(number("gain", 1.0).expect("a number")),
        "xavier_normal_" => Initializer::xavier_normal(number("gain", 1.0).expect("a number")),
        "kaiming_uniform_" | "kaiming_normal_" => {
            let mode = keyword(call, "mode").unwrap_or("fan_in").to_lowercase();
            let name = keyword(call, "nonlinearity").unwrap_or("leaky_relu=0");
            let text = format!("{}({mode},{name})", function.trim_end_matches('_'));
            // `a` of another type and mode = None are questions of Python's types.
            if keyword(call, "a").is_some() || mode == "none" {
                return false;
            }
            match text.parse::<Initializer>() {
                Ok(initializer) => initializer,
                Err(error) => {
                    assert_eq!(row["outcome"], "error", "{row}: {error}");
                    return true;
                }
            }
        }
        _ => return false,
    };
    let got = initializer.distribution(&shape);
    let expected_ok = row["outcome"] == "ok";
    match difference(call, &shape) {
        None => assert_eq!(got.is_ok(), expected_ok, "{row}: {got:?}"),
        Some(reason) => assert_ne!(got.is_ok(), expected_ok, "no longer a difference ({reason}): {row}"),
    }
    true
}

/// Where we differ on purpose.
fn difference(call: &str, shape: &Shape) -> Option<&'static str> {
    let has = |text: &str| call.contains(text);
    if has("xavier") && shape.elements() == 0 && (has("(0, 0)") || has("(3, 4, 0)") || has("empty(0)")) {
        Some("a tensor without elements needs no fans, as PyTorch's kaiming says")
    } else if has("fan_avg") && has("empty(3, 4)") {
        Some("fan_avg is a mode of JAX's and Keras' that works for every scheme")
    } else if has("-3e38, b=3e38") {
        Some("the width of the interval is never computed in f32")
    } else if has("trunc_normal_") && has("std=-1") {
        Some("a negative std is a mistake")
    } else if has("trunc_normal_") && has("a=0.5, b=0.5") {
        Some("an empty window is a mistake; a constant is said by constant")
    } else if has("trunc_normal_") && has("std=0)") {
        Some("std = 0 is the constant mean")
    } else if has("trunc_normal_") && has("a=0, b=inf") {
        Some("bounds must be finite; 1e30 means the same")
    } else {
        None
    }
}

/// Between this file and `tests/torch_structured.rs`.
#[test]
fn every_function_is_replayed() {
    let data = data();
    let functions: Vec<&str> = data["functions"].as_object().expect("functions").keys().map(String::as_str).collect();
    let elsewhere = ["dirac_", "eye_", "orthogonal_", "sparse_"];
    let rows: usize = functions.iter().map(|function| cases(&data, function).len()).sum();
    assert_eq!(rows, 229, "all of the record's cases");
    let left: usize = elsewhere.iter().map(|function| cases(&data, function).len()).sum();
    assert_eq!(left, 54, "cases of the other file");
    assert_eq!(functions.len(), 8 + elsewhere.len());
}
