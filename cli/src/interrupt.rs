//! Ctrl-C and termination: loops ask, and stop between two chunks; half-written files are removed on the way out.

use anyhow::Result;
use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// The user asked to stop.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; nothing was left behind")
    }
}

impl std::error::Error for Interrupted {}

/// Turns the signals into a flag. A second one ends the process at once.
pub(crate) fn install() -> Result<()> {
    ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })?;
    Ok(())
}

/// The same for the library, which knows no signals.
pub(crate) fn control() -> ControlFlow<()> {
    if REQUESTED.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// An error once the user has asked to stop.
pub(crate) fn check() -> Result<()> {
    if REQUESTED.load(Ordering::SeqCst) { Err(Interrupted.into()) } else { Ok(()) }
}
