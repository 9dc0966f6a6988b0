//! Tensors cut into boxes at random, each box a view that lies somewhere in one target; and what the target must hold.

use std::ops::Range;
use wgpu_init::cpu::reference;
use wgpu_init::scheme::Layout;
use wgpu_init::value::word::value_word;
use wgpu_init::{DType, Fill, Initializer, Seed, Shape, View};

/// Numbers that look random, the same ones in every run; or those that some bytes say.
pub(crate) struct Dice<'a> {
    state: u64,
    bytes: Option<&'a [u8]>,
}

impl<'a> Dice<'a> {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed << 32, bytes: None }
    }

    /// Two bytes a throw, and 0 once there are none left: fewer and smaller bytes make simpler things.
    pub(crate) const fn of(bytes: &'a [u8]) -> Self {
        Self { state: 0, bytes: Some(bytes) }
    }

    /// From 0 to `most` - 1.
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        if let Some(bytes) = &mut self.bytes {
            let (two, rest) = bytes.split_first_chunk().unwrap_or((&[0; 2], &[]));
            *bytes = rest;
            return u64::from(u16::from_le_bytes(*two)) % most;
        }
        self.state += 1;
        u64::from(value_word(7, 11, self.state)) % most
    }

    fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for at in (1..count).rev() {
            order.swap(at, usize::try_from(self.below(at as u64 + 1)).expect("small"));
        }
        order
    }
}

/// A tensor in parts.
pub(crate) struct Partition {
    /// The whole tensor, to be written from byte 0 on.
    pub(crate) whole: Fill,
    /// Its parts, in any order.
    pub(crate) parts: Vec<Fill>,
    /// Where each element of the tensor lies.
    pub(crate) places: Vec<u64>,
    /// Bytes of the target, a multiple of 4.
    pub(crate) size: u64,
    pub(crate) what: String,
}

impl Partition {
    /// The number of each byte that the elements have, in ascending order.
    pub(crate) fn bytes(&self) -> Vec<u64> {
        let size = self.whole.element_type().size();
        let mut bytes: Vec<u64> = self.places.iter().flat_map(|place| *place..place + size).collect();
        bytes.sort_unstable();
        bytes
    }

    /// Bytes of a target that held `poison` everywhere.
    pub(crate) fn expected(&self, poison: u8) -> Vec<u8> {
        let mut bytes = vec![poison; usize::try_from(self.size).expect("small")];
        let size = usize::try_from(self.whole.element_type().size()).expect("small");
        for (bits, place) in reference::elements(&self.whole).expect("a fill").zip(&self.places) {
            let place = usize::try_from(*place).expect("small");
            bytes[place..place + size].copy_from_slice(&bits.to_le_bytes()[..size]);
        }
        bytes
    }
}

/// Every law, with a shape of each rank that it can have, of sizes that are multiples of nothing or of a group.
fn tensor(dice: &mut Dice<'_>) -> (Initializer, Vec<u64>) {
    let in_out = |initializer: Initializer| initializer.with_layout(Layout::InOut);
    let mut size = |most: u64| {
        let size = 1 + dice.below(most);
        if dice.below(3) == 0 { size.next_multiple_of(8) } else { size }
    };
    let matrix = vec![size(24), size(40)];
    let kernel = vec![size(6), size(7), size(3), size(4)];
    let any = [vec![], vec![size(300)], matrix.clone(), vec![size(5), size(9), size(12)], kernel.clone()];
    let wide =
        [vec![size(3), size(2), size(4), size(3), size(9)], vec![size(2), size(3), size(2), size(2), size(3), size(5)]];
    let any: Vec<Vec<u64>> = any.into_iter().chain(wide).collect();
    let shape = any[usize::try_from(dice.below(7)).expect("small")].clone();
    let (wide, narrow) = (matrix[0].max(matrix[1]), matrix[0].min(matrix[1]));
    match dice.below(18) {
        0 => (Initializer::constant(-1.25), shape),
        1 => (Initializer::uniform(-0.1, 0.1), shape),
        2 => (Initializer::uniform(0.25, 3.5), shape),
        3 => (Initializer::normal(0.0, 0.02), shape),
        4 => (Initializer::normal(-1.0, 0.5), shape),
        5 => (Initializer::trunc_normal(0.0, 0.02, -0.04, 0.04), shape),
        6 => (Initializer::trunc_normal(0.5, 1.0, 0.0, 9.0), shape),
        7 => (Initializer::log_uniform(0.001, 0.1), shape),
        8 => (Initializer::a_log(), if shape.is_empty() { vec![5] } else { shape }),
        9 => (Initializer::xavier_normal(1.0), if shape.len() < 2 { matrix } else { shape }),
        10 => (Initializer::eye(1.5), matrix),
        11 => (Initializer::dirac(1), kernel),
        12 => (Initializer::sparse(0.3, 0.5), matrix),
        13 => (Initializer::sparse_rows(0.7, 0.5), matrix),
        14 => (Initializer::orthogonal(1.3), matrix),
        15 => (Initializer::orthogonal_batch(-0.5, 1), vec![dice.below(4) + 2, matrix[0], matrix[1]]),
        16 => (Initializer::delta_orthogonal(2.0), vec![wide, narrow, 3]),
        _ => (in_out(Initializer::delta_orthogonal(2.0)), vec![2, 3, narrow, wide]),
    }
}

type Box = Vec<Range<u64>>;

/// Disjoint boxes that make up a tensor.
fn boxes(dice: &mut Dice<'_>, dims: &[u64]) -> Vec<Box> {
    let mut boxes: Vec<Box> = vec![dims.iter().map(|size| 0..*size).collect()];
    if dims.is_empty() {
        return boxes;
    }
    for _ in 0..dice.below(7) {
        let number = usize::try_from(dice.below(boxes.len() as u64)).expect("small");
        let axis = usize::try_from(dice.below(dims.len() as u64)).expect("small");
        let Range { start, end } = boxes[number][axis];
        // An end of a box may be its start: empty parts are parts too.
        let mut cut = start + dice.below(end - start + 1);
        if dice.below(3) == 0 {
            cut = cut / 4 * 4;
        }
        let cut = cut.max(start);
        let mut other = boxes[number].clone();
        boxes[number][axis] = start..cut;
        other[axis] = cut..end;
        boxes.push(other);
    }
    boxes
}

/// Distances in elements of axes that are packed in some order, with padding behind each where `padded`.
fn distances(dice: &mut Dice<'_>, sizes: &[u64], order: &[usize], padded: bool) -> Vec<u64> {
    let mut distances = vec![0; sizes.len()];
    let mut distance = 1;
    for axis in order.iter().rev() {
        distances[*axis] = distance;
        distance *= sizes[*axis].max(1);
        if padded {
            distance += dice.below(4);
            if dice.below(3) == 0 {
                distance = distance.next_multiple_of(8);
            }
        }
    }
    distances
}

/// A tensor of one of these dtypes in parts.
pub(crate) fn partition(dice: &mut Dice<'_>, dtypes: &[DType]) -> Partition {
    let (initializer, dims) = tensor(dice);
    let dtype = dtypes[usize::try_from(dice.below(dtypes.len() as u64)).expect("small")];
    let (shape, size) = (Shape::new(dims.clone()).expect("a shape"), dtype.size());
    let whole = Fill::new(shape.clone(), initializer).expect("an initializer for the shape");
    let whole = whole.named(Seed::new(0x1234_5678_9abc_def0), "w").dtype(dtype);
    let boxes = boxes(dice, &dims);
    let mut places = vec![u64::MAX; usize::try_from(shape.elements()).expect("small")];
    let mut at = dice.below(20) * size;
    if dice.below(2) == 0 {
        at = at.next_multiple_of(16);
    }
    let (mut parts, mut end) = (Vec::new(), at);
    let (order, padded) = (dice.shuffled(dims.len()), dice.below(2) == 0);
    let together = dice.below(2) == 0;
    let shared = distances(dice, &dims, &order, padded);
    for ranges in &boxes {
        let mut view = View::new(&shape);
        for (axis, range) in ranges.iter().enumerate() {
            view = view.part(axis, range.clone()).expect("inside");
        }
        let sizes: Vec<u64> = ranges.iter().map(|range| range.end - range.start).collect();
        // All in one memory as the whole tensor lies in it, inside each other; or each somewhere by itself.
        let (offset, strides) = if together {
            let start: u64 = ranges.iter().zip(&shared).map(|(range, stride)| range.start * stride).sum();
            let strides: Vec<i64> = shared.iter().map(|stride| i64::try_from(*stride).expect("small")).collect();
            view = view.strides(strides).expect("one for each axis");
            (at + start * size, shared.clone())
        } else {
            let order = dice.shuffled(dims.len());
            let packed = dice.below(2) == 0;
            let mut own = distances(dice, &sizes, &order, !packed);
            if packed {
                view = view.permuted(&order).expect("each axis once");
                if dice.below(2) == 0 {
                    let pitch = order.last().map_or(1, |axis| sizes[*axis]) + dice.below(9);
                    let mut distance = pitch;
                    for axis in order.iter().rev().skip(1) {
                        own[*axis] = distance;
                        distance *= sizes[*axis].max(1);
                    }
                    view = view.pitch(pitch);
                }
            } else {
                let strides = own.iter().map(|stride| i64::try_from(*stride).expect("small"));
                view = view.strides(strides.collect::<Vec<_>>()).expect("one for each axis");
            }
            (end + dice.below(5) * size, own)
        };
        if let Some(last) = place(ranges, &dims, offset, &strides, size, &mut places) {
            end = end.max(last + size);
        }
        parts.push(whole.clone().view(view).at(offset));
    }
    for at in (1..parts.len()).rev() {
        parts.swap(at, usize::try_from(dice.below(at as u64 + 1)).expect("small"));
    }
    let what = format!(
        "{initializer} {dims:?} {dtype} in {boxes:?} from byte {at}, {}",
        if together { "together" } else { "apart" }
    );
    Partition { whole, parts, places, size: (end + 40).next_multiple_of(4), what }
}

/// Notes where each element of a box lies; gives the last place.
fn place(
    ranges: &[Range<u64>],
    dims: &[u64],
    offset: u64,
    strides: &[u64],
    size: u64,
    places: &mut [u64],
) -> Option<u64> {
    let mut last = None;
    let mut at: Vec<u64> = ranges.iter().map(|range| range.start).collect();
    if ranges.iter().any(Range::is_empty) {
        return None;
    }
    loop {
        let index = at.iter().zip(dims).fold(0, |index, (at, size)| index * size + at);
        let distance: u64 =
            at.iter().zip(ranges).zip(strides).map(|((at, range), stride)| (at - range.start) * stride).sum();
        let index = usize::try_from(index).expect("small");
        assert_eq!(places[index], u64::MAX, "element {index} is in two parts");
        places[index] = offset + distance * size;
        last = last.max(Some(places[index]));
        let Some(axis) = (0..at.len()).rev().find(|axis| at[*axis] + 1 < ranges[*axis].end) else { return last };
        at[axis] += 1;
        for inner in axis + 1..at.len() {
            at[inner] = ranges[inner].start;
        }
    }
}
