//! What can be wrong with a module, the rules or the device.

use burn::tensor::DType;

/// Why a module was not filled. Nothing that others hold has changed, and nothing was submitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules do not suit the module's parameters.
    #[error(transparent)]
    Rules(#[from] wgpu_init_models::Error),
    /// A distribution does not suit a tensor, or the device refuses.
    #[error(transparent)]
    Fill(#[from] wgpu_init::Error),
    /// A parameter that is already quantised: its values are packed with scales, which no distribution says.
    #[error(
        "{name} is quantised ({dtype:?}): fill the module first and quantise it afterwards, or skip the parameter by a rule"
    )]
    Quantised {
        /// The parameter's name.
        name: String,
        /// Its dtype.
        dtype: DType,
    },
    /// A dtype that has no counterpart here.
    #[error(
        "{name} has the dtype {dtype:?}, what can be filled is F32, F16 and BF16: cast it, or skip the parameter by a rule"
    )]
    UnsupportedDType {
        /// The parameter's name.
        name: String,
        /// Its dtype.
        dtype: DType,
    },
    /// A parameter whose load mapper transposes or reshapes it, other than the weight of a [`Linear`](burn::nn::Linear) with the layout
    /// `Col`: where its elements belong is not known.
    #[error(
        "{name}: its load mapper makes {got:?} of a tensor of the shape {expected:?}, which is known of Linear's weight alone; \
         give the parameter its values without the mapper, or skip it by a rule"
    )]
    Transposed {
        /// The parameter's name.
        name: String,
        /// The shape that its mapper makes.
        got: Vec<usize>,
        /// The shape that went in.
        expected: Vec<usize>,
    },
    /// Blocks of one tensor of PyTorch's that do not fit together, e.g. gates of different sizes.
    #[error("{name}: a block of it says that the whole has the shape {got:?}, another says {expected:?}")]
    Blocks {
        /// PyTorch's name of the whole.
        name: String,
        /// What this block says.
        got: Vec<u64>,
        /// What the first block said.
        expected: Vec<u64>,
    },
    /// An [`Assign`](crate::Assign) whose list is not that of the parameters.
    #[error("{got} assignments were made for {expected} parameters: one for each, in their order, is needed")]
    Assignments {
        /// How many there are.
        got: usize,
        /// How many parameters there are.
        expected: usize,
    },
    /// A rule asks for a dtype that Burn's tensors do not have.
    #[error("{name}: the rule's dtype is {dtype}, Burn has f32, f16 and bf16")]
    RuleDType {
        /// The parameter's path.
        name: String,
        /// What the rule says.
        dtype: wgpu_init::DType,
    },
    /// Burn's runtime failed: it gave no memory, or could not submit what it had queued, after which the tensors would have been written.
    #[error("Burn's runtime: {reason}")]
    Runtime {
        /// What it says.
        reason: String,
    },
}

impl Error {
    /// CubeCL's errors have no text for people.
    pub(crate) fn runtime(error: &impl core::fmt::Debug) -> Self {
        Self::Runtime { reason: format!("{error:?}") }
    }
}

/// Result of this crate's calls.
pub type Result<T, E = Error> = core::result::Result<T, E>;
