//! How a failure ends the process: one line, and an exit code.

use crate::interrupt::Interrupted;
use std::io;
use std::process::ExitCode;
use wgpu_init_models::checkpoint;

/// Prints the error with its causes on one line. 130 after an interrupt, as shells expect; 1 otherwise.
///
/// A reader that stopped reading (`| head`) is no error.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error.is::<Interrupted>() || matches!(error.downcast_ref(), Some(checkpoint::Error::Cancelled)) {
        eprintln!("error: {Interrupted}");
        return ExitCode::from(130);
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
