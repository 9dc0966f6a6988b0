//! The values of a file as a picture: for each kind of tensors a histogram, and the norm of each layer.

use super::kind::Kind;
use crate::columns::name;
use crate::figure::{self, Number, count, many};
use anyhow::Result;
use plotters::chart::ChartBuilder;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};
use wgpu_init::Distribution;

// Okabe and Ito, "Color Universal Design": told apart by colour-blind readers on white.
const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const INK: RGBColor = RGBColor(34, 34, 34);
const MUTED: RGBColor = RGBColor(96, 96, 96);
const RULE: RGBColor = RGBColor(225, 225, 225);
const PAPER: RGBColor = RGBColor(255, 255, 255);

const WIDTH: u32 = 960;
const TOP: u32 = 64;
/// The height of a kind's name and of what is said of it.
const CAPTION: u32 = 44;
/// And of the two panels under it, of a kind that has more than one value.
const PANELS: u32 = 150;
/// Where the panel of norms begins.
const MIDDLE: u32 = 500;
const MARGIN: i32 = 20;
/// Room for the figures at the axis of norms.
const AXIS: i32 = 52;
/// More rows are no picture for a person.
const MOST: usize = 100;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The picture's text.
pub(super) fn draw(title: &str, kinds: &[Kind]) -> Result<String> {
    let shown = &kinds[..kinds.len().min(MOST)];
    let whole = TOP + shown.iter().map(height).sum::<u32>().max(CAPTION);
    let mut text = String::new();
    {
        let page = SVGBackend::with_string(&mut text, (WIDTH, whole)).into_drawing_area();
        page.fill(&PAPER)?;
        let tensors: usize = kinds.iter().map(|kind| kind.norms.len()).sum();
        let mut caption = format!("{} of {}", many(tensors, "tensor"), many(kinds.len(), "kind"));
        if shown.len() < kinds.len() {
            caption = format!("{caption}, the first {} of which are shown", shown.len());
        }
        if kinds.iter().any(|kind| kind.law.is_some()) {
            caption.push_str("; bars: the values, line over them: the law that the file names");
        }
        page.draw(&Text::new(name(title, 80), (MARGIN, 16), letters(22, INK)))?;
        page.draw(&Text::new(caption, (MARGIN, 42), letters(15, MUTED)))?;
        let (_, mut rest) = page.split_vertically(TOP);
        for kind in shown {
            let (area, below) = rest.split_vertically(height(kind));
            row(&area, kind)?;
            rest = below;
        }
        page.present()?;
    }
    Ok(text)
}

fn height(kind: &Kind) -> u32 {
    CAPTION + if kind.constant.is_none() { PANELS } else { 0 }
}

fn letters(size: u32, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from(("sans-serif", size).into_font()) }
}

fn row(area: &Area<'_>, kind: &Kind) -> Result<()> {
    area.draw(&PathElement::new([(MARGIN, 0), (MARGIN + 920, 0)], RULE.stroke_width(1)))?;
    area.draw(&Text::new(name(&kind.name, 100), (MARGIN, 8), letters(17, INK)))?;
    let elements: u64 = kind.histogram.counts.iter().sum();
    let shapes = match &kind.shapes[..] {
        [shape] => shape.clone(),
        shapes => many(shapes.len(), "shape"),
    };
    let mut size = format!("{} of {shapes}, {} values", many(kind.norms.len(), "tensor"), count(elements));
    match (kind.constant, kind.law) {
        (Some(value), _) => size = format!("{size}, all of them {}", Number(value, 6)),
        (None, Some(law)) => size = format!("{size} of {}", figure::law(&law.to_string())),
        (None, None) => {}
    }
    area.draw(&Text::new(size, (MARGIN, 26), letters(14, MUTED)))?;
    if kind.constant.is_some() {
        return Ok(());
    }
    let norms_by_layer = layers(kind);
    let text = match norms_by_layer {
        Some(_) => "L2 norm by layer".to_owned(),
        None => {
            let norms: Vec<_> = kind.norms.iter().take(4).map(|(_, norm)| Number(*norm, 4).to_string()).collect();
            let more = if kind.norms.len() > norms.len() { ", …" } else { "" };
            format!("L2 norm {}{more}", norms.join(", "))
        }
    };
    area.draw(&Text::new(text, (i32::try_from(MIDDLE)? + AXIS, 26), letters(14, MUTED)))?;
    let (_, panels) = area.split_vertically(CAPTION);
    let (left, right) = panels.split_horizontally(MIDDLE);
    histogram(&left, kind)?;
    norms_by_layer.map_or(Ok(()), |points| norms(&right, &points))
}

/// A figure at an axis of this length: what is left of subtracting steps from each other is 0.
fn tick(figure: f64, length: f64) -> String {
    Number(if figure.abs() < 1e-9 * length { 0.0 } else { figure }, 3).to_string()
}

#[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
fn histogram(area: &Area<'_>, kind: &Kind) -> Result<()> {
    let counts = &kind.histogram.counts;
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin_left(MARGIN + 8)
        .margin_right(MARGIN)
        .margin_top(6)
        .x_label_area_size(28)
        .build_cartesian_2d(kind.min..kind.max, 0.0..1.06 * most)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_y_axis()
        .axis_style(MUTED)
        .x_labels(7)
        .x_label_formatter(&|x| tick(*x, kind.max - kind.min))
        .label_style(letters(14, MUTED))
        .draw()?;
    let step = (kind.max - kind.min) / counts.len() as f64;
    chart.draw_series(counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(bin, count)| {
        let from = kind.min + step * bin as f64;
        Rectangle::new([(from, 0.0), (from + step, *count as f64)], BLUE.filled())
    }))?;
    if let Some(expected) = kind.law.and_then(|law| expected(kind, law)) {
        let middle = |bin: usize| kind.min + step * (bin as f64 + 0.5);
        let points: Vec<_> = expected.into_iter().enumerate().map(|(bin, count)| (middle(bin), count)).collect();
        chart.draw_series([PathElement::new(points, VERMILION.stroke_width(2))])?;
    }
    Ok(())
}

/// How many values a law lets one expect in each bin; none of a law whose density is no simple curve.
#[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
fn expected(kind: &Kind, law: Distribution) -> Option<Vec<f64>> {
    let numbers = law.parameters();
    let of = |name: &str| numbers.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    let counts = &kind.histogram.counts;
    let step = (kind.max - kind.min) / counts.len() as f64;
    let inside = |x: f64| of("low").is_none_or(|low| x >= low) && of("high").is_none_or(|high| x <= high);
    let density = |x: f64| match law.name() {
        _ if !inside(x) => Some(0.0),
        "uniform" => Some(1.0),
        "normal" | "trunc_normal" => Some((-0.5 * ((x - of("mean")?) / of("std")?).powi(2)).exp()),
        _ => None,
    };
    let densities = (0..counts.len()).map(|bin| density(kind.min + step * (bin as f64 + 0.5)));
    let densities: Vec<f64> = densities.collect::<Option<_>>()?;
    let all: f64 = densities.iter().sum();
    let values = counts.iter().sum::<u64>() as f64;
    (all > 0.0).then(|| densities.iter().map(|density| density / all * values).collect())
}

/// Layers and norms in the order of the layers, if there are several of them, each with one tensor.
fn layers(kind: &Kind) -> Option<Vec<(u64, f64)>> {
    let mut points: Vec<_> = kind.norms.iter().map(|(layer, norm)| Some(((*layer)?, *norm))).collect::<Option<_>>()?;
    points.sort_by_key(|(layer, _)| *layer);
    (points.len() > 1).then_some(points)
}

/// From 0 on, so that a small change looks small.
#[expect(clippy::cast_precision_loss, reason = "a place on a picture")]
fn norms(area: &Area<'_>, points: &[(u64, f64)]) -> Result<()> {
    let (first, last) = (points[0].0 as f64, points[points.len() - 1].0 as f64);
    let room = (last - first).max(1.0) * 0.03;
    let most = points.iter().map(|(_, norm)| *norm).fold(0.0, f64::max);
    let high = if most > 0.0 { 1.15 * most } else { 1.0 };
    let mut chart = ChartBuilder::on(area)
        .margin_right(MARGIN)
        .margin_top(6)
        .x_label_area_size(28)
        .y_label_area_size(AXIS)
        .build_cartesian_2d(first - room..last + room, 0.0..high)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(RULE)
        .light_line_style(PAPER)
        .axis_style(MUTED)
        .x_labels(points.len().min(7))
        .y_labels(4)
        .x_label_formatter(&|x| if x.fract() == 0.0 { Number(*x, 6).to_string() } else { String::new() })
        .y_label_formatter(&|y| tick(*y, high))
        .label_style(letters(14, MUTED))
        .draw()?;
    let places: Vec<_> = points.iter().map(|(layer, norm)| (*layer as f64, *norm)).collect();
    // Several tensors of a layer, such as experts, are points without an order.
    if points.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        chart.draw_series([PathElement::new(places.clone(), VERMILION.stroke_width(2))])?;
    }
    chart.draw_series(places.into_iter().map(|place| Circle::new(place, 3, ShapeStyle::from(VERMILION).filled())))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::moments::Histogram;
    use super::*;
    use wgpu_init::{Initializer, Shape};

    fn kind(name: &str, layers: u64) -> Kind {
        let mut histogram = Histogram::new(60, -1.0, 1.0);
        [-1.0, 0.0, 0.0, 1.0].into_iter().for_each(|value| histogram.add(value));
        let norms = (0..layers).map(|layer| (Some(layer), 1.0 + layer as f64)).collect();
        let (name, shapes) = (name.to_owned(), vec!["f32 4".to_owned()]);
        Kind { name, shapes, norms, min: -1.0, max: 1.0, constant: None, histogram, law: None }
    }

    #[test]
    fn what_a_law_lets_expect_is_as_many_as_there_are() -> Result<()> {
        for law in ["normal(0,0.3)", "uniform(-0.5,0.5)", "trunc_normal(0,0.3,-0.5,0.5)"] {
            let distribution = law.parse::<Initializer>()?.distribution(&Shape::new([4])?)?;
            let counts = expected(&kind("w", 1), distribution).unwrap_or_default();
            assert!((counts.iter().sum::<f64>() - 4.0).abs() < 1e-9, "{law}");
            // Of 60 bins of [-1, 1] the first is outside of all but the normal law, and the middle is likelier.
            assert!(counts[30] > counts[0] && (counts[0] > 0.0) == (law == "normal(0,0.3)"), "{law}: {counts:?}");
        }
        let zeros = Distribution::constant(0.0)?;
        assert!(expected(&kind("w", 1), zeros).is_none());
        Ok(())
    }

    #[test]
    fn a_picture_has_a_row_for_each_kind_and_says_what_is_left_out() -> Result<()> {
        let text = draw("a<b>.safetensors", &[kind("h.*.weight", 3), kind("other.*.bias\u{1b}", 1)])?;
        assert!(text.contains("a&lt;b&gt;.safetensors") && text.contains("4 tensors of 2 kinds"), "{text}");
        assert!(text.contains("h.*.weight") && text.contains("L2 norm by layer"), "{text}");
        assert!(text.contains(r"other.*.bias\u{1b}") && text.contains("L2 norm 1\n"), "{text}");
        assert_eq!(text.matches("<circle").count(), 3, "{text}");
        let zeros = draw("m", &[Kind { constant: Some(0.0), ..kind("h.*.bias", 3) }])?;
        assert!(zeros.contains("all of them 0") && !zeros.contains("<circle"), "{zeros}");
        assert_eq!([tick(-1.39e-17, 0.2), tick(0.05, 0.2)], ["0", "0.05"]);
        let many: Vec<_> = (0..=MOST).map(|_| kind("w", 1)).collect();
        assert!(draw("m", &many)?.contains("the first 100 of which are shown"));
        draw("nothing", &[])?;
        Ok(())
    }
}
