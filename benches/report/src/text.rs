//! Numbers and names as a person reads them.

/// So many significant digits, without an exponent and without digits that were not asked for in front of the point.
pub(crate) fn significant(value: f64, digits: i32) -> String {
    let text = format!("{value:.*e}", usize::try_from(digits - 1).unwrap_or_default());
    // Rounding may carry into a new digit (0.996 with two is 1.0): the rounded value's exponent decides.
    let exponent: i32 = text.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or_default();
    let places = usize::try_from(digits - 1 - exponent).unwrap_or_default();
    format!("{:.places$}", text.parse().unwrap_or(value))
}

/// Beside an axis: without zeros at the end.
pub(crate) fn tick(value: f64) -> String {
    ((value * 1e6).round() / 1e6).to_string()
}

/// A factor, as in `1.3×`.
pub(crate) fn times(factor: f64) -> String {
    format!("{}×", significant(factor, 2))
}

/// A percentage: whole from 10 on, two digits below.
pub(crate) fn percentage(percent: f64) -> String {
    if percent >= 10.0 { format!("{percent:.0} %") } else { format!("{} %", significant(percent, 2)) }
}

/// Bytes in binary units.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let (unit, name) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit).unwrap_or((1, "B"));
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let figure = bytes as f64 / unit as f64;
    if bytes.is_multiple_of(unit) { format!("{figure} {name}") } else { format!("{} {name}", significant(figure, 3)) }
}

/// Lower case letters, digits and hyphens alone.
pub(crate) fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// A name in a cell of a Markdown table, where brackets would be taken for links and tags.
pub(crate) fn cell(name: &str) -> String {
    let escaped = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '|' | '[' | ']' | '*' | '_' | '`' | '\\' => format!("\\{c}"),
        c => c.to_string(),
    };
    name.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_names() {
        let known = [(1234.5, 2, "1200"), (0.996, 2, "1.0"), (0.0456, 2, "0.046"), (9.96, 2, "10"), (1.0, 3, "1.00")];
        for (value, digits, expected) in known {
            assert_eq!(significant(value, digits), expected, "{value} with {digits}");
        }
        assert_eq!([tick(0.1 + 0.2), tick(20.0)], ["0.3", "20"]);
        assert_eq!([percentage(99.6), percentage(4.53)], ["100 %", "4.5 %"]);
        let sizes = [1 << 20, 1 << 30, 512, 497_759_232].map(size);
        assert_eq!(sizes, ["1 MiB", "1 GiB", "512 B", "475 MiB"]);
        assert_eq!(slug("SwiftShader Device  Vulkan"), "swiftshader-device-vulkan");
        assert_eq!(cell("a|b [c] <d>"), "a\\|b \\[c\\] &lt;d>");
    }
}
