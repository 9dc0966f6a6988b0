//! Fuzz targets, each for some seconds in a test run and for as long as one likes by `./check --fuzz MINUTES`: README.md.

#[path = "../../../tests/common/mod.rs"]
mod common;
mod config;
mod device;
mod header;
mod initializer;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/partition.rs"]
mod partition;
mod plan;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../tests/support/replay.rs"]
mod replay;
mod rules;
mod target;
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

targets! { config device header initializer plan rules tuning view }
