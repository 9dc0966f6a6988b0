//! What an audit finds.

use super::trial::Check;
use core::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth to know, and no fault of the checkpoint.
    Information,
    /// A fault in most cases.
    Warning,
    /// The checkpoint is not what its rules say.
    Error,
}

impl Severity {
    /// `information`, `warning` or `error`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A kind of finding. `models/docs/audit.md` has what each means and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// NaN or infinities.
    NonFinite,
    /// Values as of memory that nobody wrote: exponents over a wide range, or most of them subnormal.
    Uninitialised,
    /// One value where many should be drawn.
    Constant,
    /// Other values than the known ones.
    WrongValue,
    /// The known rows in another order.
    PermutedRows,
    /// Drawn, and not from the law that the rules say.
    WrongLaw,
    /// The law of a part of the tensor, whose fans are the part's.
    ShardFans,
    /// Beyond the bounds of the law.
    OutOfBounds,
    /// Stretches of rows, or single rows or columns, that are not drawn as the others are.
    Uneven,
    /// Neighbours depend on each other.
    Correlated,
    /// Rows that are there twice.
    RepeatedRows,
    /// Columns that are there twice.
    RepeatedColumns,
    /// Pages of memory that are there twice.
    RepeatedPages,
    /// Rows or columns that should be orthonormal and are not.
    NotOrthogonal,
    /// Another number of zeros than a sparse matrix has in each line.
    WrongZeros,
    /// 16 or 8 bits that hold fewer different numbers than they would if they had been rounded once.
    LowPrecision,
    /// f32 that holds numbers of fewer bits.
    Widened,
    /// Two tensors are equal.
    Duplicate,
    /// Two tensors are of the same random numbers.
    SameStream,
    /// Two tensors are one by the rules, and differ.
    Untied,
    /// The rules or the configuration have a tensor that is not there.
    Missing,
    /// A tensor that the rules or the configuration do not have.
    Unexpected,
    /// Another shape than the configuration says.
    OtherShape,
    /// A tensor that stands in two files.
    InTwoFiles,
    /// Nothing can be said of the tensor.
    NotAudited,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::NonFinite,
        Self::Uninitialised,
        Self::Constant,
        Self::WrongValue,
        Self::PermutedRows,
        Self::WrongLaw,
        Self::ShardFans,
        Self::OutOfBounds,
        Self::Uneven,
        Self::Correlated,
        Self::RepeatedRows,
        Self::RepeatedColumns,
        Self::RepeatedPages,
        Self::NotOrthogonal,
        Self::WrongZeros,
        Self::LowPrecision,
        Self::Widened,
        Self::Duplicate,
        Self::SameStream,
        Self::Untied,
        Self::Missing,
        Self::Unexpected,
        Self::OtherShape,
        Self::InTwoFiles,
        Self::NotAudited,
    ];

    /// As in JSON and in the documentation, e.g. `wrong-law`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NonFinite => "non-finite",
            Self::Uninitialised => "uninitialised",
            Self::Constant => "constant",
            Self::WrongValue => "wrong-value",
            Self::PermutedRows => "permuted-rows",
            Self::WrongLaw => "wrong-law",
            Self::ShardFans => "shard-fans",
            Self::OutOfBounds => "out-of-bounds",
            Self::Uneven => "uneven",
            Self::Correlated => "correlated",
            Self::RepeatedRows => "repeated-rows",
            Self::RepeatedColumns => "repeated-columns",
            Self::RepeatedPages => "repeated-pages",
            Self::NotOrthogonal => "not-orthogonal",
            Self::WrongZeros => "wrong-zeros",
            Self::LowPrecision => "low-precision",
            Self::Widened => "widened",
            Self::Duplicate => "duplicate",
            Self::SameStream => "same-stream",
            Self::Untied => "untied",
            Self::Missing => "missing",
            Self::Unexpected => "unexpected",
            Self::OtherShape => "other-shape",
            Self::InTwoFiles => "in-two-files",
            Self::NotAudited => "not-audited",
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::LowPrecision | Self::Widened | Self::NotAudited => Severity::Information,
            Self::Unexpected | Self::SameStream => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The tensor.
    pub tensor: String,
    /// What kind it is.
    pub kind: Kind,
    /// What was found, what should be, and what would explain it.
    pub message: String,
    /// The chance, under the rules, of what was found: corrected for the number of tests by Holm's method. `None` for what is no
    /// matter of chance.
    pub p: Option<f64>,
    /// The test that showed it, if it was one.
    pub check: Option<Check>,
}

impl Finding {
    pub(super) fn new(tensor: &str, kind: Kind, message: impl Into<String>) -> Self {
        Self { tensor: tensor.to_owned(), kind, message: message.into(), p: None, check: None }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.kind.severity()
    }
}
