// Clamp of float bits in the order of integers: exact for every value, subnormals included.
// Bounds are order keys. A 16-bit float is clamped as its bits << 16. Twin: src/value/clamp.rs.

// Monotone map of float bits to u32 (-0 just below +0), its own kind of inverse below.
fn order_key(bits: u32) -> u32 {
    return bits ^ (bitcast<u32>(bitcast<i32>(bits) >> 31u) | 0x80000000u);
}

fn clamp_bits(bits: u32, low_key: u32, high_key: u32) -> u32 {
    let key = min(max(order_key(bits), low_key), high_key);
    return key ^ (bitcast<u32>(bitcast<i32>(~key) >> 31u) | 0x80000000u);
}
