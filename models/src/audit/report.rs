//! What an audit says.

use super::finding::{Finding, Severity};
use super::sample::Sample;
use crate::checkpoint::StoredTensor;
use crate::{Assignment, Values};

/// What was found in a checkpoint.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The chance of a false alarm that was allowed.
    pub level: f64,
    /// How many tests were made.
    pub tests: usize,
    /// The least chance of all tests, corrected for their number.
    pub least_p: f64,
    /// One for each tensor, file by file.
    pub tensors: Vec<TensorReport>,
    /// All findings, the worst first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The worst of all findings; `None` where there are none.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        self.findings.iter().map(Finding::severity).max()
    }

    /// Whether the checkpoint is what its rules say: what was found, if anything, is mere information.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.severity() < Some(Severity::Warning)
    }
}

/// One tensor as it was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TensorReport {
    /// Its name.
    pub name: String,
    /// As safetensors spells it.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<u64>,
    /// What it should be drawn from; `None` where nothing is known.
    pub law: Option<String>,
    /// The least and the greatest value; `None` where none was read.
    pub range: Option<[f64; 2]>,
    /// Mean and standard deviation, divided by n; `None` where none was read.
    pub moments: Option<[f64; 2]>,
    /// How many tests were made.
    pub tests: usize,
    /// The least chance of its tests, corrected for the number of all tests; 1 without tests.
    pub p: f64,
    /// What was found in it.
    pub findings: Vec<Finding>,
    /// Count, sum and sum of squares.
    pub(super) sums: [f64; 3],
}

impl TensorReport {
    pub(super) fn new(tensor: &StoredTensor, assignment: Option<&Assignment>) -> Self {
        let law = match assignment.map(|one| &one.values) {
            Some(Values::Drawn(drawn)) => Some(drawn.distribution.to_string()),
            Some(Values::Integers(integers)) => Some(integers.to_string()),
            Some(Values::Skipped) | None => None,
        };
        Self {
            name: tensor.name.clone(),
            dtype: tensor.dtype.clone(),
            shape: tensor.shape.dims().to_vec(),
            law,
            range: None,
            moments: None,
            tests: 0,
            p: 1.0,
            findings: Vec::new(),
            sums: [0.0; 3],
        }
    }

    pub(super) fn add(&mut self, sample: &Sample) {
        let [least, most] = self.range.unwrap_or([f64::INFINITY, f64::NEG_INFINITY]);
        self.range = Some([least.min(sample.min), most.max(sample.max)]).filter(|[least, most]| least <= most);
        let (n, shift) = (sample.grid.elements as f64, sample.shift);
        let [count, sum, squares] = &mut self.sums;
        *count += n;
        *sum += sample.sum + n * shift;
        *squares += sample.squares + 2.0 * shift * sample.sum + n * shift * shift;
        let mean = *sum / *count;
        let std = (*squares / *count - mean * mean).max(0.0).sqrt();
        self.moments = Some([mean, std]);
    }
}
