//! What selects the random numbers: a seed for the model, a stream for the tensor.

use crate::value::word::{Purpose, block_words};

/// The seed of a whole model: 64 bits, all of which count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Seed(u64);

impl Seed {
    /// The seed with exactly these bits.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// An independent seed for member `data` of something: an ensemble, a restart, an expert.
    ///
    /// Words 0 (low half) and 1 (high half) of block `data` of stream 0 under this seed, with the purpose of key
    /// derivation. Only the low 62 bits of `data` can be told apart; the rest is the purpose.
    #[must_use]
    pub const fn fold_in(self, data: u64) -> Self {
        let words = block_words(self.0, 0, Purpose::KeyDerivation, data & (u64::MAX >> 2));
        Self(words[0] as u64 | (words[1] as u64) << 32)
    }

    /// A seed from the given generator, e.g. the operating system's.
    #[cfg(feature = "rand")]
    #[must_use]
    pub fn from_rng(rng: &mut impl rand::Rng) -> Self {
        Self(rng.next_u64())
    }
}

impl From<u64> for Seed {
    fn from(seed: u64) -> Self {
        Self(seed)
    }
}

/// The stream of one tensor: 64 bits, usually the hash of the parameter's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream(u64);

impl Stream {
    /// The stream with exactly these bits.
    #[must_use]
    pub const fn new(stream: u64) -> Self {
        Self(stream)
    }

    /// FNV-1a-64 of the name's UTF-8 bytes: offset basis `cbf29ce484222325`, prime `100000001b3`.
    ///
    /// ```
    /// use wgpu_init::Stream;
    /// assert_eq!(Stream::from_name("").get(), 0xcbf2_9ce4_8422_2325);
    /// assert_eq!(Stream::from_name("a").get(), 0xaf63_dc4c_8601_ec8c);
    /// ```
    #[must_use]
    pub const fn from_name(name: &str) -> Self {
        Self::from_bytes(name.as_bytes())
    }

    pub(crate) const fn from_bytes(bytes: &[u8]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut i = 0;
        while i < bytes.len() {
            hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        Self(hash)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for Stream {
    fn from(stream: u64) -> Self {
        Self(stream)
    }
}
