//! The charts, as SVG: lines over sizes, and bars beside each other.

use crate::record::{OURS, Record};
use crate::records::{CLEAR, LAWS, Subject, gigabytes, ratio};
use crate::tables::{KNOWN, known};
use crate::text::{percentage, significant, size, slug, tick, times};
use anyhow::Result;
use itertools::Itertools;
use plotters::coord::Shift;
use plotters::coord::combinators::BindKeyPoints;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A chart and where it belongs.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// What it shows, with others of its kind.
    pub(crate) chapter: &'static str,
    /// The file's name.
    pub(crate) name: String,
    /// For a person who cannot see it.
    pub(crate) title: String,
    /// The file's content.
    pub(crate) svg: String,
}

pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

// Okabe and Ito, "Color Universal Design": told apart by colour-blind readers on white.
pub(crate) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const VERMILION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(crate) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
const GREY: RGBColor = RGBColor(150, 150, 150);
pub(crate) const RULE: RGBColor = RGBColor(225, 225, 225);

/// Letters at a point that is at this end of their line, and in the middle of its height.
pub(crate) fn letters(height: i32, at: HPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", height).into_font()).color(&INK).pos(Pos::new(at, VPos::Center))
}

/// A page with a title and lines under it.
pub(crate) fn page(
    size: (u32, u32),
    title: &str,
    caption: &[String],
    draw: impl FnOnce(&Area<'_>) -> Result<()>,
) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        area.fill(&WHITE)?;
        area.draw_text(title, &heading(25, HPos::Left), (24, 26))?;
        for (line, y) in caption.iter().zip([52, 71]) {
            area.draw_text(line, &letters(17, HPos::Left), (24, y))?;
        }
        draw(&area.margin(92, 8, 16, 16))?;
        area.present()?;
    }
    Ok(text)
}

/// What was measured, by which driver, in which record.
fn caption(subject: &Subject) -> [String; 2] {
    let driver = match subject.of.driver.as_str() {
        "" if subject.is_cpu() => String::new(),
        "" => "driver not recorded, ".to_owned(),
        driver => format!("driver: {driver}, "),
    };
    [subject.label(), format!("{driver}record of {}: {}", subject.date(), subject.source)]
}

/// For a file's name: without versions in brackets, so that a new driver does not give the file another one.
fn name(kind: &str, subject: &Subject) -> String {
    let device = subject.of.device.split('(').next().unwrap_or_default();
    let how = match subject.of.threads {
        None => subject.of.backend.clone(),
        Some(1) => "cpu 1 thread".to_owned(),
        Some(threads) => format!("cpu {threads} threads"),
    };
    let end = if subject.end_to_end() { "end to end" } else { "" };
    format!("{kind}-{}.svg", slug(&format!("{device} {how} {end}")))
}

/// Bold letters, for headings.
fn heading(height: i32, at: HPos) -> TextStyle<'static> {
    let bold = ("sans-serif", height).into_font().style(FontStyle::Bold);
    TextStyle::from(bold).color(&INK).pos(Pos::new(at, VPos::Center))
}

/// Every chart that the records give.
pub(crate) fn all(alone: &[Subject], beside: &[Subject]) -> Result<Vec<Chart>> {
    let mut charts = Vec::new();
    for subject in alone {
        charts.extend(throughput(subject)?);
    }
    let sizes = || beside.iter().filter_map(|subject| Some((subject, subject.compared()?)));
    for (subject, bytes) in sizes() {
        let title = format!("This crate beside others: one tensor of {}", size(bytes));
        let svg = bars(&title, &caption(subject), &groups(subject, bytes, &|_| true))?;
        let (chapter, title) = ("Beside other libraries", format!("{title}: {}", subject.label()));
        charts.push(Chart { chapter, name: name("beside", subject), title, svg });
    }
    // The README's: on the first device on which one of those that it knows was measured.
    let is_known = |row: &Record| {
        row.dtype.as_deref() == Some("f32") && (row.what == OURS || KNOWN.iter().any(|(name, _)| *name == row.what))
    };
    let first = sizes().map(|(subject, bytes)| (subject, bytes, groups(subject, bytes, &is_known)));
    if let Some((subject, bytes, groups)) =
        first.into_iter().find(|(.., groups)| groups.iter().any(|(_, bars)| bars.len() > 1))
    {
        let title = format!("Filling {} of f32 on {}", size(bytes), subject.of.device);
        let svg = bars(&title, &caption(subject)[1..], &groups)?;
        charts.push(Chart { chapter: "", name: "speed.svg".to_owned(), title, svg });
    }
    Ok(charts)
}

/// A named line: places on both axes.
struct Line {
    law: &'static str,
    points: Vec<(f64, f64)>,
}

/// Of a fill's line, or of the clear's.
fn look(law: &str) -> RGBColor {
    match law {
        CLEAR => INK,
        "constant" => GREY,
        "uniform" => BLUE,
        "normal" => VERMILION,
        _ => GREEN,
    }
}

/// GB/s over the size of the tensor, and the share of the constant fill's speed: what the distribution costs.
fn throughput(subject: &Subject) -> Result<Option<Chart>> {
    let line = |law: &'static str, figure: &dyn Fn(&Record) -> Option<f64>| {
        #[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
        let points = subject.points(law, "f32").into_iter().filter_map(|row| Some((row.bytes? as f64, figure(row)?)));
        Line { law, points: points.collect() }
    };
    let share = |row: &Record, base| Some(100.0 * ratio(row, subject.at(base, "f32", row.bytes?)?)?);
    let rates = [CLEAR, "constant", LAWS[0], LAWS[1], LAWS[2]].map(|law| line(law, &gigabytes));
    let shares = LAWS.map(|law| line(law, &|row| share(row, "constant")));
    if rates.iter().all(|line| line.points.len() < 2) {
        return Ok(None);
    }
    let title = "Throughput of warm fills of one f32 tensor";
    let svg = page((1240, 560), title, &caption(subject), |area| {
        let (charts, legend) = area.split_horizontally(960);
        let (left, right) = charts.split_horizontally(500);
        let heights = range(&rates, |point| point.1);
        let ticks = (-3..6).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(power)));
        let ticks = ticks.filter(|tick| heights.contains(tick)).collect();
        panel(&left, "GB/s written", &rates, "", heights.log_scale().with_key_points(ticks))?;
        let most = range(&shares, |point| point.1).end.clamp(100.0, 400.0);
        panel(&right, "share of the constant fill's speed", &shares, " %", 0.0..most * 1.04)?;
        for (line, y) in rates.iter().zip((20..).step_by(70)) {
            legend.draw(&Rectangle::new([(10, y - 6), (24, y + 6)], look(line.law).filled()))?;
            legend.draw_text(line.law, &letters(17, HPos::Left), (34, y))?;
            let Some(last) = subject.points(line.law, "f32").pop() else { continue };
            let figure = gigabytes(last).zip(last.bytes);
            let figure = figure.map(|(rate, bytes)| format!("{} GB/s, {}", significant(rate, 3), size(bytes)));
            let share = share(last, CLEAR).filter(|_| line.law != CLEAR);
            let share = share.map(|share| format!("{} of the clear's speed", percentage(share)));
            for (text, y) in figure.into_iter().chain(share).zip([y + 20, y + 38]) {
                legend.draw_text(&text, &letters(15, HPos::Left), (34, y))?;
            }
        }
        Ok(())
    })?;
    let (chapter, title) = ("Throughput over size", format!("{title}: {}", subject.label()));
    Ok(Some(Chart { chapter, name: name("throughput", subject), title, svg }))
}

/// From a little below the least to a little above the greatest.
fn range(lines: &[Line], of: fn(&(f64, f64)) -> f64) -> std::ops::Range<f64> {
    let figures = lines.iter().flat_map(|line| line.points.iter()).map(of);
    figures.minmax().into_option().map_or(1.0..10.0, |(least, most)| least / 1.35..most * 1.35)
}

/// Lines over sizes.
fn panel<Y>(area: &Area<'_>, title: &str, lines: &[Line], unit: &str, y: Y) -> Result<()>
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let x = range(lines, |point| point.0).log_scale().base(2.0);
    let mut chart = ChartBuilder::on(area).x_label_area_size(52).y_label_area_size(76).build_cartesian_2d(x, y)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes in bytes")]
    let bytes = |bytes: &f64| size(bytes.round() as u64);
    let figure = |figure: &f64| format!("{}{unit}", tick(*figure));
    let mut mesh = chart.configure_mesh();
    mesh.x_labels(6).y_labels(8).x_label_formatter(&bytes).y_label_formatter(&figure);
    mesh.light_line_style(WHITE).bold_line_style(RULE).label_style(letters(15, HPos::Center));
    mesh.axis_desc_style(letters(17, HPos::Center)).x_desc("size of the tensor").y_desc(title).draw()?;
    for line in lines {
        chart.draw_series([PathElement::new(line.points.clone(), look(line.law).stroke_width(2))])?;
        chart.draw_series(line.points.iter().map(|point| Circle::new(*point, 4, look(line.law).filled())))?;
    }
    Ok(())
}

/// What is beside each other under a law's name.
type Group = (&'static str, Vec<Bar>);

struct Bar {
    name: String,
    rate: f64,
    remark: String,
    ours: bool,
}

/// This crate and others, each in its best form.
fn groups(subject: &Subject, bytes: u64, wanted: &dyn Fn(&Record) -> bool) -> Vec<Group> {
    let group = |law: &'static str| {
        let entries = subject.entries(law, bytes).into_iter().filter(|entry| wanted(entry.row));
        let bars = entries.map(|entry| {
            let Record { what, dtype, detail, backend, .. } = entry.row;
            let mut name = if entry.factor.is_none() { "this crate" } else { known(what) }.to_owned();
            if !detail.is_empty() && backend == "CPU" {
                name += &format!(" ({detail})");
            }
            for dtype in dtype.iter().filter(|dtype| *dtype != "f32") {
                name += &format!(", {dtype}");
            }
            let (rate, ours) = (entry.rate * 1e-9, entry.factor.is_none());
            let factor = entry.factor.map_or_else(String::new, |factor| format!("; this crate {}", times(factor)));
            Bar { name, rate, remark: format!("{}{factor}", significant(rate, 3)), ours }
        });
        (law, bars.collect())
    };
    LAWS.map(group).into_iter().filter(|(_, bars): &Group| !bars.is_empty()).collect()
}

fn bars(title: &str, caption: &[String], groups: &[Group]) -> Result<String> {
    const ROW: u32 = 24;
    // A heading takes a row, and a gap another.
    let rows: usize = groups.iter().map(|(_, bars)| bars.len() + 2).sum();
    let rows = u32::try_from(rows)?;
    let most = groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.rate).fold(0.0, f64::max);
    page((1120, 92 + 60 + ROW * rows), title, caption, |area| {
        let mut chart = ChartBuilder::on(area)
            .x_label_area_size(52)
            .margin_left(360)
            .build_cartesian_2d(0.0..most * 1.45, f64::from(rows)..0.0)?;
        let figure = |figure: &f64| tick(*figure);
        let mut mesh = chart.configure_mesh();
        mesh.disable_y_mesh().disable_y_axis().x_labels(6).x_label_formatter(&figure);
        mesh.light_line_style(WHITE).bold_line_style(RULE).label_style(letters(15, HPos::Center));
        mesh.axis_desc_style(letters(17, HPos::Center)).x_desc("10⁹ numbers a second (more is better)").draw()?;
        let mut y = 0.5;
        let text = |at, text: String, shift, style| EmptyElement::at(at) + Text::new(text, (shift, 0), style);
        for (law, bars) in groups {
            chart.draw_series([text((0.0, y), law.replace('_', " "), -8, heading(17, HPos::Right))])?;
            for bar in bars {
                y += 1.0;
                let colour = if bar.ours { BLUE } else { GREY };
                chart.draw_series([Rectangle::new([(0.0, y - 0.38), (bar.rate, y + 0.38)], colour.filled())])?;
                chart.draw_series([text((0.0, y), bar.name.clone(), -8, letters(16, HPos::Right))])?;
                chart.draw_series([text((bar.rate, y), bar.remark.clone(), 8, letters(15, HPos::Left))])?;
            }
            y += 2.0;
        }
        Ok(())
    })
}
