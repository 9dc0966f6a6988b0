//! Colours and sizes of letters.

use plotters::style::RGBColor;

// Okabe and Ito, "Color Universal Design": told apart by colour-blind readers on white.
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const MUTED: RGBColor = RGBColor(96, 96, 96);
pub(super) const GREY: RGBColor = RGBColor(150, 150, 150);
pub(super) const RULE: RGBColor = RGBColor(225, 225, 225);
pub(super) const PAPER: RGBColor = RGBColor(255, 255, 255);

/// Sizes of letters in plotters' units, of which a pixel is 1.24.
pub(super) const TITLE: i32 = 25;
pub(super) const TEXT: i32 = 17;
pub(super) const SMALL: i32 = 15;

/// What marks a point, so that a line is known without its colour.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    Disc,
    Square,
    Triangle,
    Diamond,
    Ring,
}

/// How a line of a plot looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) colour: RGBColor,
    pub(super) mark: Mark,
}

/// Of a law, or of the `clear`, which is no law.
pub(super) fn look(name: &str) -> Look {
    let (colour, mark) = match name {
        "clear" => (INK, Mark::Ring),
        "constant" => (GREY, Mark::Diamond),
        "uniform" => (BLUE, Mark::Disc),
        "normal" => (VERMILION, Mark::Square),
        _ => (GREEN, Mark::Triangle),
    };
    Look { colour, mark }
}
