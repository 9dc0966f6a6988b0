//! Groups of horizontal bars, each with its figure at the end: long names fit, whatever their number.

use super::page::{Letters, MARGIN, Page, TOP, page};
use super::scale::Axis;
use super::style::{INK, MUTED, RULE};
use anyhow::Result;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

pub(super) struct Group {
    pub(super) name: String,
    pub(super) bars: Vec<Bar>,
}

pub(super) struct Bar {
    pub(super) name: String,
    pub(super) figure: f64,
    /// At the bar's end.
    pub(super) remark: String,
    pub(super) colour: RGBColor,
}

const LEFT: i32 = 370;
/// The longest bar ends here, and a remark has the rest.
const RIGHT: i32 = 740;
const WIDTH: u32 = 1060;
const ROW: i32 = 24;
const HEADING: i32 = 28;
const GAP: i32 = 14;

pub(super) fn bars(title: &str, caption: &[String], axis_title: &str, groups: &[Group]) -> Result<String> {
    let rows = |group: &Group| i32::try_from(group.bars.len()).unwrap_or(i32::MAX / ROW) * ROW;
    let height = groups.iter().map(|group| HEADING + rows(group) + GAP).sum::<i32>();
    let bottom = TOP + height;
    let figures: Vec<_> = groups.iter().flat_map(|group| group.bars.iter().map(|bar| bar.figure)).collect();
    let axis = Axis::linear(&figures, "");
    page((WIDTH, (bottom + 56).unsigned_abs()), title, caption, |page| {
        foot(page, &axis, axis_title, bottom)?;
        let mut y = TOP;
        for group in groups {
            page.letters((MARGIN, y + HEADING / 2), &group.name, Letters { bold: true, ..Letters::new(INK) })?;
            y += HEADING;
            grid(page, &axis, y, y + rows(group))?;
            for bar in &group.bars {
                draw(page, &axis, bar, y)?;
                y += ROW;
            }
            y += GAP;
        }
        Ok(())
    })
}

/// Beside the bars of one group alone: a heading may be longer than the space in front of the axis.
fn grid(page: &Page<'_>, axis: &Axis, top: i32, bottom: i32) -> Result<()> {
    for (tick, _) in &axis.ticks {
        let at = axis.pixel(*tick, LEFT, RIGHT);
        page.path(vec![(at, top), (at, bottom)], RULE, 1)?;
    }
    page.path(vec![(LEFT, top), (LEFT, bottom)], MUTED, 1)
}

fn foot(page: &Page<'_>, axis: &Axis, title: &str, bottom: i32) -> Result<()> {
    for (tick, label) in &axis.ticks {
        page.letters((axis.pixel(*tick, LEFT, RIGHT), bottom + 8), label, Letters::small(HPos::Center))?;
    }
    page.letters((i32::midpoint(LEFT, RIGHT), bottom + 34), title, Letters { at: HPos::Center, ..Letters::new(INK) })
}

fn draw(page: &Page<'_>, axis: &Axis, bar: &Bar, y: i32) -> Result<()> {
    let end = axis.pixel(bar.figure, LEFT, RIGHT).max(LEFT + 1);
    page.bar((LEFT, y + 3), (end, y + ROW - 3), bar.colour)?;
    let middle = y + ROW / 2;
    page.letters((LEFT - 8, middle), &bar.name, Letters { at: HPos::Right, ..Letters::new(INK) })?;
    page.letters((end + 8, middle), &bar.remark, Letters::small(HPos::Left))
}
