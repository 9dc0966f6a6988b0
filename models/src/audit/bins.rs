//! Elements counted by the first 16 bits, several of which are loaded at once.

/// All counters of two bytes.
type Counts = [u32; 1 << 16];

/// By the two bytes that each element has.
pub(super) fn of_two_bytes(bytes: &[u8], counts: &mut Counts) {
    let (fours, rest) = bytes.as_chunks::<8>();
    for four in fours {
        let word = u64::from_le_bytes(*four);
        for at in [0, 16, 32, 48] {
            counts[(word >> at & 0xFFFF) as usize] += 1;
        }
    }
    rest.as_chunks().0.iter().for_each(|two| counts[usize::from(u16::from_le_bytes(*two))] += 1);
}

/// By the upper half of each number.
pub(super) fn of_numbers(numbers: &[f32], counts: &mut Counts) {
    let (eights, rest) = numbers.as_chunks::<8>();
    for eight in eights {
        for x in eight {
            counts[(x.to_bits() >> 16) as usize] += 1;
        }
    }
    rest.iter().for_each(|x| counts[(x.to_bits() >> 16) as usize] += 1);
}
