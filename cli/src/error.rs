//! How a failure ends the process: one line, and an exit code.

use crate::interrupt;
use std::io;
use std::process::ExitCode;

/// Prints the error with its causes on one line. 128 and the signal's number after a signal, as shells expect; 1 otherwise.
///
/// A reader that stopped reading (`| head`) is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    // Whatever failed after a signal failed because of it: a temporary file may be gone already.
    if let Some(code) = interrupt::requested() {
        interrupt::say();
        return ExitCode::from(code);
    }
    let broken_pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(broken_pipe) {
        return ExitCode::SUCCESS;
    }
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
