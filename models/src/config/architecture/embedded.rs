//! The files of `models/src/architecture/`, and which model types each has.

use super::file::{File, Kind};

/// A file: its name, the model types that it is for, and its text.
struct Embedded {
    name: &'static str,
    types: &'static [&'static str],
    text: &'static str,
}

macro_rules! embedded {
    ($($name:literal: $types:expr;)*) => {
        const FILES: &[Embedded] = &[
            $(Embedded { name: $name, types: &$types, text: include_str!(concat!("../../architecture/", $name, ".toml")) },)*
        ];
    };
}

// Those without types are there to be extended.
embedded! {
    "albert": ["albert"];
    "bart": ["bart"];
    "bert": ["bert"];
    "bloom": ["bloom"];
    "clip": ["clip"];
    "clip_text_model": ["clip_text_model"];
    "clip_vision_model": ["clip_vision_model"];
    "cohere": ["cohere"];
    "cohere2": ["cohere2"];
    "decoder": [];
    "deepseek_v2": ["deepseek_v2"];
    "deepseek_v3": ["deepseek_v3"];
    "deit": ["deit"];
    "dinov2": ["dinov2"];
    "distilbert": ["distilbert"];
    "electra": ["electra"];
    "falcon": ["falcon"];
    "gemma": ["gemma"];
    "gemma2": ["gemma2"];
    "gemma3": ["gemma3"];
    "gemma3_text": ["gemma3_text"];
    "glm4": ["glm4"];
    "glm4_moe": ["glm4_moe"];
    "gpt2": ["gpt2"];
    "gpt_neo": ["gpt_neo"];
    "gpt_neox": ["gpt_neox"];
    "gpt_oss": ["gpt_oss"];
    "gptj": ["gptj"];
    "granite": ["granite"];
    "llama": ["llama"];
    "mamba": ["mamba"];
    "mamba2": ["mamba2"];
    "mistral": ["mistral"];
    "mixtral": ["mixtral"];
    "modernbert": ["modernbert"];
    "mt5": ["mt5"];
    "olmo": ["olmo"];
    "olmo2": ["olmo2"];
    "olmo3": ["olmo3"];
    "olmoe": ["olmoe"];
    "opt": ["opt"];
    "phi": ["phi"];
    "phi3": ["phi3"];
    "qwen2": ["qwen2"];
    "qwen2_moe": ["qwen2_moe"];
    "qwen3": ["qwen3"];
    "qwen3_moe": ["qwen3_moe"];
    "resnet": ["resnet"];
    "roberta": ["roberta"];
    "siglip": ["siglip"];
    "siglip_text_model": ["siglip_text_model"];
    "siglip_vision_model": ["siglip_vision_model"];
    "smollm3": ["smollm3"];
    "stablelm": ["stablelm"];
    "starcoder2": ["starcoder2"];
    "t5": ["t5"];
    "vit": ["vit"];
    "whisper": ["whisper"];
}

/// What is built in, by name.
pub(in crate::config) fn types() -> Vec<&'static str> {
    let mut types: Vec<_> = FILES.iter().flat_map(|file| file.types).copied().collect();
    types.sort_unstable();
    types
}

/// How far files may extend each other.
const MOST_EXTENDED: usize = 4;

/// The whole of what there is for a model type.
pub(super) fn load(model_type: &str) -> Result<Option<(File, Kind)>, String> {
    let Some(found) = FILES.iter().find(|file| file.types.contains(&model_type)) else { return Ok(None) };
    let mut file = parse(found)?;
    let Some(kind) = file.types.remove(model_type) else {
        return Err(format!("the file {} has no type {model_type}", found.name));
    };
    file.fields.extend(kind.fields.clone());
    file.derived.extend(kind.derived.clone());
    let mut next = file.extends.clone();
    for _ in 0..MOST_EXTENDED {
        let Some(name) = next else { return Ok(Some((file, kind))) };
        let Some(found) = FILES.iter().find(|file| file.name == name) else {
            return Err(format!("there is no file {name} to extend"));
        };
        let base = parse(found)?;
        next = base.extends.clone();
        under(&mut file, base);
    }
    Err(format!("{model_type} extends more than {MOST_EXTENDED} files"))
}

fn parse(file: &Embedded) -> Result<File, String> {
    toml::from_str(file.text).map_err(|error| format!("the file {}: {error}", file.name))
}

/// Adds what only the file below has.
fn under(file: &mut File, base: File) {
    file.usual = file.usual.take().or(base.usual);
    macro_rules! add {
        ($($map:ident),*) => { $(for (name, value) in base.$map { file.$map.entry(name).or_insert(value); })* };
    }
    add!(fields, nested, derived, variables, refuse, parts, heads);
    file.checks.extend(base.checks);
}

#[cfg(test)]
mod tests {
    use super::{FILES, load, parse, types};

    #[test]
    fn every_file_is_read_and_has_the_types_that_are_listed() {
        for file in FILES {
            let parsed = parse(file).unwrap_or_else(|error| panic!("{error}"));
            let mut listed = file.types.to_vec();
            listed.sort_unstable();
            assert_eq!(parsed.types.keys().map(String::as_str).collect::<Vec<_>>(), listed, "{}", file.name);
        }
        for kind in types() {
            let (file, kind_of) = load(kind).unwrap_or_else(|error| panic!("{kind}: {error}")).expect("a listed type");
            let heads = kind_of.heads.clone().unwrap_or_else(|| file.heads.keys().cloned().collect());
            let usual = kind_of.usual.as_ref().or(file.usual.as_ref()).expect("a usual head");
            assert!(heads.contains(usual), "{kind}: {usual}");
            for head in heads.iter().chain(kind_of.classes.values()) {
                assert!(file.heads.contains_key(head), "{kind}: {head}");
            }
        }
        assert!(load("unknown").expect("no error").is_none());
    }
}
