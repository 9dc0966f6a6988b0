//! Numbers and names as a person reads them.

/// So many significant digits, without an exponent and without digits that were not asked for in front of the point:
/// 1234.5 with two is 1200.
pub(crate) fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    // Digits behind the point; rounding may carry into a new digit (0.996 with two is 1.0), so the rounded value decides.
    let places = |value: f64| digits - 1 - exponent(value);
    let rounded = round_to(value, places(value));
    let shown = places(rounded).max(0);
    format!("{rounded:.*}", usize::try_from(shown).unwrap_or_default())
}

/// Two digits, without zeros behind the point: beside an axis.
pub(crate) fn short(value: f64) -> String {
    let text = significant(value, 2);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn round_to(value: f64, places: i32) -> f64 {
    if places >= 0 {
        let power = power_of_ten(places);
        (value * power).round() / power
    } else {
        let power = power_of_ten(-places);
        (value / power).round() * power
    }
}

/// The power of ten of the first digit. What is printed is exact, where a logarithm may be one too low.
fn exponent(value: f64) -> i32 {
    format!("{value:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or_default()
}

/// The nearest double, which `powi` need not give on every platform.
pub(crate) fn power_of_ten(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(1.0)
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
    let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} B");
    };
    if bytes.is_multiple_of(unit) {
        return format!("{} {name}", bytes / unit);
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
    let figure = bytes as f64 / unit as f64;
    format!("{} {name}", significant(figure, 3))
}

/// A whole number with a comma at every thousand.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Lower case letters, digits and hyphens alone.
pub(crate) fn slug(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// A name in a cell of a Markdown table, where brackets would be taken for links and tags.
pub(crate) fn cell(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '|' | '[' | ']' | '*' | '_' | '`' | '\\' => out.extend(['\\', c]),
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        let known = [
            (1234.5, 2, "1200"),
            (0.996, 2, "1.0"),
            (0.0456, 2, "0.046"),
            (9.96, 2, "10"),
            (99.6, 3, "99.6"),
            (2_345.0, 3, "2350"),
            (1.0, 3, "1.00"),
            (0.0, 2, "0"),
        ];
        for (value, digits, expected) in known {
            assert_eq!(significant(value, digits), expected, "{value} with {digits}");
        }
        assert_eq!((percentage(99.6), percentage(4.53)), ("100 %".to_owned(), "4.5 %".to_owned()));
    }

    #[test]
    fn sizes_and_names() {
        assert_eq!(
            [size(1 << 20), size(1 << 30), size(512), size(497_759_232)],
            ["1 MiB", "1 GiB", "512 B", "475 MiB"]
        );
        assert_eq!(slug("SwiftShader Device  Vulkan"), "swiftshader-device-vulkan");
        assert_eq!(cell("a|b [c] <d>"), "a\\|b \\[c\\] &lt;d>");
    }
}
