//! Audits of checkpoints: clean ones pass, each kind of fault that is planted is found, and is not where its test is left out.

mod clean;
mod faults;
mod large;
mod made;
mod theirs;
