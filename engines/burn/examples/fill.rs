//! A network of Burn's, filled on its device as PyTorch would have initialised it, or by rules of one's own.
//!
//! `cargo run --release --example fill`
#![expect(clippy::print_stdout, reason = "an example shows its results")]

use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};
use wgpu_init::Seed;
use wgpu_init_burn::Init;
use wgpu_init_models::{Recipe, Rules};

#[derive(Module, Debug)]
struct Net {
    embedding: Embedding,
    up: Linear,
    norm: LayerNorm,
    head: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        Self {
            embedding: EmbeddingConfig::new(100, 64).init(device),
            up: LinearConfig::new(64, 256).init(device),
            norm: LayerNormConfig::new(256).init(device),
            head: LinearConfig::new(256, 10).init(device),
        }
    }

    fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        self.head.forward(self.norm.forward(self.up.forward(self.embedding.forward(tokens))))
    }
}

/// As for a model of one's own: the first rule that fits decides.
const RULES: &str = r#"
[[rule]]
name = "head.weight"
init = "zeros"
[[rule]]
name = "*.weight"
rank = 2
init = "trunc_normal(0, 0.02, -0.04, 0.04)"
[[rule]]
name = "*"
init = "torch_default"
"#;

fn main() -> anyhow::Result<()> {
    let (device, setup) = Device::wgpu_options().init_with_setup()?; // before Burn's first use of the device
    let init = Init::new(&setup)?;
    println!("{}", setup.adapter.get_info().name);

    // Modules are lazy: nothing was drawn by Burn, and nothing will be.
    let net = init.fill(Net::new(&device.clone().autodiff()), Recipe::TorchDefault, Seed::new(42))?;
    for parameter in init.parameters(&net)? {
        println!("{:18} {:?}", parameter.name, parameter.shape.dims());
    }
    let tokens = Tensor::<2, Int>::from_data([[1, 2, 3]], &device);
    println!("{}", net.forward(tokens.clone().autodiff()).into_data());

    let rules: Rules = RULES.parse()?;
    let net = init.fill(Net::new(&device), &rules, Seed::new(42))?;
    println!("{}", net.forward(tokens).into_data());
    Ok(())
}
