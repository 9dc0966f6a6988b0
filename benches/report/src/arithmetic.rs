//! From seconds to figures. What cannot be computed is `None`, never infinite and never zero in its place.

/// A time that something can be divided by: finite and above zero, which a clock that is too coarse is not.
#[must_use]
pub fn usable(seconds: f64) -> Option<f64> {
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

/// 10^9 bytes written a second.
#[must_use]
pub fn rate(bytes: u64, seconds: f64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a size for a rate")]
    let bytes = bytes as f64;
    usable(seconds).map(|seconds| bytes * 1e-9 / seconds)
}

/// How many times as fast as the base the work is: below 1 it is slower.
#[must_use]
pub fn factor(base_seconds: f64, seconds: f64) -> Option<f64> {
    Some(usable(base_seconds)? / usable(seconds)?)
}

/// [`factor`] in percent.
#[must_use]
pub fn percent(base_seconds: f64, seconds: f64) -> Option<f64> {
    factor(base_seconds, seconds).map(|factor| 100.0 * factor)
}

/// Nanoseconds for an element of so many bytes.
#[must_use]
pub fn nanoseconds_an_element(bytes: u64, element: u64, seconds: f64) -> Option<f64> {
    let elements = bytes.checked_div(element).filter(|elements| *elements > 0)?;
    #[expect(clippy::cast_precision_loss, reason = "a count for a rate")]
    let elements = elements as f64;
    usable(seconds).map(|seconds| seconds * 1e9 / elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_shares() {
        assert_eq!(rate(2_000_000_000, 0.5), Some(4.0));
        assert_eq!(factor(1.0, 4.0), Some(0.25));
        assert_eq!(percent(1.0, 4.0), Some(25.0));
        assert_eq!(nanoseconds_an_element(4000, 4, 1e-6), Some(1.0));
        assert_eq!(nanoseconds_an_element(4000, 2, 1e-6), Some(0.5));
    }

    #[test]
    fn what_cannot_be_divided_gives_nothing() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(rate(1, bad), None);
            assert_eq!(factor(1.0, bad), None);
            assert_eq!(factor(bad, 1.0), None);
            assert_eq!(percent(bad, bad), None);
            assert_eq!(nanoseconds_an_element(8, 4, bad), None);
        }
        assert_eq!(nanoseconds_an_element(3, 4, 1.0), None, "no whole element");
        assert_eq!(nanoseconds_an_element(3, 0, 1.0), None);
    }
}
