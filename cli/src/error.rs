//! How a failure ends the process: one line, and an exit code.

use crate::args::Arguments;
use crate::terminal::Plain;
use crate::{interrupt, terminal};
use clap::Parser;
use std::io::{self, Write};
use std::process::ExitCode;

/// Prints what clap says of the arguments: help and version on the standard output, what is wrong on standard error, with clap's code.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return match printed {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => {
                terminal::say("error", format_args!("cannot write to the standard output: {error}"));
                ExitCode::FAILURE
            }
        };
    }
    // It repeats the arguments, which may hold anything: the same mistake with what a terminal would obey escaped.
    let plain = std::env::args_os().map(|argument| Plain(argument.to_string_lossy()).to_string());
    // Nobody may be left to read it.
    let _ = match Arguments::try_parse_from(plain) {
        Err(same) => same.print(),
        Ok(_) => writeln!(io::stderr(), "error: {}", Plain(error)),
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

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
