//! Numbers of layers, channels, classes: whole and at least one.

use crate::{Error, Result};

/// A count as f64, to divide by.
#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
pub(super) fn positive(scheme: &'static str, parameter: &'static str, count: u64) -> Result<f64> {
    if count == 0 { Err(Error::ZeroCount { scheme, parameter }) } else { Ok(count as f64) }
}

/// The number after a position that counts from 0.
#[expect(clippy::cast_precision_loss, reason = "sizes above 2^53 are rounded as in Python")]
pub(super) fn after(position: u64) -> f64 {
    position as f64 + 1.0
}
