//! Is a checkpoint, whoever wrote it, what its rules say at step 0?
//!
//! [`audit`] reads each tensor once, in bounded memory, and asks whether the law that the rules assign explains its numbers: by tests whose
//! chances are corrected for their number, so that a checkpoint that is right is called wrong with the chance [`Options::level`] at most.
//! Where it does not, it says what would explain them.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use wgpu_init_models::audit::{Checkpoint, Expected, Options, audit};
//! use wgpu_init_models::{Config, Recipe};
//!
//! let (variables, _) = Config::any_variables(&std::fs::read_to_string("config.json")?)?;
//! let checkpoint = Checkpoint::open(["model.safetensors"])?;
//! let expected = Expected::by_rules(&Recipe::Transformers.rules(&variables)?, &variables, &checkpoint, None)?;
//! let report = audit(&checkpoint, &expected, &Options::default(), &|_more_bytes| ControlFlow::Continue(()))?;
//! for finding in &report.findings {
//!     println!("{}: {} ({})", finding.tensor, finding.message, finding.severity());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
#![doc = include_str!("../../docs/audit.md")]

mod bins;
mod data;
mod element;
mod expectation;
mod expected;
mod finding;
mod fixed;
mod grid;
mod guess;
mod lanes;
mod law;
mod orthogonal;
mod probability;
mod report;
mod sample;
mod spectrum;
mod tensor;
mod trial;
mod verdict;

pub use data::Checkpoint;
pub use expected::Expected;
pub use finding::{Finding, Kind, Severity};
pub use report::{Report, TensorReport};
pub use trial::Check;

use crate::Assignment;
use crate::checkpoint::{Observer, Result};
use expectation::Expectations;
use rayon::prelude::*;
use tensor::{Judged, Shared, judge};

/// How an audit is made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// The chance, at most, that something is found in a checkpoint that is what its rules say: from 0 to 1.
    pub level: f64,
    /// Tests that are not made.
    pub without: Vec<Check>,
}

impl Default for Options {
    /// One false alarm in a thousand checkpoints, all tests.
    fn default() -> Self {
        Self { level: 1e-3, without: Vec::new() }
    }
}

/// Tests that are not made.
#[derive(Debug)]
pub(crate) struct Disabled(Vec<Check>);

impl Disabled {
    fn contains(&self, check: Check) -> bool {
        self.0.contains(&check)
    }
}

/// Audits all tensors, on rayon's current thread pool. `observe` hears of the bytes that are done.
///
/// A worker holds about 2 MiB, of a matrix some more for its columns; a tensor, while it is read, 8 bytes for each of its pages of 4 KiB
/// and for each of its rows, of which up to 2^22 are told apart.
///
/// # Errors
/// [`Error::Read`](crate::checkpoint::Error::Read), [`Error::OutOfMemory`](crate::checkpoint::Error::OutOfMemory),
/// [`Error::Cancelled`](crate::checkpoint::Error::Cancelled).
pub fn audit(
    checkpoint: &Checkpoint,
    expected: &Expected,
    options: &Options,
    observe: &Observer<'_>,
) -> Result<Report> {
    let expectations = Expectations::default();
    let disabled = Disabled(options.without.clone());
    let shared = Shared { expectations: &expectations, observe, disabled: &disabled, level: options.level };
    let assignment = |name: &str| -> Option<&Assignment> { expected.assignments.get(name) };
    let judged = |stored: &data::Stored| judge(stored, assignment(&stored.tensor.name), &shared);
    // Several at a time, and of each large one several pieces at a time; the largest first, so that none is left to one worker at the end.
    let mut order: Vec<_> = checkpoint.tensors.iter().enumerate().collect();
    order.sort_by_key(|(_, stored)| core::cmp::Reverse(stored.size()));
    let each = order.into_par_iter().with_max_len(1).map(|(at, stored)| Ok((at, judged(stored)?)));
    let mut all: Vec<(usize, Judged)> = each.collect::<Result<_>>()?;
    all.sort_by_key(|(at, _)| *at);
    let all = all.into_iter().map(|(_, judged)| judged).collect();
    Ok(verdict::report(all, expected.findings.clone(), options.level))
}
