//! ResNet: `configuration_resnet.py`, `modeling_resnet.py`. The names are transformers', not torchvision's.

use super::field::{Size, labels, of};
use super::{Architecture, Module};
use crate::Recipe;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct ResNet {
    num_channels: Size,
    embedding_size: Size,
    hidden_sizes: Vec<Size>,
    depths: Vec<super::field::Layers>,
    layer_type: LayerType,
    #[serde(default)]
    downsample_in_first_stage: bool,
    num_labels: Option<Size>,
    id2label: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LayerType {
    /// Two 3×3 convolutions.
    Basic,
    /// 1×1, 3×3 and 1×1, the middle with a quarter of the channels.
    Bottleneck,
}

/// A convolution without bias, and its norm.
fn convolution(module: &mut Module<'_>, outputs: u64, inputs: u64, kernel: u64) -> Result<(), String> {
    module.convolution("convolution", &[outputs, inputs, kernel, kernel], false)?;
    module.batch_norm("normalization", outputs)
}

impl ResNet {
    fn block(&self, block: &mut Module<'_>, inputs: u64, outputs: u64, strided: bool) -> Result<(), String> {
        if inputs != outputs || strided {
            convolution(&mut block.at("shortcut"), outputs, inputs, 1)?;
        }
        if self.layer_type == LayerType::Basic {
            convolution(&mut block.at("layer.0"), outputs, inputs, 3)?;
            return convolution(&mut block.at("layer.1"), outputs, outputs, 3);
        }
        let reduced = outputs / 4;
        convolution(&mut block.at("layer.0"), reduced, inputs, 1)?;
        convolution(&mut block.at("layer.1"), reduced, reduced, 3)?;
        convolution(&mut block.at("layer.2"), outputs, reduced, 1)
    }
}

impl Architecture for ResNet {
    const CLASSES: &'static [&'static str] = &["ResNetForImageClassification"];
    const RECIPE: Recipe = Recipe::Resnet50;

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![("n_layer", self.depths.iter().map(|depth| f64::from(depth.get())).sum())]
    }

    fn list(&self, _: &'static str, model: &mut Module<'_>) -> Result<(), String> {
        let (sizes, depths) = (self.hidden_sizes.len(), self.depths.len());
        if sizes != depths {
            return Err(format!("hidden_sizes has {sizes} stages, depths has {depths}, they must be as many"));
        }
        let Some(features) = self.hidden_sizes.last() else {
            return Err("hidden_sizes is empty, it must have a size for each stage".to_owned());
        };
        if let (LayerType::Bottleneck, Some(size)) =
            (self.layer_type, self.hidden_sizes.iter().find(|size| of(**size) < 4))
        {
            return Err(format!("hidden_sizes has {size}, a bottleneck needs at least 4 channels"));
        }
        let mut resnet = model.at("resnet");
        let mut inputs = of(self.embedding_size);
        convolution(&mut resnet.at("embedder.embedder"), inputs, of(self.num_channels), 7)?;
        for (stage, (outputs, depth)) in self.hidden_sizes.iter().zip(&self.depths).enumerate() {
            let mut layers = resnet.at(format!("encoder.stages.{stage}.layers"));
            for number in 0..depth.get() {
                let strided = number == 0 && (stage > 0 || self.downsample_in_first_stage);
                self.block(&mut layers.at(number.to_string()), inputs, of(*outputs), strided)?;
                inputs = of(*outputs);
            }
        }
        model.linear("classifier.1", labels(self.num_labels, self.id2label.as_ref())?, of(*features), true)
    }
}
