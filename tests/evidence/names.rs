//! Names to streams: no two parameters of a model may share one.

use crate::support::checks::Battery;
use crate::table::{Level, Row};
use std::collections::BTreeSet;
use std::path::Path;
use wgpu_init::Stream;

/// Every parameter's name in the zoo, each once.
fn zoo() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/tests/data/zoo.jsonl");
    let text = std::fs::read_to_string(path).expect("the zoo");
    let mut names = BTreeSet::new();
    for line in text.lines() {
        let model: serde_json::Value = serde_json::from_str(line).expect("JSON");
        names.extend(model["tensors"].as_object().expect("tensors").keys().cloned());
    }
    names
}

/// Names as models have them, all different: layers, experts, modules.
fn generated(count: u64) -> impl Iterator<Item = String> {
    const MODULES: [&str; 16] = [
        "self_attn.q_proj.weight",
        "self_attn.k_proj.weight",
        "self_attn.v_proj.weight",
        "self_attn.o_proj.weight",
        "self_attn.q_proj.bias",
        "self_attn.k_proj.bias",
        "self_attn.v_proj.bias",
        "input_layernorm.weight",
        "post_attention_layernorm.weight",
        "mlp.gate.weight",
        "mlp.gate_proj.weight",
        "mlp.up_proj.weight",
        "mlp.down_proj.weight",
        "mlp.gate_proj.bias",
        "mlp.up_proj.bias",
        "mlp.down_proj.bias",
    ];
    (0..count).map(|i| {
        let module = MODULES[(i % 16) as usize];
        let (layer, expert) = (i / 16 / 512, i / 16 % 512);
        format!("model.layers.{layer}.experts.{expert}.{module}")
    })
}

/// Pairs of equal numbers.
fn collisions(mut hashes: Vec<u64>) -> u64 {
    hashes.sort_unstable();
    hashes.chunk_by(|a, b| a == b).map(|run| (run.len() as u64) * (run.len() as u64 - 1) / 2).sum()
}

/// The probability of so many, as random numbers of `bits` would have them.
fn judged(hashes: Vec<u64>, bits: i32) -> Battery {
    let n = hashes.len() as f64;
    let found = collisions(hashes);
    // Pairs over 2^bits, in the form that the check of tails takes.
    let expected = n * (n - 1.0) / 2.0 * 2f64.powi(-bits);
    let mut battery = Battery::default();
    battery.note(format!("collisions: {found}"), if found == 0 { 1.0 } else { statrs_at_least(expected, found) });
    battery
}

fn statrs_at_least(expected: f64, found: u64) -> f64 {
    use statrs::distribution::{DiscreteCDF, Poisson};
    Poisson::new(expected).expect("positive").sf(found - 1)
}

pub(crate) fn rows(level: Level) -> Vec<Row> {
    let count = match level {
        Level::Short => 40_000,
        Level::Full => 10_000_000,
    };
    let mut names: BTreeSet<String> = zoo();
    let of_zoo = names.len();
    names.extend(generated(count));
    let all = names.len();
    let hashes = |cut: u64| names.iter().map(|name| Stream::from_name(name).get() & cut).collect::<Vec<_>>();
    vec![Row::new(
        "streams of names: collisions of FNV-1a-64, more than of random numbers",
        format!("{of_zoo} names of the zoo, {} more", all - of_zoo),
        judged(hashes(u64::MAX), 64),
        [("32 of 64 bits", judged(hashes(u64::from(u32::MAX)), 64))],
    )]
}
