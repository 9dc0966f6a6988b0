//! What is refused, and with which words.

use crate::zoo::wgpu;
use burn::module::{Module, Param, Quantizer};
use burn::nn::LinearConfig;
use burn::tensor::quantization::{Calibration, QuantScheme};
use burn::tensor::{DType, Device, Tensor};
use wgpu_init::{Initializer, Seed};
use wgpu_init_burn::Error;
use wgpu_init_models::{Recipe, Rules};

#[derive(Module, Debug)]
struct One {
    table: Param<Tensor<2>>,
}

#[test]
fn a_load_mapper_that_turns_a_tensor_of_another_class_is_refused() {
    let (device, init) = wgpu();
    for device in [device, Device::flex()] {
        let table = Param::from_tensor(Tensor::<2>::ones([3, 5], &device)).load_mapper(Tensor::transpose);
        let error = init.fill(One { table }, Initializer::zeros(), Seed::new(1)).expect_err("turned");
        assert!(matches!(&error, Error::Transposed { name, .. } if name == "table"), "{error}");
    }
}

#[test]
fn quantised_parameters_are_refused_unless_the_rules_skip_them() {
    let (_, init) = wgpu();
    let device = Device::flex();
    let mut quantizer = Quantizer::new(Calibration::MinMax, QuantScheme::default());
    let linear = LinearConfig::new(32, 32).with_bias(false).init(&device).quantize_weights(&mut quantizer);
    let error = init.fill(linear.clone(), Recipe::TorchDefault, Seed::new(1)).expect_err("quantised");
    assert!(matches!(&error, Error::Quantised { name, .. } if name == "weight"), "{error}");
    let rules: Rules = "[[rule]]\nname = \"*\"\nskip = true".parse().expect("rules");
    let filled = init.fill(linear, rules, Seed::new(1)).expect("filled");
    assert!(matches!(filled.weight.dtype(), DType::QFloat(_)));
}

#[test]
fn a_dtype_that_is_not_burns_or_not_ours_is_refused() {
    let init = wgpu_init_burn::Init::cpu();
    let table = |dtype| One { table: Param::from_tensor(Tensor::<2>::ones([3, 5], &Device::flex()).cast(dtype)) };
    let error = init.fill(table(DType::F64), Initializer::zeros(), Seed::new(1)).expect_err("f64");
    assert!(matches!(&error, Error::UnsupportedDType { dtype: DType::F64, .. }), "{error}");
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"ones\"\ndtype = \"f8_e4m3fn\"".parse().expect("rules");
    let error = init.fill(table(DType::F32), &rules, Seed::new(1)).expect_err("f8");
    assert!(matches!(&error, Error::RuleDType { .. }), "{error}");
    let rules: Rules = "[[rule]]\nname = \"*\"\ninit = \"ones\"\ndtype = \"bf16\"".parse().expect("rules");
    assert_eq!(init.fill(table(DType::F32), &rules, Seed::new(1)).expect("bf16").table.dtype(), DType::BF16);
}

/// A module of one's own has a class that PyTorch does not know.
#[test]
fn an_unknown_class_is_named() {
    let table = Param::from_tensor(Tensor::<2>::ones([3, 5], &Device::flex()));
    let error =
        wgpu_init_burn::Init::cpu().fill(One { table }, Recipe::TorchDefault, Seed::new(1)).expect_err("unknown");
    assert!(error.to_string().contains("One"), "{error}");
}
