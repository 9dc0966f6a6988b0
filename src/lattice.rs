//! Elements of a box of a tensor with their places in memory, in numbers.

use crate::Shape;
use core::ops::Range;

/// Neighbours along one axis of a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Axis {
    /// Positions.
    pub(crate) count: u64,
    /// From one to the next in the tensor, in elements.
    pub(crate) step: u64,
    /// From one to the next in memory, in bytes.
    pub(crate) stride: u64,
}

/// The elements `first + Σ i·step`, each at byte `byte + Σ i·stride`, for all positions i of all axes.
///
/// Axes have two positions or more and stand in the order of memory, the fastest first. Memory is nested: one position of an axis lies
/// inside the distance to the next, with all axes before it. Axes that lie behind each other in tensor and memory are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lattice {
    /// Element of the tensor.
    pub(crate) first: u64,
    /// Where it begins.
    pub(crate) byte: u64,
    /// Bytes of an element.
    pub(crate) size: u64,
    axes: [Axis; Shape::MAX_RANK],
    rank: usize,
}

impl Lattice {
    /// Axes in any order; none of them is empty. `None` if memory is not nested, as where two elements share a byte. All sums fit.
    pub(crate) fn new(first: u64, byte: u64, size: u64, axes: &[Axis]) -> Option<Self> {
        let mut lattice = Self { first, byte, size, axes: [Axis::default(); Shape::MAX_RANK], rank: 0 };
        for axis in axes.iter().filter(|axis| axis.count > 1) {
            let mut at = lattice.rank;
            while at > 0 && lattice.axes[at - 1].stride > axis.stride {
                lattice.axes[at] = lattice.axes[at - 1];
                at -= 1;
            }
            lattice.axes[at] = *axis;
            lattice.rank += 1;
        }
        let mut span = size;
        for axis in lattice.axes() {
            if axis.stride < span {
                return None;
            }
            span += (axis.count - 1) * axis.stride;
        }
        Some(lattice.normal())
    }

    /// A stretch of elements.
    pub(crate) fn run(first: u64, bytes: Range<u64>, size: u64) -> Self {
        let mut axes = [Axis::default(); Shape::MAX_RANK];
        let count = (bytes.end - bytes.start) / size;
        axes[0] = Axis { count, step: 1, stride: size };
        Self { first, byte: bytes.start, size, axes, rank: usize::from(count > 1) }
    }

    pub(crate) fn axes(&self) -> &[Axis] {
        &self.axes[..self.rank]
    }

    pub(crate) fn elements(&self) -> u64 {
        self.axes().iter().map(|axis| axis.count).product()
    }

    /// From the first byte to the last.
    pub(crate) fn bytes(&self) -> Range<u64> {
        self.byte..self.byte + span(self.axes(), self.size)
    }

    /// Elements of the tensor from the first to the last.
    pub(crate) fn span(&self) -> Range<u64> {
        let last = self.axes().iter().map(|axis| (axis.count - 1) * axis.step).sum::<u64>();
        self.first..self.first + last + 1
    }

    /// Whether the elements are neighbours in tensor and memory.
    pub(crate) fn is_run(&self) -> bool {
        match self.axes() {
            [] => true,
            [axis] => axis.step == 1 && axis.stride == self.size,
            _ => false,
        }
    }

    /// The same, begun this much later in memory.
    pub(crate) fn moved(&self, bytes: u64) -> Self {
        Self { byte: self.byte + bytes, ..*self }
    }

    /// Some positions of an axis.
    fn positions(&self, axis: usize, positions: Range<u64>) -> Self {
        let Axis { step, stride, .. } = self.axes[axis];
        let mut part = *self;
        part.first += positions.start * step;
        part.byte += positions.start * stride;
        part.axes[axis].count = positions.end - positions.start;
        part
    }

    /// Without axes of one position, and with one for those that lie behind each other.
    fn normal(mut self) -> Self {
        let (axes, rank) = (self.axes, self.rank);
        self.rank = 0;
        for axis in axes[..rank].iter().filter(|axis| axis.count > 1) {
            match self.axes[..self.rank].last_mut() {
                Some(last) if axis.stride == last.count * last.stride && axis.step == last.count * last.step => {
                    last.count *= axis.count;
                }
                _ => {
                    self.axes[self.rank] = *axis;
                    self.rank += 1;
                }
            }
        }
        self.axes[self.rank..].fill(Axis::default());
        self
    }

    /// The elements of the tensor that are in a range, as several boxes: at most one for each side of each axis, and one between.
    pub(crate) fn within(&self, elements: &Range<u64>) -> Vec<Self> {
        let mut order: Vec<usize> = (0..self.rank).collect();
        order.sort_by_cached_key(|axis| core::cmp::Reverse(self.axes[*axis].step));
        let mut inside = Vec::new();
        self.gather(&order, elements, &mut inside);
        inside
    }

    /// `order`: the axes that have more than one position, the outermost of the tensor first.
    fn gather(&self, order: &[usize], elements: &Range<u64>, inside: &mut Vec<Self>) {
        let length = |axes: &[usize]| {
            1 + axes.iter().map(|axis| (self.axes[*axis].count - 1) * self.axes[*axis].step).sum::<u64>()
        };
        let Range { start, end } = *elements;
        if self.first >= end || self.first + (length(order) - 1) < start {
            return;
        }
        if self.first >= start && self.first + (length(order) - 1) < end {
            inside.push(self.normal());
            return;
        }
        // Some elements are inside and some are not, so that there is an axis.
        let Some((axis, rest)) = order.split_first() else { return };
        let Axis { count, step, .. } = self.axes[*axis];
        let whole = start.saturating_sub(self.first).div_ceil(step).min(count);
        let fit = end - self.first;
        let after = if fit < length(rest) { 0 } else { ((fit - length(rest)) / step).saturating_add(1).min(count) };
        if whole < after {
            inside.push(self.positions(*axis, whole..after).normal());
        }
        let before = whole.checked_sub(1);
        if let Some(before) = before {
            self.positions(*axis, before..before + 1).gather(rest, elements, inside);
        }
        if after < count && before != Some(after) {
            self.positions(*axis, after..after + 1).gather(rest, elements, inside);
        }
    }

    /// Pieces of at most so many elements and so many bytes from first to last, in the order of memory, none inside another. One element fits.
    pub(crate) fn pieces(&self, most_elements: u64, most_bytes: u64, pieces: &mut Vec<Self>) {
        let bytes = span(self.axes(), self.size);
        if bytes <= most_bytes && self.elements() <= most_elements {
            pieces.push(*self);
            return;
        }
        let Some((axis, inner)) = self.axes().split_last() else { return pieces.push(*self) };
        let last = self.rank - 1;
        let (inner_bytes, inner_elements) =
            (span(inner, self.size), inner.iter().map(|axis| axis.count).product::<u64>());
        let fit = if inner_bytes > most_bytes { 0 } else { (most_bytes - inner_bytes) / axis.stride + 1 };
        let fit = fit.min(most_elements / inner_elements);
        let mut start = 0;
        while start < axis.count {
            // A block of four neighbours in the tensor is drawn as a whole, and 16 bytes may be stored as a whole: cuts fall between, where
            // that leaves enough.
            let together = if fit > 16 { 15 } else { 3 };
            let odd = if axis.step == 1 { ((self.first & 3) + (start & 15) + (fit & 15)) & together } else { 0 };
            let now = if fit > odd && start + fit < axis.count { fit - odd } else { fit.max(1) };
            let end = start.saturating_add(now).min(axis.count);
            let piece = self.positions(last, start..end).normal();
            if fit == 0 {
                piece.pieces(most_elements, most_bytes, pieces)
            } else {
                pieces.push(piece)
            }
            start = end;
        }
    }

    /// Whether every stretch of neighbours in the tensor begins with the first element of a Philox block.
    pub(crate) fn begins_blocks(&self) -> bool {
        self.first.is_multiple_of(4) && self.axes().iter().all(|axis| axis.step == 1 || axis.step.is_multiple_of(4))
    }

    /// Elements of which all that are in one Philox block are neighbours: less of them would draw blocks for one element of four.
    pub(crate) fn block(&self) -> u64 {
        let Some(along) = self.axes().iter().position(|axis| axis.step == 1) else { return 1 };
        let before: u64 = self.axes()[..along].iter().map(|axis| axis.count).product();
        before.saturating_mul(4).min(self.elements())
    }

    /// Whether an element of one and an element of the other share a byte, and such a byte. Errs on the safe side, where finding out would
    /// take long.
    pub(crate) fn meets(&self, other: &Self) -> Option<u64> {
        let mut steps = 1 << 10;
        meet((self.byte, self.axes(), self.size), (other.byte, other.axes(), other.size), &mut steps)
    }

    /// Each element and the byte where it begins, in the order of memory.
    pub(crate) fn places(&self) -> impl Iterator<Item = (u64, u64)> + use<> {
        let lattice = *self;
        (0..lattice.elements()).map(move |number| {
            let (mut rest, mut element, mut byte) = (number, lattice.first, lattice.byte);
            for axis in lattice.axes() {
                let at = rest % axis.count;
                rest /= axis.count;
                element += at * axis.step;
                byte += at * axis.stride;
            }
            (byte, element)
        })
    }
}

/// Bytes from the first to the last.
fn span(axes: &[Axis], size: u64) -> u64 {
    size + axes.iter().map(|axis| (axis.count - 1) * axis.stride).sum::<u64>()
}

/// First byte, axes, bytes of an element.
type Places<'a> = (u64, &'a [Axis], u64);

fn meet(a: Places<'_>, b: Places<'_>, steps: &mut u32) -> Option<u64> {
    let (span_a, span_b) = (span(a.1, a.2), span(b.1, b.2));
    if a.0 + span_a <= b.0 || b.0 + span_b <= a.0 {
        return None;
    }
    let somewhere = Some(a.0.max(b.0));
    *steps = steps.saturating_sub(1);
    if *steps == 0 {
        return somewhere;
    }
    let (stride_a, stride_b) = (a.1.last().map_or(0, |axis| axis.stride), b.1.last().map_or(0, |axis| axis.stride));
    let (a, b) = if stride_a >= stride_b { (a, b) } else { (b, a) };
    let (Some((rows_a, inner_a)), inner_b) = (a.1.split_last(), b.1.split_last()) else {
        // Two elements.
        return somewhere;
    };
    let (stride, length_a) = (rows_a.stride, span(inner_a, a.2));
    if let Some((rows_b, inner_b)) = inner_b
        && rows_b.stride == stride
    {
        // Rows as far apart in both: only the difference of two rows' numbers matters, and at most three let them touch.
        let (gap, length_b) = (i128::from(b.0) - i128::from(a.0), span(inner_b, b.2));
        let wide = i128::from(stride);
        let least = (gap - i128::from(length_a)).div_euclid(wide) + 1;
        let most = (gap + i128::from(length_b) - 1).div_euclid(wide);
        for difference in least.max(1 - i128::from(rows_b.count))..=most.min(i128::from(rows_a.count) - 1) {
            let row = |number: i128| u64::try_from(number.max(0)).unwrap_or(0) * stride;
            let (a, b) = ((a.0 + row(difference), inner_a, a.2), (b.0 + row(-difference), inner_b, b.2));
            if let Some(byte) = meet(a, b, steps) {
                return Some(byte);
            }
        }
        return None;
    }
    // Rows of a that the other one's span touches.
    let end = b.0 + span(b.1, b.2);
    let first = b.0.saturating_sub(a.0 + length_a - 1).div_ceil(stride);
    let last = ((end - 1 - a.0) / stride).min(rows_a.count - 1);
    for row in first..=last {
        let byte = meet((a.0 + row * stride, inner_a, a.2), b, steps);
        if byte.is_some() {
            return byte;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::word::value_word;
    use std::collections::BTreeSet;

    /// Numbers that look random, the same ones in every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, most: u64) -> u64 {
            self.0 += 1;
            u64::from(value_word(1, 2, self.0)) % most
        }

        fn index(&mut self, most: usize) -> usize {
            usize::try_from(self.below(most as u64)).expect("small")
        }

        /// A box of a small tensor in some layout, from byte `byte` on.
        fn lattice(&mut self, byte: u64) -> Lattice {
            let rank = self.index(4);
            let sizes: Vec<u64> = (0..rank).map(|_| 1 + self.below(5)).collect();
            let (mut axes, mut step, mut first) = (vec![Axis::default(); rank], 1, 0);
            for axis in (0..rank).rev() {
                let start = self.below(sizes[axis]);
                axes[axis] = Axis { count: 1 + self.below(sizes[axis] - start), step, stride: 0 };
                first += start * step;
                step *= sizes[axis];
            }
            let mut order: Vec<usize> = (0..rank).collect();
            for at in (1..rank).rev() {
                order.swap(at, self.index(at + 1));
            }
            let mut stride = 2;
            for axis in order {
                axes[axis].stride = stride;
                stride *= axes[axis].count + self.below(3);
            }
            Lattice::new(first, byte, 2, &axes).expect("nested memory")
        }
    }

    fn bytes(lattice: &Lattice) -> BTreeSet<u64> {
        lattice.places().flat_map(|(byte, _)| byte..byte + lattice.size).collect()
    }

    #[test]
    fn pieces_and_ranges_hold_every_element_once() {
        let mut dice = Dice(0);
        for _ in 0..3000 {
            let lattice = dice.lattice(10);
            let places: BTreeSet<(u64, u64)> = lattice.places().collect();
            assert_eq!(places.len() as u64, lattice.elements(), "{lattice:?}");
            assert!(lattice.places().is_sorted(), "{lattice:?}");
            assert!(places.iter().all(|(byte, _)| lattice.bytes().contains(byte)), "{lattice:?}");

            let (most_elements, most_bytes) = (1 + dice.below(9), 2 + dice.below(40));
            let mut pieces = Vec::new();
            lattice.pieces(most_elements, most_bytes, &mut pieces);
            let mut end = 0;
            for piece in &pieces {
                let bytes = piece.bytes();
                assert!(piece.elements() <= most_elements && bytes.end - bytes.start <= most_bytes, "{piece:?}");
                assert!(bytes.start >= end, "{lattice:?}: {pieces:?}");
                end = bytes.end;
            }
            let all: Vec<_> = pieces.iter().flat_map(Lattice::places).collect();
            assert_eq!((all.len(), all.into_iter().collect()), (places.len(), places.clone()), "{lattice:?}");

            let start = dice.below(60);
            let range = start..start + dice.below(60);
            let inside = lattice.within(&range);
            let got: Vec<_> = inside.iter().flat_map(Lattice::places).collect();
            let expected: BTreeSet<_> = places.into_iter().filter(|(_, element)| range.contains(element)).collect();
            assert_eq!((got.len(), got.into_iter().collect()), (expected.len(), expected), "{lattice:?} {range:?}");
            assert!(inside.len() <= 9, "{lattice:?} {range:?}: {} boxes", inside.len());
        }
    }

    #[test]
    fn boxes_that_share_no_byte_are_told_from_those_that_do() {
        let mut dice = Dice(1 << 40);
        let (mut meet, mut apart) = (0, 0);
        for _ in 0..20_000 {
            let at = dice.below(80);
            let (a, b) = (dice.lattice(20), dice.lattice(at / 2 * 2));
            let both: Vec<u64> = bytes(&a).intersection(&bytes(&b)).copied().collect();
            let got = a.meets(&b);
            assert_eq!((got.is_some(), b.meets(&a).is_some()), (!both.is_empty(), !both.is_empty()), "{a:?} {b:?}");
            if let Some(byte) = got {
                assert!(both.contains(&byte), "{a:?} {b:?}: {byte} of {both:?}");
                meet += 1;
            } else if a.bytes().start < b.bytes().end && b.bytes().start < a.bytes().end {
                apart += 1;
            }
        }
        assert!(meet > 1000 && apart > 400, "{meet} meet, {apart} lie inside each other");
    }

    #[test]
    fn what_would_take_long_to_find_out_counts_as_shared() {
        let axes =
            |stride| [Axis { count: 1 << 20, step: 1, stride }, Axis { count: 2, step: 1 << 20, stride: 1 << 40 }];
        let [a, b] = [(0, 6), (2, 10)].map(|(byte, stride)| Lattice::new(0, byte, 2, &axes(stride)).expect("nested"));
        assert!(a.meets(&b).is_some());
    }
}
