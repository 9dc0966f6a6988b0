//! The records: which files they are, which are read, and what their lines say.

pub mod bench;
mod choice;
mod file;
pub mod peers;
mod schema;

pub use choice::Records;
pub use file::Source;
pub use schema::Schema;
