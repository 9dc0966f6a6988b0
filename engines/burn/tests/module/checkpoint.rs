//! One seed gives one model: filled here, and in a checkpoint that the library writes.

use crate::zoo::{Held, Zoo, held, wgpu};
use burn::module::{Module, ModuleMapper, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig, LinearLayout};
use burn::tensor::{DType, Device, Tensor};
use burn_store::{ModuleStore, PyTorchToBurnAdapter, SafetensorsStore};
use std::collections::HashMap;
use std::ops::ControlFlow;
use wgpu_init::Seed;
use wgpu_init_burn::{Assign, Init};
use wgpu_init_models::checkpoint::{Drawer, Layout, Origin, Scheme, write};
use wgpu_init_models::{Recipe, Rules};

/// No constants, in which a mistaken layout would not show; an orthogonal matrix in blocks, and rows with a law of their own.
const LOUD: &str = r#"
[[rule]]
name = "*.weight_hh_l0*"
init = "orthogonal(1)"
[[rule]]
name = "row.weight"
init = "xavier_uniform(1)"
parts = [{ rows = [2, 4], init = "ones" }]
[[rule]]
name = "*.weight"
init = "normal(0, 1/sqrt(fan_in))"
rank = 2
[[rule]]
name = "*"
init = "uniform(-1, 1)"
"#;

/// A file of the module's parameters in PyTorch's layout.
fn checkpoint(init: &Init, module: &impl Module, rules: &impl Assign, dtype: wgpu_init::DType) -> Vec<u8> {
    let list = rules.assign(&init.parameters(module).expect("a list")).expect("they fit").list;
    let tensors = list.into_iter().map(|one| wgpu_init_models::checkpoint::Tensor::new(one, dtype));
    let layout = Layout::new(tensors.collect::<Result<_, _>>().expect("tensors")).expect("small");
    let origin = Origin::new(Seed::new(42), None, &Scheme::Rules("zoo".to_owned()), &layout);
    let mut file = Vec::new();
    let header = layout.header(&origin.metadata().expect("text")).expect("a header");
    let mut drawer = Drawer::cpu(layout.largest_whole());
    let go_on = |_| ControlFlow::Continue(());
    write(&layout, &header, origin.effective_seed(), &mut drawer, &mut file, &go_on).expect("written");
    file
}

/// Where a parameter of the zoo is in PyTorch's file: the name, the first row of how many, and whether it is transposed there. Written
/// down apart from the crate.
fn place(path: &str) -> (String, Option<(usize, usize)>, bool) {
    let gates = |module: &str, kinds: &[&str], suffix: &str, rest: &str| {
        let (gate, rest) = rest.split_once('.').expect("a gate");
        let number = kinds.iter().position(|kind| *kind == gate).expect("a gate of PyTorch's");
        let (transform, leaf) = rest.split_once('.').expect("a leaf");
        let kind = if transform == "input_transform" { "ih" } else { "hh" };
        (format!("{module}.{leaf}_{kind}_l0{suffix}"), Some((number, kinds.len())), leaf == "weight")
    };
    let lstm = ["input_gate", "forget_gate", "cell_gate", "output_gate"];
    let (module, rest) = path.split_once('.').expect("a module");
    match (module, rest) {
        ("lstm", _) => gates("lstm", &lstm, "", rest),
        ("both", _) if rest.starts_with("forward.") => gates("both", &lstm, "", &rest["forward.".len()..]),
        ("both", _) => gates("both", &lstm, "_reverse", &rest["reverse.".len()..]),
        ("gru", _) => gates("gru", &["reset_gate", "update_gate", "new_gate"], "", rest),
        ("attention", "output.weight") => ("attention.out_proj.weight".into(), None, true),
        ("attention", "output.bias") => ("attention.out_proj.bias".into(), None, false),
        ("attention", _) => {
            let (which, leaf) = rest.split_once('.').expect("a projection");
            let number = ["query", "key", "value"].iter().position(|name| *name == which).expect("a projection");
            (format!("attention.in_proj_{leaf}"), Some((number, 3)), leaf == "weight")
        }
        ("norm" | "batch" | "group" | "rms", "gamma") | ("act", _) => (format!("{module}.weight"), None, false),
        ("norm" | "batch" | "group", "beta") => (format!("{module}.bias"), None, false),
        ("row" | "col" | "square", "weight") | ("list", "0.weight" | "1.weight") => (path.into(), None, true),
        _ => (path.into(), None, false),
    }
}

/// What the file says that each parameter of the module holds.
fn expected(file: &[u8], held: &[Held]) -> Vec<Held> {
    let tensors = safetensors::SafeTensors::deserialize(file).expect("a file");
    let expected = |one: &Held| {
        let (name, block, transposed) = place(&one.path);
        let tensor = tensors.tensor(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut shape, mut data) = (tensor.shape().to_vec(), tensor.data().to_vec());
        let size = data.len() / shape.iter().product::<usize>();
        if let Some((number, of)) = block {
            let part = data.len() / of;
            (shape[0], data) = (shape[0] / of, data[number * part..(number + 1) * part].to_vec());
        }
        if transposed {
            let (rows, columns) = (shape[0], shape[1]);
            let at = |column: usize, row: usize| &data[(row * columns + column) * size..][..size];
            data = (0..columns).flat_map(|column| (0..rows).flat_map(move |row| at(column, row).to_vec())).collect();
            shape.reverse();
        }
        Held { path: one.path.clone(), shape, dtype: one.dtype, bytes: burn::tensor::Bytes::from_bytes_vec(data) }
    };
    held.iter().map(expected).collect()
}

fn same(got: &[Held], expected: &[Held]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert_eq!(got, expected);
    }
}

/// Every number of every layout, on the device, with and without autodiff, and on a backend without wgpu.
#[test]
fn a_filled_module_holds_what_its_checkpoint_holds() {
    let loud: Rules = LOUD.parse().expect("rules");
    let (device, init) = wgpu();
    for device in [device.clone(), device.autodiff(), Device::flex(), Device::flex().autodiff()] {
        for _ in 0..2 {
            let filled = init.fill(Zoo::new(&device), &loud, Seed::new(42)).expect("filled");
            let held = held(&filled);
            same(&held, &expected(&checkpoint(&init, &filled, &loud, wgpu_init::DType::F32), &held));
            // Again, now that Burn has tensors of its own to turn.
            let again = init.fill(filled, Recipe::TorchDefault, Seed::new(42)).expect("filled");
            let held = self::held(&again);
            let file = checkpoint(&init, &again, &Recipe::TorchDefault, wgpu_init::DType::F32);
            same(&held, &expected(&file, &held));
        }
    }
}

struct Cast(DType);

impl ModuleMapper for Cast {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| tensor.cast(self.0))
    }
}

/// The parameters' own dtype decides.
#[test]
fn tensors_of_16_bits_are_filled_in_their_dtype() {
    let loud: Rules = LOUD.parse().expect("rules");
    let (device, init) = wgpu();
    for (burn, ours) in [(DType::F16, wgpu_init::DType::F16), (DType::BF16, wgpu_init::DType::Bf16)] {
        // What is stored turned, Burn turns back by a kernel before it is read: it has none for bf16 in WGSL, nor on every device for f16.
        for (device, layout) in [(device.clone(), LinearLayout::Row), (Device::flex(), LinearLayout::Col)] {
            let module = Zoo::with_layout(&Device::flex(), layout).map(&mut Cast(burn));
            // From Flex, since not every device computes in these types.
            let module = module.to_device(&device);
            let filled = init.fill(module, &loud, Seed::new(42)).expect("filled");
            let held = held(&filled);
            assert!(held.iter().all(|one| one.dtype == burn));
            same(&held, &expected(&checkpoint(&init, &filled, &loud, ours), &held));
        }
    }
}

/// What Burn's own store can load, it loads to the same numbers. It cannot load a `Linear` with the layout `Col` from PyTorch's file: its
/// adapter transposes the weight, and the load mapper expects PyTorch's shape.
#[test]
fn burns_own_store_loads_the_checkpoint_to_the_same_numbers() {
    #[derive(Module, Debug)]
    struct Net {
        conv: Conv2d,
        norm: LayerNorm,
        row: Linear,
        list: Vec<Linear>,
    }
    let net = |device: &Device| Net {
        conv: Conv2dConfig::new([3, 5], [3, 3]).init(device),
        norm: LayerNormConfig::new(7).init(device),
        row: LinearConfig::new(5, 7).init(device),
        list: (1..3).map(|outputs| LinearConfig::new(3, outputs).init(device)).collect(),
    };
    let loud: Rules = LOUD.parse().expect("rules");
    let (device, init) = wgpu();
    let filled = init.fill(net(&device), &loud, Seed::new(42)).expect("filled");
    let file = checkpoint(&init, &filled, &loud, wgpu_init::DType::F32);
    let mut loaded = net(&device);
    let mut store = SafetensorsStore::from_bytes(Some(file)).with_from_adapter(PyTorchToBurnAdapter);
    let result = store.apply_to(&mut loaded).expect("loaded");
    assert!(result.missing.is_empty() && result.errors.is_empty(), "{result:?}");
    let names: HashMap<_, _> = held(&loaded).into_iter().map(|one| (one.path, one.bytes)).collect();
    for one in held(&filled) {
        assert_eq!(names[&one.path], one.bytes, "{}", one.path);
    }
}
