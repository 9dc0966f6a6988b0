//! Models that the command knows by name.

use super::{Model, Name, config, manifest};
use anyhow::{Context, Result};

macro_rules! bundled {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../models/", $name, ".json")))),*]
    };
}

/// Configurations as transformers has them; ResNet-50 as a manifest, with torchvision's names.
const BUNDLED: [(&str, &str); 12] = bundled!(
    "gpt2" "gpt2-xl" "llama-tiny" "llama-3.1-8b" "llama-3.1-70b" "mixtral-8x7b" "bert-base" "t5-small" "vit-base"
    "whisper-tiny" "mamba-130m" "resnet50"
);

pub(super) fn names() -> [&'static str; BUNDLED.len()] {
    BUNDLED.map(|(name, _)| name)
}

pub(super) fn load(name: &str) -> Option<Result<Model>> {
    let (name, text) = BUNDLED.iter().find(|(known, _)| *known == name)?;
    let model =
        if *name == "resnet50" { manifest::read(text) } else { config::read(Name::File((*name).to_owned()), text) };
    Some(model.with_context(|| format!("the bundled model {name}")))
}
