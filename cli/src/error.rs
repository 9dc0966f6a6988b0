//! How a failure ends the process: one line, and an exit code.

use crate::{interrupt, terminal};
use std::process::ExitCode;

/// Prints the error with its causes on one line. 128 and the signal's number after a signal, as shells expect; 1 otherwise.
///
/// A reader that stopped reading our standard output (`| head`) is no error; one of a pipe that was asked for by name is.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    // Whatever failed after a signal failed because of it: a temporary file may be gone already.
    if let Some(code) = interrupt::requested() {
        interrupt::say();
        return ExitCode::from(code);
    }
    if terminal::reader_is_gone() {
        return ExitCode::SUCCESS;
    }
    terminal::say("error", format_args!("{error:#}"));
    ExitCode::FAILURE
}
