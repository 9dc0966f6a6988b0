//! A module with every layout that Burn stores otherwise than PyTorch, the device, and what a module holds.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::attention::{MultiHeadAttention, MultiHeadAttentionConfig};
use burn::nn::conv::{Conv2d, Conv2dConfig, ConvTranspose1d, ConvTranspose1dConfig};
use burn::nn::{
    BatchNorm, BatchNormConfig, BiLstm, BiLstmConfig, Embedding, EmbeddingConfig, GroupNorm, GroupNormConfig, Gru,
    GruConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig, LinearLayout, Lstm, LstmConfig, PRelu, PReluConfig,
    RmsNorm, RmsNormConfig,
};
use burn::tensor::{Bytes, DType, Device, Tensor};
use std::sync::OnceLock;
use wgpu_init_burn::Init;

/// Odd sizes, so that rows end inside 32-bit words.
#[derive(Module, Debug)]
pub(crate) struct Zoo {
    pub(crate) embedding: Embedding,
    pub(crate) row: Linear,
    pub(crate) col: Linear,
    /// Its shape does not say whether it was turned.
    pub(crate) square: Linear,
    pub(crate) conv: Conv2d,
    pub(crate) up: ConvTranspose1d,
    pub(crate) norm: LayerNorm,
    pub(crate) batch: BatchNorm,
    pub(crate) group: GroupNorm,
    pub(crate) rms: RmsNorm,
    pub(crate) act: PRelu,
    pub(crate) list: Vec<Linear>,
    pub(crate) lstm: Lstm,
    pub(crate) both: BiLstm,
    pub(crate) gru: Gru,
    pub(crate) attention: MultiHeadAttention,
}

impl Zoo {
    pub(crate) fn new(device: &Device) -> Self {
        Self::with_layout(device, LinearLayout::Col)
    }

    /// With the layout of `col` and `square`.
    pub(crate) fn with_layout(device: &Device, layout: LinearLayout) -> Self {
        Self {
            embedding: EmbeddingConfig::new(11, 5).init(device),
            row: LinearConfig::new(5, 7).init(device),
            col: LinearConfig::new(7, 3).with_layout(layout).init(device),
            square: LinearConfig::new(5, 5).with_layout(layout).with_bias(false).init(device),
            conv: Conv2dConfig::new([3, 5], [3, 3]).init(device),
            up: ConvTranspose1dConfig::new([3, 5], 3).init(device),
            norm: LayerNormConfig::new(7).init(device),
            batch: BatchNormConfig::new(5).init(device),
            group: GroupNormConfig::new(1, 3).init(device),
            rms: RmsNormConfig::new(5).init(device),
            act: PReluConfig::new().init(device),
            list: (1..3).map(|outputs| LinearConfig::new(3, outputs).init(device)).collect(),
            lstm: LstmConfig::new(5, 3, true).init(device),
            both: BiLstmConfig::new(3, 5, true).init(device),
            gru: GruConfig::new(3, 5, true).init(device),
            attention: MultiHeadAttentionConfig::new(6, 2).init(device),
        }
    }
}

/// The machine's wgpu device, opened once with its handles.
pub(crate) fn wgpu() -> (Device, Init) {
    static OPENED: OnceLock<(Device, Init)> = OnceLock::new();
    let open = || {
        let (device, setup) = Device::wgpu_options().init_with_setup().expect("a wgpu device");
        println!("on {:?}", setup.adapter.get_info().name);
        (device, Init::new(&setup).expect("an executor"))
    };
    OPENED.get_or_init(open).clone()
}

/// One parameter: its path, logical shape, dtype and row-major bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    pub(crate) path: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) dtype: DType,
    pub(crate) bytes: Bytes,
}

#[derive(Default)]
struct Read {
    path: Vec<String>,
    all: Vec<Held>,
}

impl ModuleVisitor for Read {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let data = param.val().into_data();
        let (shape, dtype) = (data.shape().iter().copied().collect(), data.dtype());
        self.all.push(Held { path: self.path.join("."), shape, dtype, bytes: data.into_parts().0 });
    }
}

/// What the module holds.
pub(crate) fn held(module: &impl Module) -> Vec<Held> {
    let mut read = Read::default();
    module.visit(&mut read);
    read.all
}
