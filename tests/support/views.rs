//! Views as golden rows have them: which box of which tensor, where in memory, in words that another program reads too.

use core::fmt;
use core::ops::Range;
use core::slice;
use wgpu_init::{Shape, View};

/// A view in data.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) dims: &'static [u64],
    cut: Cut,
    memory: Memory,
}

/// What of the tensor.
#[derive(Clone, Debug)]
enum Cut {
    Box(&'static [Range<u64>]),
    /// Axis, shard, number of shards.
    Shard(usize, u64, u64),
    Balanced(usize, u64, u64),
}

/// Where it lies.
#[derive(Clone, Debug)]
enum Memory {
    Order(&'static [usize]),
    Pitch(&'static [usize], u64),
    Strides(&'static [i64]),
}

/// Boxes, shards and layouts of tensors of one to four axes; rows that end inside a block and behind 2^32 elements.
pub(crate) fn rows() -> Vec<Row> {
    use Cut::{Balanced, Box, Shard};
    use Memory::{Order, Pitch, Strides};
    const HALF: u64 = 1 << 32;
    const ACROSS: &Range<u64> = &(HALF - 3..HALF + 3);
    let row = |dims, cut, memory| Row { dims, cut, memory };
    vec![
        row(&[6, 8], Box(&[1..4, 2..5]), Order(&[0, 1])),
        row(&[6, 8], Box(&[1..4, 2..5]), Order(&[1, 0])),
        row(&[6, 8], Box(&[1..4, 2..5]), Pitch(&[0, 1], 5)),
        row(&[6, 8], Box(&[1..4, 2..5]), Pitch(&[1, 0], 4)),
        row(&[6, 8], Box(&[1..4, 2..5]), Strides(&[1, 4])),
        row(&[6, 8], Box(&[1..4, 2..5]), Strides(&[9, 2])),
        row(&[7, 5], Shard(0, 2, 4), Order(&[0, 1])),
        row(&[7, 5], Shard(0, 3, 4), Order(&[0, 1])),
        row(&[5, 7], Shard(1, 2, 3), Order(&[1, 0])),
        row(&[7, 3], Balanced(0, 1, 4), Order(&[0, 1])),
        row(&[7, 3], Balanced(0, 3, 4), Order(&[1, 0])),
        row(&[4, 3, 5], Box(&[1..3, 0..3, 2..4]), Order(&[2, 0, 1])),
        row(&[4, 3, 5], Box(&[1..3, 0..3, 2..4]), Pitch(&[2, 0, 1], 4)),
        row(&[3, 2, 2, 2], Shard(0, 0, 1), Order(&[2, 3, 1, 0])),
        row(&[2 * HALF], Box(slice::from_ref(ACROSS)), Order(&[0])),
        row(&[1 << 16, (1 << 16) + 1, 3], Box(&[65534..65536, 2..4, 0..2]), Order(&[2, 0, 1])),
        row(&[1 << 20, 1 << 22], Box(&[(1 << 20) - 2..1 << 20, (1 << 22) - 3..1 << 22]), Order(&[1, 0])),
        row(&[3, 1 << 61], Shard(1, (1 << 60) - 1, 1 << 60), Order(&[1, 0])),
    ]
}

impl Row {
    pub(crate) fn view(&self) -> View {
        let view = View::new(&Shape::new(self.dims).expect("a shape"));
        let cut = match self.cut {
            Cut::Box(ranges) => {
                let part = |view: View, (axis, range): (usize, &Range<u64>)| view.part(axis, range.clone());
                ranges.iter().enumerate().try_fold(view, part)
            }
            Cut::Shard(axis, shard, of) => view.shard(axis, shard, of),
            Cut::Balanced(axis, shard, of) => view.shard_balanced(axis, shard, of),
        };
        let cut = cut.expect("inside");
        match self.memory {
            Memory::Order(order) => cut.permuted(order).expect("an order"),
            Memory::Pitch(order, pitch) => cut.permuted(order).expect("an order").pitch(pitch),
            Memory::Strides(strides) => cut.strides(strides).expect("strides"),
        }
    }
}

/// Shape, box and memory, e.g. `6,8 shard:1:0/2 order:1,0`.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", commas(self.dims))?;
        match &self.cut {
            Cut::Box(ranges) => {
                let slice = |Range { start, end }: &Range<u64>| format!("{start}:{end}");
                write!(f, "box:{}", commas(&ranges.iter().map(slice).collect::<Vec<_>>()))?;
            }
            Cut::Shard(axis, shard, of) => write!(f, "shard:{axis}:{shard}/{of}")?,
            Cut::Balanced(axis, shard, of) => write!(f, "balanced:{axis}:{shard}/{of}")?,
        }
        match self.memory {
            Memory::Order(order) => write!(f, " order:{}", commas(order)),
            Memory::Pitch(order, pitch) => write!(f, " order:{};pitch:{pitch}", commas(order)),
            Memory::Strides(strides) => write!(f, " strides:{}", commas(strides)),
        }
    }
}

fn commas<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
