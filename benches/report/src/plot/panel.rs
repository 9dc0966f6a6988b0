//! Lines over two axes, and their legend.

use super::page::{Letters, Page, Point};
use super::scale::Axis;
use super::style::{INK, Look, MUTED, RULE};
use anyhow::Result;
use plotters::style::text_anchor::HPos;

/// One line: its points go from a size in bytes to a figure.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) look: Look,
    pub(super) points: Vec<(u64, f64)>,
}

/// Where the data lie on a page, in pixels.
pub(super) struct Panel<'a> {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
}

impl Panel<'_> {
    pub(super) fn frame(&self, page: &Page<'_>, x_title: &str, y_title: &str) -> Result<()> {
        let Self { left, right, top, bottom, x, y } = *self;
        for (tick, label) in &x.ticks {
            let at = x.pixel(*tick, left, right);
            page.path(vec![(at, top), (at, bottom)], RULE, 1)?;
            page.letters((at, bottom + 16), label, Letters::small(HPos::Center))?;
        }
        for (tick, label) in &y.ticks {
            let at = y.pixel(*tick, bottom, top);
            page.path(vec![(left, at), (right, at)], RULE, 1)?;
            page.letters((left - 8, at), label, Letters::small(HPos::Right))?;
        }
        page.path(vec![(left, top), (left, bottom), (right, bottom)], MUTED, 1)?;
        let title = Letters { at: HPos::Center, ..Letters::new(INK) };
        page.letters((i32::midpoint(left, right), bottom + 42), x_title, title)?;
        page.letters((left - 66, i32::midpoint(top, bottom)), y_title, Letters { upright: true, ..title })
    }

    pub(super) fn lines(&self, page: &Page<'_>, lines: &[Line]) -> Result<()> {
        for line in lines {
            let places: Vec<_> = line.points.iter().map(|point| self.place(*point)).collect();
            page.path(places.clone(), line.look.colour, 2)?;
            for place in places {
                page.mark(place, line.look)?;
            }
        }
        Ok(())
    }

    fn place(&self, (bytes, figure): (u64, f64)) -> Point {
        #[expect(clippy::cast_precision_loss, reason = "a place on an axis")]
        let x = self.x.pixel(bytes as f64, self.left, self.right);
        (x, self.y.pixel(figure, self.bottom, self.top))
    }
}

/// Names beside the data, each with smaller lines under it.
pub(super) fn legend(page: &Page<'_>, (x, top): Point, lines: &[(&Line, Vec<String>)]) -> Result<()> {
    let mut y = top;
    for (line, remarks) in lines {
        page.path(vec![(x, y), (x + 28, y)], line.look.colour, 2)?;
        page.mark((x + 14, y), line.look)?;
        page.letters((x + 38, y), &line.name, Letters::new(INK))?;
        y += 18;
        for remark in remarks {
            page.letters((x + 38, y), remark, Letters::small(HPos::Left))?;
            y += 17;
        }
        y += 13;
    }
    Ok(())
}
