//! GB/s over the size of the tensor, with the clear and the constant fill as what could be reached.

use super::page::{TOP, page};
use super::panel::{Line, Panel, legend};
use super::scale::Axis;
use super::style::look;
use super::{Plot, caption};
use crate::arithmetic::rate;
use crate::figures::LAWS;
use crate::record::bench::{Device, Work};
use crate::text::{significant, size};
use anyhow::Result;

const SIZE: (u32, u32) = (960, 560);

pub(super) fn plot(device: &Device) -> Result<Option<Plot>> {
    let mut lines = vec![line(device, "clear", Work::Clear), line(device, "constant", Work::Fill("constant", "f32"))];
    lines.extend(LAWS.map(|law| line(device, law, Work::Fill(law, "f32"))));
    lines.retain(|line| !line.points.is_empty());
    if lines.is_empty() {
        return Ok(None);
    }
    let all = || lines.iter().flat_map(|line| line.points.iter().copied());
    let x = Axis::bytes(&all().map(|(bytes, _)| bytes).collect::<Vec<_>>());
    let y = Axis::logarithmic(&all().map(|(_, rate)| rate).collect::<Vec<_>>(), "");
    let title = "Throughput of warm fills of one f32 tensor";
    let svg = page(SIZE, title, &caption(&device.subject, &device.source), |page| {
        let panel = Panel { left: 100, right: 740, top: TOP, bottom: 490, x: &x, y: &y };
        panel.frame(page, "size of the tensor", "GB/s written")?;
        panel.lines(page, &lines)?;
        let remarked: Vec<_> = lines.iter().map(|line| (line, remark(line).into_iter().collect())).collect();
        legend(page, (764, TOP + 14), &remarked)
    })?;
    Ok(Some(Plot {
        chapter: "Throughput over size",
        name: format!("throughput-{}.svg", device.subject.slug()),
        title: format!("{title}: {}", device.subject.label()),
        svg,
    }))
}

fn line(device: &Device, name: &str, work: Work) -> Line {
    let points = device.points(work).into_iter();
    let points = points.filter_map(|(bytes, seconds)| Some((bytes, rate(bytes, seconds)?))).collect();
    Line { name: name.to_owned(), look: look(name), points }
}

/// The figure at the end of the line.
fn remark(line: &Line) -> Option<String> {
    line.points.last().map(|(bytes, rate)| format!("{} GB/s, {}", significant(*rate, 3), size(*bytes)))
}
