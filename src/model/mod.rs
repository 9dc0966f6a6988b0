//! Whole models: a list of parameters, rules that say how each is initialised, and the recipes that models are published with.

#[cfg(feature = "models")]
mod arithmetic;
#[cfg(feature = "models")]
mod assignment;
#[cfg(feature = "models")]
mod config;
mod parameter;
#[cfg(feature = "models")]
mod recipe;
#[cfg(feature = "models")]
mod rules;
mod torch_default;

#[cfg(feature = "models")]
pub use assignment::{Assignment, Assignments, DeadRule, Drawn};
#[cfg(feature = "models")]
pub use config::Config;
pub use parameter::Parameter;
#[cfg(feature = "models")]
pub use recipe::Recipe;
#[cfg(feature = "models")]
pub use rules::Rules;
pub use torch_default::torch_default;
