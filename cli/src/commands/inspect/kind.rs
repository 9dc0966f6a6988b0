//! Tensors of one kind: those whose names differ by numbers alone, and that have as many axes.

use super::Located;
use super::decode::{Decoder, each};
use super::moments::{Histogram, Moments};
use crate::assign::shape_text;
use anyhow::Result;
use std::collections::HashMap;
use wgpu_init::Distribution;

const BINS: usize = 60;

/// All tensors of a kind together.
#[derive(Debug)]
pub(super) struct Kind {
    /// `*` stands for numbers.
    pub(super) name: String,
    /// The shapes and dtypes that they have, as a rule one.
    pub(super) shapes: Vec<String>,
    /// The first number of each name, and its tensor's norm, in the order of the list.
    pub(super) norms: Vec<(Option<u64>, f64)>,
    pub(super) min: f64,
    pub(super) max: f64,
    /// The one value that all of them hold.
    pub(super) constant: Option<f64>,
    /// Of the finite values of all of them.
    pub(super) histogram: Histogram,
    /// What all of them are drawn from, if the file says so.
    pub(super) law: Option<Distribution>,
}

/// What a tensor is drawn from, in a checkpoint that this command has written; one of several laws has none.
fn law(of: &Located<'_>) -> Option<Distribution> {
    let drawn = of.known?.assignment().drawn().filter(|drawn| drawn.parts.is_empty())?;
    Some(drawn.distribution)
}

/// The kinds of the tensors that have values, in the order of the list. Every tensor is read once more.
pub(super) fn kinds(tensors: &[(Located<'_>, Option<Moments>)]) -> Result<Vec<Kind>> {
    let mut kinds: Vec<Kind> = Vec::new();
    // A convolution and the norm behind it may be numbers 0 and 1 of one sequence.
    let mut known: HashMap<(String, usize), usize> = HashMap::new();
    let mut members = Vec::with_capacity(tensors.len());
    for (of, moments) in tensors {
        let (Some(moments), tensor) = (moments, of.stored) else { continue };
        let (name, layer) = split(&tensor.name);
        let law = law(of);
        let at = *known.entry((name.clone(), tensor.shape.dims().len())).or_insert_with(|| {
            let histogram = Histogram::new(BINS, 0.0, 1.0);
            let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
            kinds.push(Kind { name, shapes: Vec::new(), norms: Vec::new(), min, max, constant: None, histogram, law });
            kinds.len() - 1
        });
        let kind = &mut kinds[at];
        let shape = format!("{} {}", super::dtype(tensor), shape_text(&tensor.shape));
        if !kind.shapes.contains(&shape) {
            kind.shapes.push(shape);
        }
        kind.law = kind.law.filter(|of_kind| law == Some(*of_kind));
        kind.norms.push((layer, moments.norm()));
        (kind.min, kind.max) = (kind.min.min(moments.min), kind.max.max(moments.max));
        members.push((of, at));
    }
    for kind in &mut kinds {
        kind.constant = (kind.min == kind.max).then_some(kind.min);
        kind.histogram = Histogram::new(BINS, kind.min, kind.max);
    }
    for (of, at) in members {
        if let Some(decoder) = Decoder::of(&of.stored.dtype) {
            each(of, decoder, |value| kinds[at].histogram.add(value))?;
        }
    }
    Ok(kinds)
}

/// A name with `*` for each part that is a number, and the first of these numbers: that of the layer.
fn split(name: &str) -> (String, Option<u64>) {
    let mut layer = None;
    let parts = name.split('.').map(|part| match part.parse::<u64>() {
        Ok(number) => {
            layer.get_or_insert(number);
            "*"
        }
        Err(_) => part,
    });
    let kind = parts.collect::<Vec<_>>().join(".");
    (kind, layer)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn numbers_between_dots_are_layers() {
        assert_eq!(split("h.11.attn.c_attn.weight"), ("h.*.attn.c_attn.weight".to_owned(), Some(11)));
        assert_eq!(split("layers.3.experts.7.w1"), ("layers.*.experts.*.w1".to_owned(), Some(3)));
        assert_eq!(split("conv1.weight"), ("conv1.weight".to_owned(), None));
    }
}
