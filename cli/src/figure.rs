//! Figures for a person, by one convention: counts have their thousands grouped, sizes binary units (KiB, MiB, GiB), and speeds are in GB/s,
//! 10^9 bytes a second.

use indicatif::{BinaryBytes, HumanCount};
use std::fmt::{self, Display};

/// A count, e.g. `124,439,808`.
pub(crate) const fn count(number: u64) -> HumanCount {
    HumanCount(number)
}

/// So many of something, e.g. `1 tensor`, `148 tensors`.
pub(crate) fn many(number: usize, one: &str) -> String {
    format!("{} {one}{}", count(number as u64), if number == 1 { "" } else { "s" })
}

/// A size, e.g. `474.70 MiB`.
pub(crate) const fn size(bytes: u64) -> BinaryBytes {
    BinaryBytes(bytes)
}

/// A speed by bytes a second, e.g. `12.3 GB/s`.
pub(crate) fn speed(rate: f64) -> String {
    format!("{} GB/s", Number(rate * 1e-9, 3))
}

/// A number with so many significant digits: without zeros at its end, and with an exponent where it would be long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number(pub(crate) f64, pub(crate) usize);

impl Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, digits) = *self;
        // Of either sign.
        if value == 0.0 {
            return f.pad("0");
        }
        let rounded = format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value);
        let is_short = (1e-3..1e6).contains(&rounded.abs()) || !rounded.is_finite();
        f.pad(&if is_short { format!("{rounded}") } else { format!("{rounded:e}") })
    }
}

/// A law with readable numbers, e.g. `normal(0, 0.005774)`.
pub(crate) fn law(text: &str) -> String {
    match text {
        "constant(0)" => return "zeros".to_owned(),
        "constant(1)" => return "ones".to_owned(),
        _ => {}
    }
    let mut readable = String::with_capacity(text.len());
    for piece in text.split_inclusive(['(', ',', '=', ')']) {
        let end = piece.chars().last().filter(|last| "(,=)".contains(*last));
        let body = &piece[..piece.len() - end.map_or(0, char::len_utf8)];
        match body.trim().parse::<f64>() {
            Ok(number) => readable.push_str(&Number(number, 4).to_string()),
            Err(_) => readable.push_str(body),
        }
        match end {
            Some(',') => readable.push_str(", "),
            Some(end) => readable.push(end),
            None => {}
        }
    }
    readable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-0.094_812_345, "-0.09481"),
            (0.099_999_9, "0.1"),
            (123_456.0, "123500"),
            (999_999.0, "1e6"),
            (1.234_567e-5, "1.235e-5"),
            (-0.000_115, "-1.15e-4"),
            (0.001_15, "0.00115"),
            (-1e300, "-1e300"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Number(value, 4).to_string(), expected, "{value:e}");
        }
        assert_eq!(format!("{:>6}|{:<6}|", Number(0.5, 4), Number(0.0, 4)), "   0.5|0     |");
    }

    #[test]
    fn laws_are_readable() {
        for (text, expected) in [
            ("constant(0)", "zeros"),
            ("constant(1)", "ones"),
            ("normal(0,0.005773502691896258)", "normal(0, 0.005774)"),
            ("uniform(-0.49999999999999994,0.49999999999999994)", "uniform(-0.5, 0.5)"),
            ("kaiming_uniform(fan_in,leaky_relu=2.23606797749979)", "kaiming_uniform(fan_in, leaky_relu=2.236)"),
            ("a_log", "a_log"),
            ("dt_bias(0.001,0.1,0.0001)", "dt_bias(0.001, 0.1, 1e-4)"),
        ] {
            assert_eq!(law(text), expected);
        }
    }

    #[test]
    fn counts_sizes_and_speeds() {
        assert_eq!(count(124_439_808).to_string(), "124,439,808");
        assert_eq!([many(1, "tensor"), many(1480, "tensor")], ["1 tensor", "1,480 tensors"]);
        assert_eq!(size(497_759_232).to_string(), "474.70 MiB");
        assert_eq!([speed(2e9 / 0.3), speed(0.0)], ["6.67 GB/s", "0 GB/s"]);
    }
}
