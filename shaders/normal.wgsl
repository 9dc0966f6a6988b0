// Word -> bits of the standard normal quantile of (word + 1/2) / 2^32: octave quadratic Q6.
// Integers and one f32 addition; nothing a compiler could contract or reassociate.
// Twin: src/value/normal.rs. Depends on: mulhi, rotate_right, quantile_entry (a row of the 2048-row table).

// f32 bits of the quantile's magnitude: the same for a word and its complement.
fn normal_magnitude(word: u32) -> u32 {
    // Complemented tail word: bit 31 is always set. 2^32 * (tail probability) = tail + 1/2.
    let complement = bitcast<u32>(min(bitcast<i32>(word), bitcast<i32>(~word)));
    let tail = ~complement;
    let octave = firstLeadingBit(tail); // tail = 0 gives -1, which stands for 31
    let left = rotate_right(complement, octave);
    // Row of the octave, and in it; tail = 0 is past the last one.
    let entry = quantile_entry(min((octave << 6u) | (left >> 26u), 2047u));
    // entry.y = linear coefficient << 12 | quadratic coefficient; wraps on purpose.
    let slope = entry.y + (entry.y & 0xFFFu) * (left >> 14u);
    let offset = mulhi(slope, left << 6u);
    // As f32 bits: 2^-6 + (offset >> 9) * 2^-29, in [2^-6, 2^-5).
    let local = bitcast<f32>((offset >> 9u) + 0x3C800000u);
    return bitcast<u32>(bitcast<f32>(entry.x) + local); // the only rounding
}

fn normal_unit(word: u32) -> u32 {
    return normal_magnitude(word) ^ (~word & 0x80000000u);
}
