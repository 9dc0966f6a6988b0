//! Tables in Markdown.

use crate::record::Source;

/// A sentence and a table under it; nothing where there is no row.
pub(super) fn table(caption: &str, columns: &[&str], rows: &[Vec<String>]) -> Option<String> {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let head: Vec<_> = columns.iter().map(|column| (*column).to_owned()).collect();
    let rule = vec!["---".to_owned(); columns.len()];
    let lines = [head, rule].iter().chain(rows).map(|cells| line(cells)).collect::<Vec<_>>().join("\n");
    (!rows.is_empty()).then(|| format!("{caption}\n\n{lines}"))
}

/// A record's name in `benches/record/`; the date is in it.
pub(super) fn dated(source: &Source) -> String {
    format!("`{}`", source.name)
}

/// A figure, or the sign that there is none.
pub(super) fn or_dash(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "–".to_owned())
}
