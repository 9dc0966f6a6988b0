//! The targets are tests: `fuzz/tests/fuzz`. README.md says how to run them for long.
