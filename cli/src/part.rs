//! `--part` and `--permute`: which box of a tensor, and in which order its axes lie in memory.

use anyhow::{Context, Result, anyhow, ensure};
use std::ops::Range;
use wgpu_init::{Shape, View};

/// Numpy's slices, one for each axis; the axes behind the last of them are whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slices(Vec<Slice>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slice {
    text: String,
    /// Below zero: counted from the end of the axis.
    start: i128,
    /// Up to the end of the axis unless it is said.
    end: Option<i128>,
}

/// The axes as they lie in memory, the outermost first. A type of its own: clap takes a list for many values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order(pub(crate) Vec<usize>);

pub(crate) fn parse_slices(text: &str) -> Result<Slices, String> {
    text.split(',').map(|slice| parse_slice(slice.trim())).collect::<Result<_, _>>().map(Slices)
}

fn parse_slice(text: &str) -> Result<Slice, String> {
    let position = |position: &str| {
        let (sign, digits) = position.strip_prefix('-').map_or((1, position), |digits| (-1, digits));
        let number = digits.parse::<u64>();
        number.map(|number| sign * i128::from(number)).map_err(|_| {
            format!("{position:?} is not a position; write a slice for each axis, e.g. ':,4:8' or '0:2,-1'")
        })
    };
    let slice = |start, end| Slice { text: text.to_owned(), start, end };
    let Some((start, end)) = text.split_once(':') else {
        let start = position(text)?;
        // Behind -1 is the end, which as a number would be the beginning.
        return Ok(slice(start, (start != -1).then_some(start + 1)));
    };
    if end.contains(':') {
        return Err(format!("{text:?} has a step: parts are boxes of neighbours; write START:END"));
    }
    let side = |side: &str| if side.trim().is_empty() { Ok(None) } else { position(side.trim()).map(Some) };
    Ok(slice(side(start)?.unwrap_or(0), side(end)?))
}

impl Slices {
    /// The box of a tensor of this shape.
    pub(crate) fn view(&self, shape: &Shape) -> Result<View> {
        let (dims, slices) = (shape.dims(), &self.0);
        let mut view = View::new(shape);
        let counts = || format!("--part has {} slices, the shape {dims:?} has {} axes", slices.len(), dims.len());
        ensure!(slices.len() <= dims.len(), counts());
        for (axis, (slice, size)) in slices.iter().zip(dims).enumerate() {
            let outside = || {
                let text = &slice.text;
                anyhow!("{text:?} of axis {axis} of the shape {dims:?}: positions must be in order and inside 0:{size}")
            };
            view = view.part(axis, slice.positions(*size).ok_or_else(outside)?)?;
        }
        Ok(view)
    }
}

impl Slice {
    /// The positions of an axis with so many.
    fn positions(&self, size: u64) -> Option<Range<u64>> {
        let from_start = |position: i128| if position < 0 { position + i128::from(size) } else { position };
        let start = u64::try_from(from_start(self.start)).ok()?;
        let end = u64::try_from(self.end.map_or_else(|| i128::from(size), from_start)).ok()?;
        (start <= end && end <= size).then_some(start..end)
    }
}

pub(crate) fn parse_order(text: &str) -> Result<Order, String> {
    let axis = |axis: &str| {
        axis.trim()
            .parse()
            .map_err(|_| format!("{axis:?} is not an axis; write each once, the outermost first, e.g. 1,0"))
    };
    text.split(',').map(axis).collect::<Result<_, _>>().map(Order)
}

/// A box of a tensor, packed in some order of the axes.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    shape: Shape,
    view: View,
    order: Vec<usize>,
}

impl Part {
    pub(crate) fn new(shape: &Shape, slices: Option<&Slices>, order: Option<&Order>) -> Result<Self> {
        let view = slices.map_or_else(|| Ok(View::new(shape)), |slices| slices.view(shape))?;
        let order = order.map_or_else(|| (0..shape.dims().len()).collect(), |order| order.0.clone());
        let view = view.permuted(&order).context("--permute")?;
        Ok(Self { shape: shape.clone(), view, order })
    }

    pub(crate) fn elements(&self) -> u64 {
        self.view.elements()
    }

    /// The shape, the slices with both ends of each, and the order, as the command reads them.
    pub(crate) fn texts(&self) -> (String, String, String) {
        let shape = self.shape.dims().iter().map(u64::to_string);
        let slices = self.view.ranges().into_iter().map(|Range { start, end }| format!("{start}:{end}"));
        (commas(shape), commas(slices), commas(self.order.iter().map(usize::to_string)))
    }

    /// Some elements of the part's memory, as boxes that lie in it one behind the other.
    pub(crate) fn window(&self, elements: Range<u64>) -> Result<Vec<View>> {
        Ok(self.view.window(elements)?)
    }
}

fn commas(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{Part, parse_order, parse_slices};
    use std::ops::Range;
    use wgpu_init::Shape;

    fn ranges(dims: &[u64], slices: &str) -> Result<Vec<Range<u64>>, String> {
        let slices = parse_slices(slices)?;
        let shape = Shape::new(dims).expect("a shape");
        Part::new(&shape, Some(&slices), None).map(|part| part.view.ranges()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn slices_are_those_of_numpy() {
        for (slices, expected) in [
            (":", [0..6, 0..8]),
            (":,:", [0..6, 0..8]),
            (":,4:8", [0..6, 4..8]),
            ("2:, :3", [2..6, 0..3]),
            ("3", [3..4, 0..8]),
            ("-1,-8", [5..6, 0..1]),
            ("-6:-2,-3:", [0..4, 5..8]),
            (" 1 : 2 ,:-1", [1..2, 0..7]),
            ("6:,3:3", [6..6, 3..3]),
            ("-0:6", [0..6, 0..8]),
        ] {
            assert_eq!(ranges(&[6, 8], slices), Ok(expected.to_vec()), "{slices}");
        }
        let largest = u64::MAX - 1..u64::MAX;
        assert_eq!(ranges(&[u64::MAX], "-1"), Ok(vec![largest.clone()]));
        assert_eq!(ranges(&[u64::MAX], "18446744073709551614"), Ok(vec![largest]));
    }

    #[test]
    fn other_slices_say_what_is_wrong() {
        for (slices, expected) in [
            ("", "\"\" is not a position"),
            ("0:2,", "e.g. ':,4:8'"),
            ("a:2", "\"a\" is not a position"),
            ("...,1", "\"...\" is not a position"),
            ("1.0", "\"1.0\" is not"),
            ("--1", "\"--1\" is not"),
            ("18446744073709551616", "is not a position"),
            ("::2", "\"::2\" has a step: parts are boxes of neighbours; write START:END"),
            ("5:1:-1", "has a step"),
            (":,4:9", "\"4:9\" of axis 1 of the shape [6, 8]: positions must be in order and inside 0:8"),
            (":,8", "\"8\" of axis 1"),
            ("-7", "\"-7\" of axis 0"),
            ("-7:", "\"-7:\" of axis 0"),
            ("3:2", "in order"),
            ("-1:2", "in order"),
            (":,18446744073709551615", "inside 0:8"),
            (":,:,:", "--part has 3 slices, the shape [6, 8] has 2 axes"),
        ] {
            let error = ranges(&[6, 8], slices).expect_err(slices);
            assert!(error.contains(expected), "{slices}: {error}");
        }
        assert!(ranges(&[0], "-1").expect_err("an empty axis").contains("inside 0:0"));
    }

    #[test]
    fn an_order_has_each_axis_once() {
        assert!(parse_order("1,x").expect_err("no axis").contains("\"x\" is not an axis"));
        assert!(parse_order("-1,0").expect_err("below zero").contains("e.g. 1,0"));
        let shape = Shape::new([6, 8]).expect("a shape");
        for order in ["0", "0,0", "0,2", "2,1,0"] {
            let parsed = parse_order(order).expect("an order");
            let error = format!("{:#}", Part::new(&shape, None, Some(&parsed)).expect_err(order));
            assert!(error.starts_with("--permute: the order [") && error.contains("of rank 2: each axis"), "{error}");
        }
    }
}
