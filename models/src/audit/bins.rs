//! Elements counted by the first 16 bits, several of which are loaded at once.

/// Counters of two bytes, which stay in a core's nearest cache where those of four would not; of what they held before they ran over,
/// `spill` hears.
type Counts = [u16; 1 << 16];

/// By the two bytes that each element has.
pub(super) fn of_two_bytes(bytes: &[u8], counts: &mut Counts, spill: &mut impl FnMut(usize)) {
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
pub(super) fn of_numbers(numbers: &[f32], counts: &mut Counts, spill: &mut impl FnMut(usize)) {
    let (eights, rest) = numbers.as_chunks::<8>();
    for eight in eights {
        for x in eight {
            count((x.to_bits() >> 16) as usize, counts, spill);
        }
    }
    rest.iter().for_each(|x| count((x.to_bits() >> 16) as usize, counts, spill));
}

fn count(bin: usize, counts: &mut Counts, spill: &mut impl FnMut(usize)) {
    let more = counts[bin].wrapping_add(1);
    counts[bin] = more;
    if more == 0 {
        spill(bin);
    }
}
