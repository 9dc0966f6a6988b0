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

const MIXTRAL: &str = r#"{"model_type": "mixtral", "vocab_size": 9, "hidden_size": 6, "intermediate_size": 8, "num_hidden_layers": 1,
    "num_attention_heads": 2, "num_key_value_heads": 1, "num_local_experts": 2}"#;
const CLIP: &str = r#"{"model_type": "clip", "text_config": {}}"#;
const QWEN3_MOE: &str = r#"{"model_type": "qwen3_moe", "num_hidden_layers": 2, "num_experts": 4, "decoder_sparse_step": 1,
    "mlp_only_layers": [0]}"#;
const MAMBA2: &str = r#"{"model_type": "mamba2", "hidden_size": 8, "num_heads": 2, "head_dim": 8}"#;

/// A text, what is replaced in it, and by what.
type Change = (&'static str, &'static str, &'static str, &'static str);

pub(super) fn configs() -> Vec<Row> {
    const CHANGES: &[Change] = &[
        (GPT2, r#""n_layer": 1, "#, "", "(gpt2): missing field `n_layer`"),
        (
            GPT2,
            "\"n_layer\": 1",
            "\"n_layer\": 70000",
            "(gpt2): n_layer is 70000, expected a whole number from 0 to 65535",
        ),
        (GPT2, "\"n_embd\": 6", "\"n_embd\": -6", "n_embd is -6, expected a whole number from 1 to 4294967295"),
        (GPT2, "\"n_embd\": 6", "\"n_embd\": 6.0", "n_embd is 6.0, expected a whole number"),
        (GPT2, "\"n_embd\": 6", "\"n_embd\": NaN", "n_embd is \"NaN\", expected a whole number"),
        (
            GPT2,
            "\"n_embd\": 6",
            "\"n_embd\": 6, \"hidden_size\": 8",
            "n_embd is 6 and hidden_size is 8: these are two names",
        ),
        (GPT2, "}", ", \"initializer_range\": \"0.02\"}", "initializer_range is \"0.02\", expected a finite number"),
        (
            GPT2,
            "}",
            ", \"initializer_range\": Infinity}",
            "initializer_range is \"Infinity\", expected a finite number",
        ),
        (GPT2, "}", ", \"initializer_range\": -1}", "initializer_range is -1, expected a number of 0 or more"),
        (GPT2, "}", ", \"initializer_range\": 0}", "initializer_range is 0, which transformers reads as 0.02 for some"),
        (GPT2, "}", ", \"tie_word_embeddings\": \"no\"}", "tie_word_embeddings is \"no\", expected true or false"),
        (GPT2, "}", ", \"tie_word_embeddings\": null}", "tie_word_embeddings is null, expected true or false"),
        (GPT2, "}", ", \"dtype\": 32}", "dtype is 32, expected a text"),
        (
            GPT2,
            "}",
            ", \"architectures\": \"GPT2LMHeadModel\"}",
            "architectures is \"GPT2LMHeadModel\", expected a list",
        ),
        (GPT2, "}", ", \"architectures\": [1]}", "architectures[0] is 1, expected a text"),
        (
            GPT2,
            "}",
            ", \"quantization_config\": {\"bits\": 4}}",
            "quantization_config is {\"bits\":4}: quantized parameters",
        ),
        (GPT2, "}", ", \"pruned_heads\": {\"0\": [1]}}", "pruned_heads is {\"0\":[1]}: what is built in has all heads"),
        (GPT2, "}", ", \"per_layer_config\": {\"0\": {\"n_inner\": 3}}}", "per_layer_config is"),
        (GPT2, "\"gpt2\"", "7", "(config.json): model_type is 7, expected a text"),
        (GPT2, "\"n_head\": 2", "\"n_head\": 4", "n_embd is 6, it must be divisible by the 4 attention heads"),
        (GPT2, "\"n_head\": 2", "\"n_head\": 2, \"add_cross_attention\": true", "add_cross_attention is true"),
        (
            GPT2,
            "\"n_head\": 2",
            "\"n_head\": 2, \"architectures\": [\"GPT2ForWeather\"]",
            "architectures has GPT2ForWeather, what is built in is GPT2LMHeadModel, GPT2DoubleHeadsModel, GPT2ForQuestion",
        ),
        (GPT2, "}", "", "(config.json): it is not JSON: EOF while parsing"),
        (GPT2, "\"model_type\": \"gpt2\", ", "", "(config.json): missing field `model_type`"),
        (LLAMA, "}", ", \"num_key_value_heads\": 3}", "it must be divisible by num_key_value_heads = 3"),
        (LLAMA, "\"num_attention_heads\": 2", "\"num_attention_heads\": 4", "hidden_size is 6, it must be divisible"),
        (T5, "\"relu\"", "\"gelu-gated\"", "feed_forward_proj is \"gelu-gated\", write e.g. relu or gated-gelu"),
        (VIT, "\"image_size\": 32", "\"image_size\": 8", "image_size is 8, it must be at least patch_size = 16"),
        (VIT, "\"num_channels\": 3", "\"num_channels\": 3, \"id2label\": {}", "id2label is empty"),
        (
            MAMBA,
            "\"auto\"",
            "\"automatic\"",
            "(mamba): time_step_rank is \"automatic\", expected a whole number from 1 to 4294967295, or \"auto\"",
        ),
        (MAMBA, "}", ", \"time_step_init_scheme\": \"constant\"}", "the recipe draws \"random\""),
        (
            MAMBA,
            "}",
            ", \"time_step_init_scheme\": \"uniform\"}",
            "time_step_init_scheme is \"uniform\": the recipe draws",
        ),
        (
            LLAMA,
            "}",
            ", \"pad_token_id\": 9}",
            "pad_token_id is 9, expected null or a whole number from -9 to 8, a row of the",
        ),
        (LLAMA, "}", ", \"pad_token_id\": -10}", "pad_token_id is -10, expected null or"),
        (LLAMA, "}", ", \"pad_token_id\": [1]}", "pad_token_id is [1], expected null or"),
        (LLAMA, "}", ", \"attention_bias\": 1}", "attention_bias is 1, expected true or false"),
        (T5, "\"relu\"", "\"gated\"", "feed_forward_proj is \"gated\", write e.g. relu or gated-gelu"),
        (
            T5,
            "\"relu\"",
            "\"relu\", \"is_gated_act\": true",
            "is_gated_act is true: feed_forward_proj says something else",
        ),
        (
            T5,
            "\"relu\"",
            "\"relu\", \"tie_encoder_decoder\": true",
            "tie_encoder_decoder is true: what is built in has a decoder",
        ),
        (T5, "\"relu\"", "7", "feed_forward_proj is 7, expected a text"),
        (
            VIT,
            "\"patch_size\": 16",
            "\"patch_size\": [16]",
            "patch_size is [16], expected a size, or a list of height and width",
        ),
        (VIT, "\"image_size\": 32", "\"image_size\": [32, 0]", "image_size[1] is 0, expected a whole number from 1"),
        (VIT, "\"image_size\": 32", "\"image_size\": [32, 8]", "image_size is 8, it must be at least patch_size = 16"),
        (
            VIT,
            "\"num_channels\": 3",
            "\"num_channels\": 3, \"id2label\": 3",
            "id2label is 3, expected an object with a label",
        ),
        (RESNET, "[8, 16]", "[8, \"x\"]", "hidden_sizes[1] is \"x\", expected a whole number from 1"),
        (RESNET, "[1, 1]", "[1, 0]", "expected at least 1 in each stage"),
        (
            RESNET,
            "[1, 1]",
            "[40000, 40000]",
            "depths has 80000 layers, expected at least 1 in each stage and at most 65535 in all",
        ),
        (RESNET, "\"basic\"", "\"wide\"", "layer_type is \"wide\", expected \"basic\" or \"bottleneck\""),
        (
            BERT,
            "}",
            ", \"add_cross_attention\": true}",
            "add_cross_attention is true: what is built in is the encoder alone",
        ),
        (
            BERT,
            "}",
            ", \"position_embedding_type\": \"relative_key\"}",
            "position_embedding_type is \"relative_key\": what is",
        ),
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
        (BERT, "}", ", \"num_labels\": -1}", "num_labels is -1, expected a whole number from 0"),
        (MIXTRAL, "}", ", \"num_key_value_heads\": 3}", "it must be divisible by num_key_value_heads = 3"),
        (
            MIXTRAL,
            "\"num_local_experts\": 2",
            "\"num_local_experts\": 0",
            "num_local_experts is 0, expected a whole number",
        ),
        (CLIP, "{}", "[]", "text_config is [], expected an object"),
        (CLIP, "{}", "{\"hidden_size\": 12.5}", "text_config: hidden_size is 12.5, expected a whole number"),
        (
            CLIP,
            "{}",
            "{\"model_type\": \"bert\"}",
            "text_config has the model_type \"bert\", what is built in is \"clip_text",
        ),
        (CLIP, "{}", "{}, \"text_config_dict\": {\"hidden_size\": 0}", "text_config_dict: hidden_size is 0, expected"),
        (QWEN3_MOE, "[0]", "[-1]", "mlp_only_layers[0] is -1, expected a whole number from 0"),
        (
            QWEN3_MOE,
            "\"decoder_sparse_step\": 1",
            "\"decoder_sparse_step\": 0",
            "decoder_sparse_step is 0, expected a whole",
        ),
        (
            QWEN3_MOE,
            "\"num_experts\": 4",
            "\"num_experts\": 4294967295",
            "there are more than 1048576 parameters, of which model.layers.1.mlp.experts.",
        ),
        (MAMBA2, "\"head_dim\": 8", "\"head_dim\": 9", "is 16, it must be num_heads = 2 times head_dim = 9"),
    ];
    let changed = CHANGES.iter().copied().enumerate().map(|(index, (text, from, to, says))| {
        Row::call(format!("configuration {index}: {says}"), "InvalidConfig", says, move || {
            assert!(text.parse::<Config>().is_ok(), "without the change it is valid: {text}");
            assert!(text.contains(from), "{from} is not in {text}");
            text.replace(from, to).parse::<Config>().map(|_| ())
        })
    });
    let unknown =
        Row::call("a model that is not built in", "UnknownModelType", "what is built in is albert, bart, bert", || {
            r#"{"model_type": "gpt_weather", "vocab_size": 9}"#.parse::<Config>().map(|_| ())
        });
    changed.chain([unknown]).collect()
}
