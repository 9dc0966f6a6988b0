//! The command `wgpu-init`: initialises model checkpoints on a GPU or a CPU, with the same bits.

mod args;
mod asked;
mod assign;
mod cache;
mod checkpoint;
mod columns;
mod commands;
mod device;
mod error;
mod examples;
mod existing;
mod figure;
mod folder;
mod interrupt;
mod keys;
mod listed;
mod model;
mod natural;
mod other;
mod output;
mod part;
mod partial;
mod pipelines;
mod place;
mod pool;
mod progress;
mod quiet;
mod ranks;
mod read;
mod report;
mod shards;
mod store;
mod style;
mod terminal;
mod views;

use args::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    quiet::hush();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return error::usage(&error),
    };
    let ready = interrupt::install().and_then(|()| pool::install());
    // Whose exit status says what was found.
    if let (Ok(()), Some(Command::Audit(arguments))) = (&ready, &arguments.command) {
        return commands::audit::run(arguments);
    }
    let result = ready.and_then(|()| match arguments.command {
        None => commands::init::default_job(),
        Some(Command::Init(arguments)) => commands::init::run(&arguments),
        Some(Command::Plan(arguments)) => commands::plan::run(&arguments),
        Some(Command::Recipes(arguments)) => commands::recipes::run(&arguments),
        Some(Command::Sample(arguments)) => commands::sample::run(&arguments),
        Some(Command::Words(arguments)) => commands::words::run(&arguments),
        Some(Command::Verify(arguments)) => commands::verify::run(&arguments),
        Some(Command::Audit(_)) => Ok(()),
        Some(Command::Inspect(arguments)) => commands::inspect::run(&arguments),
        Some(Command::Devices(arguments)) => commands::devices::run(&arguments),
        Some(Command::Tune(arguments)) => commands::tune::run(&arguments),
        Some(Command::Export(arguments)) => commands::export::run(&arguments),
        Some(Command::Bench(arguments)) => commands::bench::run(&arguments),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error::report(&error),
    }
}
