//! Tensors that this crate fills, as histograms, each under the density of its law.

use crate::charts::{Chart, RULE, SKY, VERMILION, letters, page};
use anyhow::Result;
use core::f64::consts::{PI, SQRT_2};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;
use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};

const SHAPE: [u64; 2] = [768, 3072];
const SEED: u64 = 42;
/// What every panel shows, and how many bars it has.
const RANGE: (f64, f64) = (-0.08, 0.08);
const BARS: u32 = 80;
const STD: f64 = 0.02;
/// Of the truncated normal and the uniform: between two bars.
const BOUND: f64 = 0.04;

/// What a tensor is drawn from, and the density that its values should have.
type Law = (Initializer, fn(f64) -> f64);

fn laws() -> [Law; 3] {
    [
        (Initializer::normal(0.0, STD), normal),
        (Initializer::trunc_normal(0.0, STD, -BOUND, BOUND), truncated_normal),
        (Initializer::uniform(-BOUND, BOUND), uniform),
    ]
}

/// libm: the same pixels on every platform.
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

pub(crate) fn chart() -> Result<Chart> {
    let laws = laws();
    let histograms = laws.iter().map(|law| Ok(histogram(&values(law.0)?))).collect::<Result<Vec<_>>>()?;
    let title = format!("Three tensors of {} × {} values, and their laws", SHAPE[0], SHAPE[1]);
    let caption = format!("bars: the values that this crate draws under seed {SEED}; line: the density of the law");
    let highest = histograms.iter().flatten().copied().fold(0.0, f64::max) * 1.04;
    let svg = page((1060, 384), &title, &[caption], |area| {
        for (((initializer, density), heights), area) in laws.iter().zip(&histograms).zip(area.split_evenly((1, 3))) {
            let mut chart = ChartBuilder::on(&area)
                .caption(initializer.to_string(), letters(17, HPos::Left))
                .x_label_area_size(28)
                .y_label_area_size(40)
                .build_cartesian_2d(RANGE.0..RANGE.1, 0.0..highest)?;
            let mut mesh = chart.configure_mesh();
            mesh.disable_x_mesh().light_line_style(WHITE).bold_line_style(RULE).x_labels(5).y_labels(6);
            mesh.label_style(letters(15, HPos::Center))
                .x_label_formatter(&|x| format!("{x:.2}"))
                .y_label_formatter(&|y| format!("{y:.0}"))
                .draw()?;
            let bars = (0..BARS).zip(heights).map(|(number, height)| {
                let x = RANGE.0 + f64::from(number) * bar();
                Rectangle::new([(x, 0.0), (x + bar(), *height)], SKY.filled())
            });
            chart.draw_series(bars)?;
            // So close together that a jump of the density is upright.
            let curve = (0..=600).map(|step| RANGE.0 + (RANGE.1 - RANGE.0) * f64::from(step) / 600.0);
            let curve = curve.map(|x| (x, density(x))).collect::<Vec<_>>();
            chart.draw_series([PathElement::new(curve, VERMILION.stroke_width(2))])?;
        }
        Ok(())
    })?;
    Ok(Chart { chapter: "", name: "histograms.svg".to_owned(), title, svg })
}

fn values(initializer: Initializer) -> Result<Vec<f32>> {
    let fill = Fill::new(Shape::new(SHAPE)?, initializer)?.named(Seed::new(SEED), "weight");
    let mut bytes = vec![0; usize::try_from(SHAPE[0] * SHAPE[1])? * 4];
    CpuExecutor::new().run_in(&mut bytes, [&fill])?;
    Ok(bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
}

/// The heights of the bars: the share of the values in each, over its width.
fn histogram(values: &[f32]) -> Vec<f64> {
    let mut counts = [0u32; BARS as usize];
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
    (RANGE.1 - RANGE.0) / f64::from(BARS)
}

#[cfg(test)]
mod tests {
    use super::{BARS, RANGE, SHAPE, bar, histogram, laws, values};

    /// The greatest distance of a bar from a density, in standard errors, over bars across which the density is smooth.
    fn distance(heights: &[f64], density: impl Fn(f64) -> f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let all = (SHAPE[0] * SHAPE[1]) as f64;
        let of_bar = |(number, height): (u32, &f64)| {
            let low = RANGE.0 + f64::from(number) * bar();
            let (middle, ends) = (density(low + bar() / 2.0), [density(low + 1e-9), density(low + bar() - 1e-9)]);
            let expected = middle * bar() * all;
            let is_smooth = ends.iter().all(|end| *end > 0.0) && expected > 1000.0;
            if is_smooth { (height - middle).abs() * bar() * all / expected.sqrt() } else { 0.0 }
        };
        (0..BARS).zip(heights).map(of_bar).fold(0.0, f64::max)
    }

    #[test]
    fn bars_lie_on_their_laws_and_would_not_on_another() -> anyhow::Result<()> {
        for (initializer, density) in laws() {
            let heights = histogram(&values(initializer)?);
            let own = distance(&heights, density);
            assert!(own < 6.0, "{initializer}: {own}");
            let wider = distance(&heights, |x| density(x / 1.02) / 1.02);
            assert!(wider > 6.0, "{initializer}: a law 2 % wider is not told from it: {wider}");
        }
        Ok(())
    }
}
