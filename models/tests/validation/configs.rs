//! Configurations that do not describe a model.

use super::Row;
use wgpu_init_models::Config;

const GPT2: &str =
    r#"{"model_type": "gpt2", "vocab_size": 9, "n_positions": 8, "n_embd": 6, "n_layer": 1, "n_head": 2}"#;
const LLAMA: &str = r#"{"model_type": "llama", "vocab_size": 9, "hidden_size": 6, "intermediate_size": 8,
    "num_hidden_layers": 1, "num_attention_heads": 2}"#;
const T5: &str = r#"{"model_type": "t5", "vocab_size": 9, "d_model": 6, "d_kv": 3, "d_ff": 8, "num_layers": 1, "num_heads": 2,
    "relative_attention_num_buckets": 4, "feed_forward_proj": "relu"}"#;
const VIT: &str = r#"{"model_type": "vit", "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 8, "image_size": 32, "patch_size": 16, "num_channels": 3}"#;
const MAMBA: &str = r#"{"model_type": "mamba", "vocab_size": 9, "hidden_size": 6, "num_hidden_layers": 1, "state_size": 4,
    "expand": 2, "conv_kernel": 4, "time_step_rank": "auto"}"#;
const RESNET: &str = r#"{"model_type": "resnet", "num_channels": 3, "embedding_size": 8, "hidden_sizes": [8, 16],
    "depths": [1, 1], "layer_type": "basic"}"#;
const BERT: &str = r#"{"model_type": "bert", "vocab_size": 9, "hidden_size": 6, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 8, "max_position_embeddings": 8, "type_vocab_size": 2}"#;

/// A text, what is replaced in it, and by what.
type Change = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn configs() -> Vec<Row> {
    const CHANGES: [Change; 20] = [
        (GPT2, r#""n_layer": 1, "#, "", "(gpt2): missing field `n_layer`"),
        (GPT2, "\"n_layer\": 1", "\"n_layer\": 0", "expected a nonzero u16"),
        (GPT2, "\"n_layer\": 1", "\"n_layer\": 70000", "integer `70000`, expected a nonzero u16"),
        (GPT2, "\"n_embd\": 6", "\"n_embd\": -6", "integer `-6`, expected a nonzero u32"),
        (GPT2, "\"n_head\": 2", "\"n_head\": 4", "n_embd is 6, it must be divisible by the 4 attention heads"),
        (GPT2, "\"n_head\": 2", "\"n_head\": 2, \"add_cross_attention\": true", "add_cross_attention is true"),
        (
            GPT2,
            "\"n_head\": 2",
            "\"n_head\": 2, \"architectures\": [\"GPT2ForTokenClassification\"]",
            "architectures has GPT2ForTokenClassification, what is built in is GPT2LMHeadModel",
        ),
        (GPT2, "}", "", "(config.json): EOF while parsing"),
        (GPT2, "\"model_type\": \"gpt2\", ", "", "(config.json): missing field `model_type`"),
        (LLAMA, "}", ", \"num_key_value_heads\": 3}", "it must be divisible by num_key_value_heads = 3"),
        (LLAMA, "\"num_attention_heads\": 2", "\"num_attention_heads\": 4", "hidden_size is 6, it must be divisible"),
        (T5, "\"relu\"", "\"gelu-gated\"", "feed_forward_proj is \"gelu-gated\", write e.g. relu or gated-gelu"),
        (VIT, "\"image_size\": 32", "\"image_size\": 8", "image_size is 8, it must be at least patch_size = 16"),
        (VIT, "\"num_channels\": 3", "\"num_channels\": 3, \"id2label\": {}", "id2label is empty"),
        (MAMBA, "\"auto\"", "\"automatic\"", "(mamba): data did not match any variant"),
        (MAMBA, "}", ", \"time_step_init_scheme\": \"constant\"}", "the recipe draws \"random\""),
        (RESNET, "[1, 1]", "[1, 1, 1]", "hidden_sizes has 2 stages, depths has 3"),
        (
            RESNET,
            "\"hidden_sizes\": [8, 16],\n    \"depths\": [1, 1]",
            "\"hidden_sizes\": [], \"depths\": []",
            "is empty",
        ),
        (
            RESNET,
            "\"hidden_sizes\": [8, 16],\n    \"depths\": [1, 1], \"layer_type\": \"basic\"",
            "\"hidden_sizes\": [3], \"depths\": [1], \"layer_type\": \"bottleneck\"",
            "at least 4 channels",
        ),
        (BERT, "}", ", \"tie_word_embeddings\": false}", "tie_word_embeddings is false"),
    ];
    let changed = CHANGES.into_iter().enumerate().map(|(index, (text, from, to, says))| {
        Row::call(format!("configuration {index}: {says}"), "InvalidConfig", says, move || {
            assert!(text.parse::<Config>().is_ok(), "without the change it is valid: {text}");
            assert!(text.contains(from), "{from} is not in {text}");
            text.replace(from, to).parse::<Config>().map(|_| ())
        })
    });
    let unknown =
        Row::call("a model that is not built in", "UnknownModelType", "what is built in is bert, gpt2", || {
            r#"{"model_type": "gpt_neox", "vocab_size": 9}"#.parse::<Config>().map(|_| ())
        });
    changed.chain([unknown]).collect()
}
