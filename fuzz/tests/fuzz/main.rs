//! Fuzz targets, each for some seconds in a test run and for as long as one likes by `./check --fuzz MINUTES`: README.md.
//!
//! The command is no library: those of its files that read what anybody wrote are compiled into this test.

mod audited;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../../cli/src/checkpoint.rs"]
mod checkpoint;
mod classes;
#[path = "../../../tests/common/mod.rs"]
mod common;
mod config;
mod device;
mod folder;
mod header;
mod initializer;
mod manifest;
#[allow(dead_code, unused_imports, reason = "the command uses the rest")]
#[path = "../../../cli/src/model/mod.rs"]
mod model;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../../cli/src/part.rs"]
mod part;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/partition.rs"]
mod partition;
mod plan;
#[allow(dead_code, reason = "the command uses the rest")]
#[path = "../../../cli/src/read.rs"]
mod read;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/replay.rs"]
mod replay;
mod rules;
#[path = "../../../cli/src/shards.rs"]
mod shards;
mod slices;
mod target;
mod terminal;
mod tuning;
mod view;

/// A test for each target, under its name.
macro_rules! targets {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            target::run(stringify!($name), $name::target);
        }
    )* };
}

targets! { audited classes config device folder header initializer manifest plan rules slices tuning view }
