//! Checkpoints in files of their own, drawn by the library or made of given numbers.

use std::collections::HashMap;
use std::ops::ControlFlow;
use tempfile::NamedTempFile;
use wgpu_init::{CpuExecutor, DType, Initializer, Seed, Shape};
use wgpu_init_models::audit::{Checkpoint, Expected, Options, Report, audit};
use wgpu_init_models::{Parameter, Rules, Variables};

/// A tensor as a file has it.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    pub(crate) name: String,
    pub(crate) dtype: safetensors::Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Vec<u8>,
}

impl Raw {
    /// Drawn by the library.
    pub(crate) fn drawn(name: &str, init: &str, shape: &[usize], dtype: DType, seed: u64) -> Self {
        let dims: Vec<u64> = shape.iter().map(|size| *size as u64).collect();
        let shape_of = Shape::new(dims).expect("a shape");
        let initializer: Initializer = init.parse().unwrap_or_else(|error| panic!("{init}: {error}"));
        let fill = wgpu_init::Fill::new(shape_of.clone(), initializer).expect(init);
        let fill = fill.named(Seed::new(seed), name).dtype(dtype);
        let size = usize::try_from(shape_of.elements() * dtype.size()).expect("small");
        let mut bytes = vec![0u8; size.next_multiple_of(4)];
        CpuExecutor::new().run_in(&mut bytes, [fill]).expect("drawn");
        bytes.truncate(size);
        Self { name: name.to_owned(), dtype: spelling(dtype), shape: shape.to_vec(), bytes }
    }

    /// Of numbers in f32.
    pub(crate) fn of(name: &str, shape: &[usize], numbers: &[f32]) -> Self {
        assert_eq!(shape.iter().product::<usize>(), numbers.len());
        let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.to_owned(), dtype: safetensors::Dtype::F32, shape: shape.to_vec(), bytes }
    }

    /// Of numbers in bf16, rounded to nearest.
    pub(crate) fn of_bf16(name: &str, shape: &[usize], numbers: &[f32]) -> Self {
        let bytes = numbers.iter().flat_map(|x| half::bf16::from_f32(*x).to_le_bytes()).collect();
        Self { name: name.to_owned(), dtype: safetensors::Dtype::BF16, shape: shape.to_vec(), bytes }
    }

    /// Its numbers, of f32.
    pub(crate) fn numbers(&self) -> Vec<f32> {
        self.bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
    }

    /// The same with other numbers.
    pub(crate) fn with(&self, change: impl FnOnce(&mut Vec<f32>)) -> Self {
        let mut numbers = self.numbers();
        change(&mut numbers);
        Self::of(&self.name, &self.shape, &numbers)
    }
}

fn spelling(dtype: DType) -> safetensors::Dtype {
    match dtype {
        DType::F32 => safetensors::Dtype::F32,
        DType::F16 => safetensors::Dtype::F16,
        DType::Bf16 => safetensors::Dtype::BF16,
        DType::F8E4M3Fn => safetensors::Dtype::F8_E4M3,
        DType::F8E5M2 => safetensors::Dtype::F8_E5M2,
        other => panic!("{other}"),
    }
}

/// A file of them.
pub(crate) fn file(tensors: &[Raw]) -> NamedTempFile {
    let file = NamedTempFile::new().expect("a file");
    let views: HashMap<String, safetensors::tensor::TensorView<'_>> = tensors
        .iter()
        .map(|raw| {
            let view = safetensors::tensor::TensorView::new(raw.dtype, raw.shape.clone(), &raw.bytes);
            (raw.name.clone(), view.expect("fits"))
        })
        .collect();
    safetensors::serialize_to_file(views, None, file.path()).expect("written");
    file
}

/// What is found in them by rules.
pub(crate) fn found_with(tensors: &[Raw], rules: &str, options: &Options, listed: Option<&[Parameter]>) -> Report {
    let rules: Rules = rules.parse().unwrap_or_else(|error| panic!("{rules}: {error}"));
    let file = file(tensors);
    let checkpoint = Checkpoint::open([file.path()]).expect("a checkpoint");
    let expected = Expected::by_rules(&rules, &Variables::new(), &checkpoint, listed).expect("assigned");
    audit(&checkpoint, &expected, options, &|_| ControlFlow::Continue(())).expect("audited")
}

/// One rule for all tensors.
pub(crate) fn rule(init: &str) -> String {
    format!("[[rule]]\nname = \"*\"\ninit = \"{init}\"\n")
}
