//! A filled module trains.

use crate::zoo::wgpu;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig, LinearLayout};
use burn::tensor::{Device, Tensor};
use wgpu_init::Seed;
use wgpu_init_models::Recipe;

#[derive(Module, Debug)]
struct Mlp {
    up: Linear,
    down: Linear,
}

impl Mlp {
    fn new(device: &Device) -> Self {
        let down = LinearConfig::new(7, 3).with_layout(LinearLayout::Col).init(device);
        Self { up: LinearConfig::new(5, 7).init(device), down }
    }

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        self.down.forward(self.up.forward(input))
    }
}

#[test]
fn gradients_reach_the_parameters_that_were_filled() {
    let (device, init) = wgpu();
    for device in [device.clone().autodiff(), device.autodiff().gradient_checkpointing(), Device::flex().autodiff()] {
        let module = init.fill(Mlp::new(&device), Recipe::TorchDefault, Seed::new(1)).expect("filled");
        let loss = module.forward(Tensor::ones([2, 5], &device)).sum();
        let gradients = loss.backward();
        for weight in [&module.up.weight, &module.down.weight] {
            let gradient = weight.val().grad(&gradients).expect("a gradient");
            assert_eq!(gradient.dims(), weight.dims());
            assert!(gradient.into_data().iter::<f32>().any(|value| value != 0.0));
        }
        // Frozen parameters stay frozen.
        let frozen = init.fill(module.no_grad(), Recipe::TorchDefault, Seed::new(2)).expect("filled");
        assert!(!frozen.up.weight.is_require_grad());
    }
}

/// A forward pass on the device, fused or not, of the numbers that Flex computes with.
#[test]
fn the_forward_pass_agrees_with_that_of_another_backend() {
    let (device, init) = wgpu();
    let forward = |device: &Device| {
        let module = init.fill(Mlp::new(device), Recipe::TorchDefault, Seed::new(1)).expect("filled");
        module.forward(Tensor::ones([2, 5], device)).into_data()
    };
    forward(&device).assert_approx_eq::<f32>(&forward(&Device::flex()), burn::tensor::Tolerance::default());
}
