//! Tables of documents that tests compute.

use std::path::Path;

/// What ends each.
const END: &str = "<!-- end of table -->";

/// The table of a document (its path in this package), which `start` begins, must be this one. With `WGPU_INIT_WRITE_DOCS=1` it is written.
pub(crate) fn holds(document: &str, start: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = std::fs::read_to_string(&path).expect("the document");
    let (before, rest) = text.split_once(start).expect("the start of the table");
    let (written, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var_os("WGPU_INIT_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{start}{table}{END}{after}")).expect("written");
        return;
    }
    assert!(written == table, "the table of {document} is stale: run this test with WGPU_INIT_WRITE_DOCS=1");
}
