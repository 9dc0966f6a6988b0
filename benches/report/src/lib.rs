//! Charts and figures from the dated records in `benches/record/`, which all have the columns of `wgpu-init bench --csv`.
//!
//! Records are read and the newest chosen (`records`), drawn as SVG files (`charts`) and written as generated blocks of Markdown (`tables`);
//! `tests/repository.rs` compares all of it with what the repository holds. No number comes from anywhere else.

mod charts;
mod histograms;
mod outputs;
#[path = "../../../cli/src/commands/bench/record.rs"]
mod record;
mod records;
mod tables;
mod text;

pub use outputs::outputs;
