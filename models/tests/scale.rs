//! Plans of a model of DeepSeek-V3's size: 91,991 tensors, as its public checkpoint has them, for one of 1,024 processes.

#![expect(clippy::print_stdout, reason = "measurements are shown with --nocapture")]

use anyhow::{Context as _, Result};
use std::collections::{HashMap, HashSet};
use std::time::Instant;
use wgpu_init::{DType, Initializer, Seed, Shape};
use wgpu_init_models::checkpoint::{Folder, Placements, Rank, Scheme, Source, Tensor};
use wgpu_init_models::{Assignments, Config, Parameter};

/// The numbers of the published `config.json`.
const CONFIG: &str = r#"{"model_type": "deepseek_v3", "architectures": ["DeepseekV3ForCausalLM"], "vocab_size": 129280, "hidden_size": 7168,
    "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61, "num_attention_heads": 128,
    "num_key_value_heads": 128, "n_shared_experts": 1, "n_routed_experts": 256, "num_experts_per_tok": 8, "n_group": 8, "topk_group": 4,
    "first_k_dense_replace": 3, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
    "v_head_dim": 128, "initializer_range": 0.02, "tie_word_embeddings": false, "attention_bias": false, "max_position_embeddings": 4096}"#;

const RANKS: u64 = 1024;
const INIT: Initializer = Initializer::normal(0.0, 0.02);

/// The model, its layer that predicts a second token, and for each matrix in eight bits the scales of its blocks of 128 × 128.
fn parameters() -> Result<Vec<Parameter>> {
    let config: Config = CONFIG.parse()?;
    let mut all = config.parameters().to_vec();
    let elements: u64 = all.iter().map(|parameter| parameter.shape.elements()).sum();
    assert_eq!((all.len(), elements), (45_395, 671_026_419_200));
    let last: Vec<_> = all.iter().filter(|parameter| parameter.name.starts_with("model.layers.60.")).cloned().collect();
    let renamed = |parameter: &Parameter| {
        Parameter::new(parameter.name.replace("model.layers.60.", "model.layers.61."), parameter.shape.clone())
    };
    all.extend(last.iter().map(renamed));
    for (name, dims) in [
        ("embed_tokens.weight", vec![129_280, 7168]),
        ("enorm.weight", vec![7168]),
        ("hnorm.weight", vec![7168]),
        ("eh_proj.weight", vec![7168, 14_336]),
        ("shared_head.norm.weight", vec![7168]),
        ("shared_head.head.weight", vec![129_280, 7168]),
    ] {
        all.push(Parameter::new(format!("model.layers.61.{name}"), Shape::new(dims)?));
    }
    let is_scaled = |parameter: &&Parameter| parameter.name.contains("_proj") && !parameter.name.contains("eh_proj");
    let scales = |parameter: &Parameter| -> Result<_> {
        let blocks: Vec<_> = parameter.shape.dims().iter().map(|size| size.div_ceil(128)).collect();
        Ok(Parameter::new(format!("{}_scale_inv", parameter.name), Shape::new(blocks)?))
    };
    let scales = all.iter().filter(is_scaled).map(scales).collect::<Result<Vec<_>>>()?;
    all.extend(scales);
    assert_eq!(all.len(), 91_991);
    Ok(all)
}

fn tensors() -> Result<Vec<Tensor>> {
    let list = Assignments::of_all(INIT, &parameters()?, &|_| true)?.list;
    Ok(list.into_iter().map(|assignment| Tensor::new(assignment, DType::Bf16)).collect::<Result<Vec<_>, _>>()?)
}

fn source() -> Source {
    Source { seed: Seed::new(42), member: None, scheme: Scheme::Init(INIT) }
}

/// The most memory that this process has had, in MiB, where the system says so.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib >> 10)
}

#[test]
fn one_of_a_thousand_ranks_plans_alone() -> Result<()> {
    let rank = Rank::new(777, RANKS)?;
    for format in ["hf", "dcp"] {
        let start = Instant::now();
        let tensors = tensors()?;
        let listed = start.elapsed();
        let names: HashSet<_> = tensors.iter().map(|tensor| tensor.name().to_owned()).collect();
        let start = Instant::now();
        let folder = match format {
            "hf" => Folder::hugging_face(tensors, source(), 50_000_000, rank)?,
            _ => Folder::sharded(tensors, source(), &Placements::rows(RANKS), 5_000_000_000, rank)?,
        };
        let own: u64 = folder.own().map(|file| file.layout().size()).sum();
        println!("{format}: listed in {listed:?}, planned in {:?}; {own} bytes of this rank", start.elapsed());
        let held = folder.files().iter().flat_map(|file| file.layout().tensors()).map(|(tensor, _)| tensor.name());
        let (mut count, mut found) = (0, HashSet::new());
        held.for_each(|name| {
            count += 1;
            found.insert(name.to_owned());
        });
        assert_eq!(count, found.len(), "{format}: a tensor twice");
        if format == "hf" {
            assert_eq!(found, names);
            // A whole tensor is the least that a rank can have: the embedding is 1.4 times the mean.
            let (mean, largest) = (folder.size() / RANKS, 129_280 * 7168 * 2);
            assert!(
                mean < largest && folder.largest_share() <= mean + mean / 20 + largest,
                "{}",
                folder.largest_share()
            );
            assert!(own < mean + mean / 20, "{own} of a mean of {mean}");
        }
    }
    // Below what the command may take, although this test holds three copies of the list.
    if let Some(peak) = peak() {
        println!("at most {peak} MiB");
        assert!(peak < 512, "{peak} MiB");
    }
    Ok(())
}

#[test]
#[ignore = "minutes: cargo test --release -p wgpu-init-models --features checkpoint --test scale -- --ignored --nocapture"]
fn the_parts_of_all_ranks_are_the_model() -> Result<()> {
    let tensors = tensors()?;
    let placements = Placements::rows(RANKS);
    let (mut elements, mut shares): (HashMap<String, u64>, Vec<u64>) = (HashMap::new(), Vec::new());
    for rank in 0..RANKS {
        let folder = Folder::sharded(tensors.clone(), source(), &placements, 5_000_000_000, Rank::new(rank, RANKS)?)?;
        let mut own = 0;
        for (tensor, bytes) in folder.own().flat_map(|file| file.layout().tensors()) {
            own += bytes.end - bytes.start;
            *elements.entry(tensor.name().to_owned()).or_default() += (bytes.end - bytes.start) / 2;
        }
        shares.push(own);
    }
    for tensor in &tensors {
        assert_eq!(elements.get(tensor.name()), Some(&tensor.shape().elements()), "{}", tensor.name());
    }
    let (most, sum) = (shares.iter().max().context("no rank")?, shares.iter().sum::<u64>());
    #[expect(clippy::cast_precision_loss, reason = "a ratio")]
    let ratio = *most as f64 * RANKS as f64 / sum as f64;
    println!("the largest rank has {ratio:.4} of the mean");
    assert!(ratio <= 1.05, "{ratio}");
    Ok(())
}
