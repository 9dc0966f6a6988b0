//! Tensors that this crate fills, as histograms, each under the density of its law.

use super::Plot;
use super::page::{Letters, Page, page};
use super::scale::Axis;
use super::style::{INK, MUTED, RULE, SKY, VERMILION};
use crate::text::grouped;
use anyhow::Result;
use core::f64::consts::{PI, SQRT_2};
use plotters::style::text_anchor::HPos;
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

const SIZE: (u32, u32) = (1060, 384);
const SHAPE: [u64; 2] = [768, 3072];
const SEED: u64 = 42;
/// What every panel shows, and how many bars it has.
const RANGE: (f64, f64) = (-0.08, 0.08);
const BARS: usize = 80;
const LEFT: [i32; 3] = [72, 402, 732];
const WIDTH: i32 = 304;
const TOP: i32 = 126;
const BOTTOM: i32 = 340;

/// What a tensor is drawn from, and the density that its values should have.
struct Law {
    initializer: Initializer,
    density: fn(f64) -> f64,
}

const STD: f64 = 0.02;
/// Of the truncated normal and the uniform: between two bars.
const BOUND: f64 = 0.04;

fn laws() -> [Law; 3] {
    [
        Law { initializer: Initializer::normal(0.0, STD), density: normal },
        Law { initializer: Initializer::trunc_normal(0.0, STD, -BOUND, BOUND), density: truncated_normal },
        Law { initializer: Initializer::uniform(-BOUND, BOUND), density: uniform },
    ]
}

fn normal(x: f64) -> f64 {
    let z = x / STD;
    libm::exp(-z * z / 2.0) / (STD * libm::sqrt(2.0 * PI))
}

fn truncated_normal(x: f64) -> f64 {
    if x.abs() <= BOUND { normal(x) / libm::erf(BOUND / STD / SQRT_2) } else { 0.0 }
}

fn uniform(x: f64) -> f64 {
    if x.abs() <= BOUND { 1.0 / (2.0 * BOUND) } else { 0.0 }
}

pub(crate) fn plot() -> Result<Plot> {
    let laws = laws();
    let histograms = laws.iter().map(|law| Ok(histogram(&values(law.initializer)?))).collect::<Result<Vec<_>>>()?;
    let elements = grouped(SHAPE[0] * SHAPE[1]);
    let title = format!("Three tensors of {} × {} values, and their laws", SHAPE[0], SHAPE[1]);
    let caption =
        [format!("bars: the {elements} values that this crate draws under seed {SEED}; line: the density of the law")];
    let highest = histograms.iter().flatten().copied().fold(0.0, f64::max);
    let y = Axis::linear(&[highest], "");
    let svg = page(SIZE, &title, &caption, |page| {
        for ((law, heights), left) in laws.iter().zip(&histograms).zip(LEFT) {
            panel(page, left, &y, law, heights)?;
        }
        page.letters(
            (24, i32::midpoint(TOP, BOTTOM)),
            "density",
            Letters { upright: true, at: HPos::Center, ..Letters::new(INK) },
        )
    })?;
    Ok(Plot { chapter: "Laws", name: "histograms.svg".to_owned(), title, svg })
}

fn values(initializer: Initializer) -> Result<Vec<f32>> {
    let fill = Fill::new(Shape::new(SHAPE)?, initializer)?.named(Seed::new(SEED), "weight");
    let mut bytes = vec![0; usize::try_from(SHAPE[0] * SHAPE[1])? * 4];
    CpuExecutor::new().run_in(&mut bytes, [&fill])?;
    Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// The heights of the bars: the share of the values in each, over its width.
fn histogram(values: &[f32]) -> Vec<f64> {
    let mut counts = [0u32; BARS];
    for value in values {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "negative places are filtered")]
        let place =
            Some((f64::from(*value) - RANGE.0) / bar()).filter(|place| *place >= 0.0).map(|place| place as usize);
        if let Some(count) = place.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let all = values.len() as f64;
    counts.iter().map(|count| f64::from(*count) / all / bar()).collect()
}

/// The width of a bar.
fn bar() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let bars = BARS as f64;
    (RANGE.1 - RANGE.0) / bars
}

fn panel(page: &Page<'_>, left: i32, y: &Axis, law: &Law, heights: &[f64]) -> Result<()> {
    let right = left + WIDTH;
    #[expect(clippy::cast_possible_truncation, reason = "a page is small")]
    let across = |x: f64| left + ((x - RANGE.0) / (RANGE.1 - RANGE.0) * f64::from(WIDTH)).round() as i32;
    let up = |density: f64| y.pixel(density, BOTTOM, TOP);
    for (tick, label) in &y.ticks {
        page.path(vec![(left, up(*tick)), (right, up(*tick))], RULE, 1)?;
        if left == LEFT[0] {
            page.letters((left - 8, up(*tick)), label, Letters::small(HPos::Right))?;
        }
    }
    for (number, height) in (0u32..).zip(heights) {
        let x = RANGE.0 + f64::from(number) * bar();
        page.bar((across(x), up(*height)), (across(x + bar()), BOTTOM), SKY)?;
    }
    page.path(curve(law.density).into_iter().map(|(x, density)| (across(x), up(density))).collect(), VERMILION, 2)?;
    page.path(vec![(left, BOTTOM), (right, BOTTOM)], MUTED, 1)?;
    for (tick, label) in [(-BOUND, "−0.04"), (0.0, "0"), (BOUND, "0.04")] {
        page.path(vec![(across(tick), BOTTOM), (across(tick), BOTTOM + 5)], MUTED, 1)?;
        page.letters((across(tick), BOTTOM + 18), label, Letters::small(HPos::Center))?;
    }
    page.letters((left, TOP - 22), &law.initializer.to_string(), Letters { bold: true, ..Letters::new(INK) })
}

/// So close together that a jump of the density is upright.
fn curve(density: fn(f64) -> f64) -> Vec<(f64, f64)> {
    const STEPS: u32 = 2000;
    let place = |step: u32| RANGE.0 + (RANGE.1 - RANGE.0) * f64::from(step) / f64::from(STEPS);
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in 0..=STEPS {
        let point = (place(step), density(place(step)));
        // What does not change needs no points but its ends.
        if let [.., (_, before), last] = points.as_mut_slice()
            && (before.to_bits(), last.1.to_bits()) == (point.1.to_bits(), point.1.to_bits())
        {
            *last = point;
        } else {
            points.push(point);
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::{BARS, Law, RANGE, SHAPE, bar, histogram, laws, values};

    /// The greatest distance of a bar from a density, in standard errors, over bars across which the density is smooth.
    fn distance(heights: &[f64], density: impl Fn(f64) -> f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let all = (SHAPE[0] * SHAPE[1]) as f64;
        let of_bar = |number: u32| {
            let low = RANGE.0 + f64::from(number) * bar();
            let (middle, ends) = (density(low + bar() / 2.0), [density(low + 1e-9), density(low + bar() - 1e-9)]);
            let expected = middle * bar() * all;
            let is_smooth = ends.iter().all(|end| *end > 0.0) && expected > 1000.0;
            let distance = (heights[number as usize] - middle).abs() * bar() * all / expected.sqrt();
            if is_smooth { distance } else { 0.0 }
        };
        (0..u32::try_from(BARS).unwrap_or(0)).map(of_bar).fold(0.0, f64::max)
    }

    #[test]
    fn bars_lie_on_their_laws_and_would_not_on_another() -> anyhow::Result<()> {
        for Law { initializer, density } in laws() {
            let heights = histogram(&values(initializer)?);
            let own = distance(&heights, density);
            assert!(own < 6.0, "{initializer}: {own}");
            let wider = distance(&heights, |x| density(x / 1.02) / 1.02);
            assert!(wider > 6.0, "{initializer}: a law 2 % wider is not told from it: {wider}");
        }
        Ok(())
    }
}
