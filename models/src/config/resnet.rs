//! ResNet: `configuration_resnet.py`, `modeling_resnet.py`. The names are transformers', not torchvision's.

use super::field::{Field, Fields, Layers, Size, of};
use super::{Architecture, Module};
use crate::Recipe;

#[derive(Debug)]
pub(super) struct ResNet {
    num_channels: Size,
    embedding_size: Size,
    hidden_sizes: Vec<Size>,
    depths: Vec<Layers>,
    layer_type: LayerType,
    downsample_in_first_stage: bool,
    labels: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    const TIED: bool = false;

    fn read(fields: Fields<'_>, _: bool) -> Result<Self, String> {
        let layer_type = match fields.get("layer_type").unless_null().map(Field::text).transpose()? {
            Some("basic") => LayerType::Basic,
            Some("bottleneck") | None => LayerType::Bottleneck,
            Some(other) => return Err(format!("layer_type is {other:?}, expected \"basic\" or \"bottleneck\"")),
        };
        Ok(Self {
            num_channels: fields.size(&["num_channels"])?,
            embedding_size: fields.size(&["embedding_size"])?,
            hidden_sizes: fields.get("hidden_sizes").list("a list with a size for each stage", |size| size.size())?,
            depths: fields
                .get("depths")
                .list("a list with a number of layers for each stage", |depth| depth.layers())?,
            layer_type,
            downsample_in_first_stage: fields.flag("downsample_in_first_stage", false)?,
            labels: fields.labels()?,
        })
    }

    fn variables(&self) -> Vec<(&'static str, f64)> {
        vec![("n_layer", self.depths.iter().copied().map(f64::from).sum())]
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
        let layers: u64 = self.depths.iter().copied().map(u64::from).sum();
        if self.depths.contains(&0) || layers > u64::from(Layers::MAX) {
            let most = Layers::MAX;
            return Err(format!(
                "depths has {layers} layers, expected at least 1 in each stage and at most {most} in all"
            ));
        }
        let mut resnet = model.at("resnet");
        let mut inputs = of(self.embedding_size);
        convolution(&mut resnet.at("embedder.embedder"), inputs, of(self.num_channels), 7)?;
        for (stage, (outputs, depth)) in self.hidden_sizes.iter().zip(&self.depths).enumerate() {
            let mut layers = resnet.at(format!("encoder.stages.{stage}.layers"));
            for number in 0..*depth {
                let strided = number == 0 && (stage > 0 || self.downsample_in_first_stage);
                self.block(&mut layers.at(number.to_string()), inputs, of(*outputs), strided)?;
                inputs = of(*outputs);
            }
        }
        // Without labels there is an `Identity`.
        if self.labels == 0 { Ok(()) } else { model.linear("classifier.1", self.labels, of(*features), true) }
    }
}
