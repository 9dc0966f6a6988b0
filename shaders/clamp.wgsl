// Clamp of float bits in the order of integers: exact for every value, subnormals included.
// Bounds are order keys, low <= high. A 16-bit float is clamped as its bits << 16, one of 8 bits << 24. Twin: src/value/clamp.rs.

// The twin compares the order key of `bits`, which takes its sign apart for each sample. Here bits are read as if they had the
// sign of the bound, which is the fill's: those that have it compare as keys do, the others lie on the side where they belong.
fn clamp_bits(bits: u32, low_key: u32, high_key: u32) -> u32 {
    let above = bitcast<u32>(bitcast<i32>(~high_key) >> 31u) | 0x80000000u;
    let below = bitcast<u32>(bitcast<i32>(low_key) >> 31u) & 0x7FFFFFFFu;
    // Reversed below, so that both are a minimum.
    return min(min(bits ^ above, high_key) ^ (above ^ below), ~low_key) ^ below;
}
