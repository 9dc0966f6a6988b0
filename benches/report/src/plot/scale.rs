//! Axes: from a figure to a place, and the figures that are written beside it.

use crate::text::{exponent, power_of_ten, significant, size};

/// An axis with marked places. Places are from 0, its beginning, to 1.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    logarithmic: bool,
    low: f64,
    high: f64,
    pub(super) ticks: Vec<(f64, String)>,
}

/// Marks that a person can read along an axis.
const MOST: usize = 8;

impl Axis {
    /// Sizes in bytes, logarithmic, marked at powers of two.
    pub(super) fn bytes(sizes: &[u64]) -> Self {
        let least = sizes.iter().min().copied().unwrap_or(1).max(1);
        let most = sizes.iter().max().copied().unwrap_or(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
        let (low, high) = (least as f64 / 1.35, most as f64 * 1.35);
        let (first, last) = (least.next_power_of_two().ilog2(), most.ilog2());
        let step = (1..).find(|step| (last.saturating_sub(first) / step) < 8).unwrap_or(1);
        let powers = (first..=last).step_by(usize::try_from(step).unwrap_or(1));
        let mut axis = Self { logarithmic: true, low, high, ticks: Vec::new() };
        axis.ticks = powers.map(|power| (power_of_two(power), size(1 << power))).collect();
        axis
    }

    /// Positive figures, logarithmic: marked at 1, 2 and 5 times powers of ten, at these alone where those are
    /// many, or at all digits where they are few.
    pub(super) fn logarithmic(figures: &[f64], unit: &str) -> Self {
        let least = figures.iter().copied().fold(f64::INFINITY, f64::min);
        let most = figures.iter().copied().fold(0.0, f64::max);
        let (least, most) = if least <= most && least > 0.0 { (least, most) } else { (1.0, 1.0) };
        let (low, high) = (least / 1.5, most * 1.5);
        let powers = || exponent(low)..=exponent(high);
        let within = |value: &f64| *value >= low && *value <= high;
        let marks = |of: &[f64]| {
            let all =
                powers().flat_map(|power| of.iter().map(move |digit| digit * power_of_ten(power)).collect::<Vec<_>>());
            all.filter(within).collect::<Vec<_>>()
        };
        let mut ticks = marks(&[1.0, 2.0, 5.0]);
        if ticks.len() > MOST {
            ticks = marks(&[1.0]);
        } else if ticks.len() < 3 {
            // So near to each other that nearly nothing would be marked.
            ticks = marks(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        }
        Self { logarithmic: true, low, high, ticks: label(ticks, unit) }
    }

    /// Figures from 0 on, marked at round steps; it ends where the largest figure does, and a little further.
    pub(super) fn linear(figures: &[f64], unit: &str) -> Self {
        let most = figures.iter().copied().fold(0.0, f64::max);
        let high = if most > 0.0 { most * 1.04 } else { 1.0 };
        let power = power_of_ten(exponent(high) - 1);
        let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].map(|digit| digit * power);
        let step = step.into_iter().find(|step| high / step <= 6.0).unwrap_or(high);
        let ticks = (0..=6).map(|index| f64::from(index) * step).filter(|tick| *tick <= high).collect();
        Self { logarithmic: false, low: 0.0, high, ticks: label(ticks, unit) }
    }

    /// From 0 to 1, if the figure is on the axis.
    pub(super) fn place(&self, figure: f64) -> f64 {
        let on = |figure: f64| if self.logarithmic { libm::log10(figure) } else { figure };
        (on(figure) - on(self.low)) / (on(self.high) - on(self.low))
    }

    /// A place in pixels.
    pub(super) fn pixel(&self, figure: f64, from: i32, to: i32) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "a page is small")]
        let along = (self.place(figure) * f64::from(to - from)).round() as i32;
        from + along
    }
}

fn power_of_two(power: u32) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a power of two is exact")]
    let value = (1u64 << power) as f64;
    value
}

fn label(ticks: Vec<f64>, unit: &str) -> Vec<(f64, String)> {
    // Two digits are enough for what stands at 1, 2 or 5 times a power of ten, or at the first few multiples of one.
    let text = |tick: f64| {
        let text = significant(tick, 2);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
        format!("{text}{unit}")
    };
    ticks.into_iter().map(|tick| (tick, text(tick))).collect()
}

#[cfg(test)]
mod tests {
    use super::Axis;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn ticks() {
        assert_eq!(labels(&Axis::bytes(&[1 << 20, 1 << 22])), ["1 MiB", "2 MiB", "4 MiB"]);
        let wide = Axis::bytes(&[1 << 20, 1 << 30]);
        assert_eq!(labels(&wide), ["1 MiB", "4 MiB", "16 MiB", "64 MiB", "256 MiB", "1 GiB"]);
        assert_eq!(labels(&Axis::logarithmic(&[0.9, 3.0], "")), ["0.6", "0.7", "0.8", "0.9", "1", "2", "3", "4"]);
        assert_eq!(labels(&Axis::logarithmic(&[0.02, 300.0], "")), ["0.1", "1", "10", "100"]);
        assert_eq!(labels(&Axis::linear(&[7.0], " ns")), ["0 ns", "2 ns", "4 ns", "6 ns"]);
        assert_eq!(labels(&Axis::linear(&[0.3], "")), ["0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn places() {
        let axis = Axis::linear(&[100.0], "");
        assert_eq!(axis.pixel(0.0, 10, 114), 10);
        assert_eq!(axis.pixel(100.0, 10, 114), 110);
        let axis = Axis::logarithmic(&[1.0, 100.0], "");
        assert!((axis.place(10.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn one_figure_or_none_is_an_axis_too() {
        for axis in [Axis::bytes(&[]), Axis::bytes(&[12_345]), Axis::logarithmic(&[], ""), Axis::linear(&[], "")] {
            assert!(axis.place(1.0).is_finite());
        }
    }
}
