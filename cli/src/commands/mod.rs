//! One file per command.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod devices;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod plan;
pub(crate) mod recipes;
pub(crate) mod sample;
pub(crate) mod tune;
pub(crate) mod verify;
pub(crate) mod words;
