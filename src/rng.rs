//! A stream of the value contract as a `rand` generator.

use crate::value::word::{Purpose, block_words};
use crate::{Seed, Stream};
use core::convert::Infallible;
use rand::rand_core::TryRng;

/// The raw words of one stream, in element order, as a [`rand`] generator.
///
/// A program on the CPU can thus continue the numbers that a device drew: the n-th `next_u32` is the word of element
/// `start + n`. `next_u64` uses two words, the low one first.
///
/// ```
/// use rand::Rng;
/// use wgpu_init::{PhiloxRng, Seed, Stream, value::word::value_word};
/// let mut rng = PhiloxRng::new(Seed::new(42), Stream::from_name("h.0.weight"), 0);
/// assert_eq!(rng.next_u32(), value_word(42, Stream::from_name("h.0.weight").get(), 0));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhiloxRng {
    seed: Seed,
    stream: Stream,
    index: u64,
    /// The words of the block in which `index` stands.
    block: [u32; 4],
}

const fn block_at(seed: Seed, stream: Stream, index: u64) -> [u32; 4] {
    block_words(seed.get(), stream.get(), Purpose::Values, index >> 2)
}

impl PhiloxRng {
    /// The generator that stands at element `start` of a stream.
    #[must_use]
    pub const fn new(seed: Seed, stream: Stream, start: u64) -> Self {
        Self { seed, stream, index: start, block: block_at(seed, stream, start) }
    }

    /// The element whose word comes next.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }
}

impl TryRng for PhiloxRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let word = self.block[(self.index & 3) as usize];
        self.index = self.index.wrapping_add(1);
        if self.index & 3 == 0 {
            self.block = block_at(self.seed, self.stream, self.index);
        }
        Ok(word)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.try_next_u32()?);
        Ok(low | u64::from(self.try_next_u32()?) << 32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}
