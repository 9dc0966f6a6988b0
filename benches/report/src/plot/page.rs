//! A page in pixels: title, caption, and the few shapes that plots are made of.

use super::style::{INK, Look, MUTED, Mark, PAPER, SMALL, TEXT, TITLE};
use anyhow::Result;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, FontTransform, IntoFont, RGBColor, ShapeStyle, TextStyle};

/// Where everything but title and caption may begin.
pub(super) const TOP: i32 = 96;
/// Space at the sides.
pub(super) const MARGIN: i32 = 24;

pub(super) type Point = (i32, i32);

pub(super) struct Page<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a page of this size and gives its text.
pub(super) fn page(
    size: (u32, u32),
    title: &str,
    caption: &[String],
    draw: impl FnOnce(&Page<'_>) -> Result<()>,
) -> Result<String> {
    let mut text = String::new();
    {
        let page = Page { area: SVGBackend::with_string(&mut text, size).into_drawing_area() };
        page.area.fill(&PAPER)?;
        let style = Letters { size: TITLE, bold: true, ..Letters::new(INK) };
        page.letters((MARGIN, 26), title, style)?;
        for (line, y) in caption.iter().zip([52, 71]) {
            page.letters((MARGIN, y), line, Letters::new(MUTED))?;
        }
        draw(&page)?;
        page.area.present()?;
    }
    Ok(text)
}

/// How a text is written.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    pub(super) colour: RGBColor,
    pub(super) size: i32,
    pub(super) bold: bool,
    /// Which end of the text the point is at; the middle of its height always is.
    pub(super) at: HPos,
    /// Upwards along an axis.
    pub(super) upright: bool,
}

impl Letters {
    pub(super) const fn new(colour: RGBColor) -> Self {
        Self { colour, size: TEXT, bold: false, at: HPos::Left, upright: false }
    }

    pub(super) const fn small(at: HPos) -> Self {
        Self { size: SMALL, at, ..Self::new(MUTED) }
    }
}

impl Page<'_> {
    pub(super) fn letters(&self, at: Point, text: &str, letters: Letters) -> Result<()> {
        let style = if letters.bold { FontStyle::Bold } else { FontStyle::Normal };
        let mut font = ("sans-serif", letters.size).into_font().style(style);
        if letters.upright {
            font = font.transform(FontTransform::Rotate270);
        }
        let style = TextStyle::from(font).color(&letters.colour).pos(Pos::new(letters.at, VPos::Center));
        Ok(self.area.draw(&Text::new(text, at, style))?)
    }

    pub(super) fn path(&self, points: Vec<Point>, colour: RGBColor, width: u32) -> Result<()> {
        Ok(self.area.draw(&PathElement::new(points, colour.stroke_width(width)))?)
    }

    pub(super) fn bar(&self, from: Point, to: Point, colour: RGBColor) -> Result<()> {
        Ok(self.area.draw(&Rectangle::new([from, to], colour.filled()))?)
    }

    pub(super) fn mark(&self, (x, y): Point, look: Look) -> Result<()> {
        let filled: ShapeStyle = look.colour.filled();
        match look.mark {
            Mark::Disc => self.area.draw(&Circle::new((x, y), 4, filled))?,
            Mark::Square => self.area.draw(&Rectangle::new([(x - 4, y - 4), (x + 4, y + 4)], filled))?,
            Mark::Triangle => {
                self.area.draw(&Polygon::new(vec![(x, y - 5), (x - 5, y + 4), (x + 5, y + 4)], filled))?
            }
            Mark::Diamond => {
                self.area.draw(&Polygon::new(vec![(x, y - 5), (x - 5, y), (x, y + 5), (x + 5, y)], filled))?;
            }
            Mark::Ring => {
                self.area.draw(&Circle::new((x, y), 4, PAPER.filled()))?;
                self.area.draw(&Circle::new((x, y), 4, look.colour.stroke_width(2)))?;
            }
        }
        Ok(())
    }
}
