//! What a fill leaves alone.

use crate::zoo::{Zoo, held, wgpu};
use burn::module::{Module, Param, ParamId};
use burn::nn::{LinearConfig, LinearLayout};
use burn::tensor::{Device, Tensor};
use wgpu_init::{Initializer, Seed};
use wgpu_init_models::{Recipe, Rules};

#[derive(Module, Debug)]
struct Two {
    weight: Param<Tensor<2>>,
    kept: Param<Tensor<2>>,
}

/// A parameter whose initialisation must not run.
fn lazy(device: &Device) -> Param<Tensor<2>> {
    let init = |_: &Device, _| -> Tensor<2> { panic!("Burn's own initialisation ran") };
    Param::uninitialized(ParamId::new(), init, device.clone(), true, [3, 5].into())
}

#[test]
fn burns_own_initialisation_does_not_run() {
    let (device, init) = wgpu();
    for device in [device, Device::flex()] {
        let rules: Rules = "[[rule]]\nname = \"kept\"\nskip = true\n[[rule]]\nname = \"*\"\ninit = \"normal(0, 1)\""
            .parse()
            .expect("rules");
        let two = Two { weight: lazy(&device), kept: lazy(&device) };
        let ids = (two.weight.id, two.kept.id);
        let filled = init.fill(two, rules, Seed::new(1)).expect("filled");
        assert_eq!((filled.weight.id, filled.kept.id), ids);
        assert!(filled.weight.is_initialized() && !filled.kept.is_initialized());
    }
}

#[test]
fn a_layer_that_was_not_used_yet_stays_lazy_until_it_is_filled() {
    let (device, init) = wgpu();
    let linear = LinearConfig::new(3, 5).with_layout(LinearLayout::Col).init(&device);
    init.parameters(&linear).expect("a list");
    assert!(!linear.weight.is_initialized());
    let filled = init.fill(linear.clone(), Recipe::TorchDefault, Seed::new(1)).expect("filled");
    assert!(filled.weight.is_initialized() && !linear.weight.is_initialized());
    assert_eq!(filled.weight.dims(), [3, 5]);
}

/// Clones, tensors that were taken out, and operations that are queued on them.
#[test]
fn what_others_hold_keeps_its_values() {
    let (device, init) = wgpu();
    let ones = |shape| Param::from_tensor(Tensor::<2>::ones(shape, &device));
    let module = Two { weight: ones([64, 33]), kept: ones([7, 3]) };
    let (clone, taken) = (module.clone(), module.weight.val());
    let queued = taken.clone() * 2.0; // not read yet
    let filled = init.fill(module, Initializer::zeros(), Seed::new(1)).expect("filled");
    for tensor in [clone.weight.val(), clone.kept.val(), taken] {
        assert!(tensor.into_data().iter::<f32>().all(|value| value == 1.0));
    }
    assert!(queued.into_data().iter::<f32>().all(|value| value == 2.0));
    assert!(held(&filled).iter().all(|one| one.bytes.iter().all(|byte| *byte == 0)));
}

/// Several threads, each with its module.
#[test]
fn threads_share_one_init() {
    let (device, init) = wgpu();
    let expected = held(&init.fill(Zoo::new(&device), Recipe::TorchDefault, Seed::new(7)).expect("filled"));
    std::thread::scope(|scope| {
        let fill = || held(&init.fill(Zoo::new(&device), Recipe::TorchDefault, Seed::new(7)).expect("filled"));
        let threads = [(); 4].map(|()| scope.spawn(fill));
        for thread in threads {
            assert_eq!(thread.join().expect("no panic"), expected);
        }
    });
}
