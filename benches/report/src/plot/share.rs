//! How much of the constant fill's and of the clear's speed a fill reaches, over the size of the tensor.

use super::page::{Letters, Page, TOP, page};
use super::panel::{Line, Panel, legend};
use super::scale::Axis;
use super::style::{INK, MUTED, look};
use super::{Plot, caption};
use crate::arithmetic::percent;
use crate::figures::LAWS;
use crate::record::bench::{Device, Work};
use crate::text::{percentage, size};
use anyhow::Result;
use plotters::style::text_anchor::HPos;

const SIZE: (u32, u32) = (1320, 560);
const LEFT: [i32; 2] = [100, 610];
const WIDTH: i32 = 430;

pub(super) fn plot(device: &Device) -> Result<Option<Plot>> {
    let constant = Work::Fill("constant", "f32");
    let of_constant: Vec<_> = LAWS.iter().map(|law| line(device, law, Work::Fill(law, "f32"), constant)).collect();
    let mut of_clear = vec![line(device, "constant", constant, Work::Clear)];
    of_clear.extend(LAWS.iter().map(|law| line(device, law, Work::Fill(law, "f32"), Work::Clear)));
    let all = || of_constant.iter().chain(&of_clear).flat_map(|line| line.points.iter().copied());
    if all().next().is_none() {
        return Ok(None);
    }
    let x = Axis::bytes(&all().map(|(bytes, _)| bytes).collect::<Vec<_>>());
    // One axis for both, with the whole on it.
    let percents: Vec<_> = all().map(|(_, percent)| percent).chain([100.0]).collect();
    // Where a line would lie on a linear axis' floor, or far above the whole, only a logarithmic one can be read.
    let wide = percents.iter().any(|percent| *percent < 10.0 || *percent > 400.0);
    let y = if wide { Axis::logarithmic(&percents, " %") } else { Axis::linear(&percents, " %") };
    let title = "Warm fills of one f32 tensor beside memory's speed";
    let svg = page(SIZE, title, &caption(&device.subject, &device.source), |page| {
        let panel = |left| Panel { left, right: left + WIDTH, top: TOP + 24, bottom: 490, x: &x, y: &y };
        side(page, &panel(LEFT[0]), "Share of the constant fill's speed", "share of the speed", &of_constant)?;
        side(page, &panel(LEFT[1]), "Share of the clear's speed", "", &of_clear)?;
        let remarked: Vec<_> = of_clear.iter().map(|line| (line, remark(line, &of_constant))).collect();
        legend(page, (LEFT[1] + WIDTH + 24, TOP + 38), &remarked)
    })?;
    Ok(Some(Plot {
        chapter: "Share of the constant fill's and of the clear's speed",
        name: format!("share-{}.svg", device.subject.slug()),
        title: format!("{title}: {}", device.subject.label()),
        svg,
    }))
}

fn side(page: &Page<'_>, panel: &Panel<'_>, heading: &str, y_title: &str, lines: &[Line]) -> Result<()> {
    panel.frame(page, "size of the tensor", y_title)?;
    let whole = panel.y.pixel(100.0, panel.bottom, panel.top);
    page.path(vec![(panel.left, whole), (panel.right, whole)], MUTED, 1)?;
    page.letters((panel.left, panel.top - 16), heading, Letters { bold: true, at: HPos::Left, ..Letters::new(INK) })?;
    panel.lines(page, lines)
}

fn line(device: &Device, name: &str, work: Work, base: Work) -> Line {
    let points = device.points(work).into_iter();
    let share = |(bytes, seconds)| Some((bytes, percent(device.seconds(base, bytes)?, seconds)?));
    Line { name: name.to_owned(), look: look(name), points: points.filter_map(share).collect() }
}

/// What the end of the line says, on both sides.
fn remark(of_clear: &Line, of_constant: &[Line]) -> Vec<String> {
    let of_constant = of_constant.iter().find(|line| line.name == of_clear.name);
    let end = |line: &Line, of: &str| {
        let (bytes, share) = line.points.last()?;
        Some(format!("{} of the {of}, {}", percentage(*share), size(*bytes)))
    };
    let ends = [of_constant.and_then(|line| end(line, "constant")), end(of_clear, "clear")];
    ends.into_iter().flatten().collect()
}
