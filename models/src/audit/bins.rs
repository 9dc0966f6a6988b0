//! Elements counted by the first 16 bits, several of which are loaded at once.

use std::cell::RefCell;

/// How many elements are in each bin.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    pub(super) own: Vec<u16>,
    /// What ran over; empty as long as nothing did.
    pub(super) all: Vec<u64>,
}

thread_local! {
    /// Counters that are 0: making some for each small tensor takes longer than the tensor.
    static UNUSED: RefCell<Vec<Vec<u16>>> = const { RefCell::new(Vec::new()) };
}

impl Counts {
    pub(super) fn new(bins: usize) -> Self {
        let unused = UNUSED.with_borrow_mut(|unused| {
            let at = unused.iter().position(|counts| counts.len() == bins)?;
            Some(unused.swap_remove(at))
        });
        Self { own: unused.unwrap_or_else(|| vec![0; bins]), all: Vec::new() }
    }

    fn fold(&mut self) {
        self.all.resize(self.own.len(), 0);
        self.all.iter_mut().zip(&mut self.own).for_each(|(all, own)| *all += u64::from(core::mem::take(own)));
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        self.fold();
        other.fold();
        self.all.iter_mut().zip(&other.all).for_each(|(a, b)| *a += b);
    }

    /// The bins that are not empty.
    pub(super) fn take(&mut self) -> Vec<(u32, u64)> {
        const RUN: usize = 16;
        let mut filled = Vec::new();
        for (run, counts) in self.own.chunks_mut(RUN).enumerate() {
            if self.all.is_empty() && counts.iter().fold(0, |any, count| any | *count) == 0 {
                continue;
            }
            for (at, own) in counts.iter_mut().enumerate() {
                let bin = run * RUN + at;
                let count = u64::from(core::mem::take(own)) + self.all.get(bin).copied().unwrap_or(0);
                if count > 0 {
                    filled.push((u32::try_from(bin).unwrap_or(0), count));
                }
            }
        }
        UNUSED.with_borrow_mut(|unused| {
            if unused.len() < 2 {
                unused.push(core::mem::take(&mut self.own));
            }
        });
        filled
    }
}

/// Counters of two bytes, which stay in a core's nearest cache where those of four would not; of what they held before they ran over,
/// `spill` hears.
type Near = [u16; 1 << 16];

/// By the two bytes that each element has.
pub(super) fn of_two_bytes(bytes: &[u8], counts: &mut Near, spill: &mut impl FnMut(usize)) {
    let (fours, rest) = bytes.as_chunks::<8>();
    for four in fours {
        let word = u64::from_le_bytes(*four);
        for at in [0, 16, 32, 48] {
            count((word >> at & 0xFFFF) as usize, counts, spill);
        }
    }
    rest.as_chunks().0.iter().for_each(|two| count(usize::from(u16::from_le_bytes(*two)), counts, spill));
}

/// By the upper half of each number.
pub(super) fn of_numbers(numbers: &[f32], counts: &mut Near, spill: &mut impl FnMut(usize)) {
    let (eights, rest) = numbers.as_chunks::<8>();
    for eight in eights {
        for x in eight {
            count((x.to_bits() >> 16) as usize, counts, spill);
        }
    }
    rest.iter().for_each(|x| count((x.to_bits() >> 16) as usize, counts, spill));
}

fn count(bin: usize, counts: &mut Near, spill: &mut impl FnMut(usize)) {
    let more = counts[bin].wrapping_add(1);
    counts[bin] = more;
    if more == 0 {
        spill(bin);
    }
}
