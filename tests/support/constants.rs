//! The constants of a law, and what an element of a chosen word is: as a kernel of one's own would draw it.

use wgpu_init::plan::DrawRecord;
use wgpu_init::value::{draw, finish};
use wgpu_init::{DType, Fill, Initializer, Seed, Shape, Stream};

/// A law of [`DrawRecord`]: uniform, normal or truncated normal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Constants {
    name: &'static str,
    pub(crate) dtype: DType,
    pub(crate) record: DrawRecord,
}

/// The constants of an initializer.
pub(crate) fn constants(initializer: Initializer, dtype: DType) -> Constants {
    let fill = Fill::new(Shape::new([1]).expect("a shape"), initializer).expect("valid parameters");
    let fill = fill.keyed(Seed::new(0), Stream::new(0)).dtype(dtype);
    let record = DrawRecord::of(&fill).expect("parameters fit the dtype");
    let record = record.unwrap_or_else(|| panic!("{initializer} is not drawn from words alone"));
    Constants { name: fill.distribution().name(), dtype, record }
}

impl Constants {
    /// The factor and the summand.
    pub(crate) fn affine(&self) -> (f32, f32) {
        (f32::from_bits(self.record.scale), f32::from_bits(self.record.shift))
    }

    /// The stored bits of a word's element.
    pub(crate) fn element(&self, word: u32) -> u32 {
        let (scale, shift) = self.affine();
        let DrawRecord { low_key, high_key, window_low, window_range, .. } = self.record;
        let bits = match self.name {
            "uniform" => draw::draw_uniform(word, scale, shift),
            "normal" => draw::draw_normal(word, scale, shift),
            "trunc_normal" => draw::draw_truncated(word, scale, shift, window_low, window_range),
            other => panic!("{other} is not known here"),
        };
        finish::finish(self.dtype, bits, low_key, high_key)
    }
}
