//! `--part`, `--shard` and `--permute` as text: a box inside of any shape, which prints as what is read as the same box, or an error.

use crate::part::{Part, parse_order, parse_slices};
use crate::shards::{Cut, parse_part, parse_shard};
use crate::target::{edited, number};
use arbitrary::{Result, Unstructured};
use wgpu_init::{Shape, View};

const WORDS: &[&str] = &[":", ",", "-", "/", " ", "0", "1", "-1", "::", "18446744073709551615", "é", "x"];

pub(crate) fn target(bytes: &[u8]) {
    let _ = read(&mut Unstructured::new(bytes));
}

fn read(u: &mut Unstructured<'_>) -> Result<()> {
    let mut dims = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        let odd = number(u)?.parse().unwrap_or(5);
        dims.push(if u.ratio(1, 4)? { odd } else { u.int_in_range(0..=9)? });
    }
    let Ok(shape) = Shape::new(dims) else { return Ok(()) };
    for (base, parse) in
        [(":,4:8", parse_part as fn(&str) -> std::result::Result<Cut, String>), ("0:1/4,-1:0/2", parse_shard)]
    {
        let text = edited(u, base, WORDS)?;
        if let Ok(view) = parse(&text).map_err(anyhow::Error::msg).and_then(|cut| cut.view(&shape)) {
            inside(&view, &shape, &text);
        }
    }
    as_numpy(u, &shape)?;
    let (slices, order) = (edited(u, "0:2,-1", WORDS)?, edited(u, "1,0", WORDS)?);
    let (Ok(parsed), order) = (parse_slices(&slices), parse_order(&order).ok()) else { return Ok(()) };
    let Ok(part) = Part::new(&shape, Some(&parsed), order.as_ref()) else { return Ok(()) };
    let (_, printed, order) = part.texts();
    if !shape.dims().is_empty() {
        let (again, order) = (parse_slices(&printed).expect(&printed), parse_order(&order).expect(&order));
        let again = Part::new(&shape, Some(&again), Some(&order)).expect(&printed);
        assert_eq!(again.texts(), part.texts(), "{slices}");
    }
    let elements = part.elements();
    assert!(elements <= shape.elements(), "{slices} of {shape:?}");
    let start = u.int_in_range(0..=elements)?;
    let end = elements.min(start.saturating_add(u.int_in_range(0..=40)?));
    let views = part.window(start..end).expect("a window of its own memory");
    assert_eq!(views.iter().map(View::elements).sum::<u64>(), end - start, "{slices} of {shape:?}");
    Ok(())
}

/// What both ends of each slice are, counted from the end below zero, or that there is no such box.
fn as_numpy(u: &mut Unstructured<'_>, shape: &Shape) -> Result<()> {
    let (mut texts, mut expected) = (Vec::new(), Some(Vec::new()));
    for size in shape.dims().iter().map(|size| i128::from(*size)) {
        let end = |u: &mut Unstructured<'_>, otherwise: i128| -> Result<(String, i128)> {
            let at = i128::from(u.int_in_range(-10..=10)?);
            let text = if u.ratio(1, 4)? { return Ok((String::new(), otherwise)) } else { at.to_string() };
            Ok((text, if at < 0 { at + size } else { at }))
        };
        let ((start_text, start), (end_text, end)) = (end(u, 0)?, end(u, size)?);
        texts.push(format!("{start_text}:{end_text}"));
        let range = u64::try_from(start).ok().zip(u64::try_from(end).ok()).map(|(start, end)| start..end);
        match (&mut expected, range.filter(|range| range.start <= range.end && i128::from(range.end) <= size)) {
            (Some(ranges), Some(range)) => ranges.push(range),
            _ => expected = None,
        }
    }
    if !texts.is_empty() {
        let view = parse_slices(&texts.join(",")).expect("slices").view(shape);
        assert_eq!(view.ok().map(|view| view.ranges()), expected, "{texts:?} of {:?}", shape.dims());
    }
    Ok(())
}

fn inside(view: &View, shape: &Shape, text: &str) {
    let ranges = view.ranges();
    assert_eq!(ranges.len(), shape.dims().len(), "{text}");
    for (range, size) in ranges.iter().zip(shape.dims()) {
        assert!(range.start <= range.end && range.end <= *size, "{text}: {range:?} of {size}");
    }
}
