// 32 x 32 -> 64 bit product by one 64-bit multiply: needs SHADER_INT64.
// Twin: src/value/mulhi.rs. Same bits as mulhi_portable.wgsl.

// (low word, high word) of a * b.
fn mul_wide(a: u32, b: u32) -> vec2<u32> {
    let product = u64(a) * u64(b);
    return vec2<u32>(u32(product), u32(product >> 32u));
}

// The high word of a * b + (high << 32 | low), modulo 2^32.
fn mul_add_high(a: u32, b: u32, high: u32, low: u32) -> u32 {
    return u32((u64(a) * u64(b) + ((u64(high) << 32u) | u64(low))) >> 32u);
}

// floor(a * b / 2^32).
fn mulhi(a: u32, b: u32) -> u32 {
    return u32((u64(a) * u64(b)) >> 32u);
}

// `bits`, whose highest bit is set, rotated right by 0 to 30, or by -1, which gives all ones: one shift of a pair of registers.
fn rotate_right(bits: u32, by: u32) -> u32 {
    let pair = bitcast<i64>((u64(bits) << 32u) | u64(bits));
    return u32(bitcast<u64>(pair >> (by & 63u)));
}
