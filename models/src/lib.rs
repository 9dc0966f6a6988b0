#![doc = include_str!("../README.md")]
#![doc(test(attr(deny(warnings))))]
#![forbid(unsafe_code)]

mod arithmetic;
mod assignment;
#[cfg(feature = "checkpoint")]
pub mod checkpoint;
mod config;
mod error;
mod recipe;
mod rules;

pub use assignment::{Assignment, Assignments, DeadRule, Drawn};
pub use config::{Config, plain_json};
pub use error::{Error, Result};
pub use recipe::Recipe;
pub use rules::Rules;
pub use wgpu_init::layer::{Parameter, torch_default};
