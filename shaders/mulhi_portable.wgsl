// 32 x 32 -> 64 bit product from 16-bit halves: core WGSL, no device feature.
// Twin: src/value/mulhi.rs. Same bits as mulhi_native.wgsl.

// (low word, high word) of a * b.
fn mul_wide(a: u32, b: u32) -> vec2<u32> {
    let a_low = a & 0xFFFFu;
    let a_high = a >> 16u;
    let b_low = b & 0xFFFFu;
    let b_high = b >> 16u;
    let low_high = a_low * b_high;
    // Cannot wrap: (2^16 - 1)^2 + 2 * (2^16 - 1) = 2^32 - 1.
    let middle = ((a_low * b_low) >> 16u) + (low_high & 0xFFFFu) + a_high * b_low;
    let high = a_high * b_high + (low_high >> 16u) + (middle >> 16u);
    return vec2<u32>(a * b, high);
}

// The high word of a * b + (high << 32 | low), modulo 2^32.
fn mul_add_high(a: u32, b: u32, high: u32, low: u32) -> u32 {
    let product = mul_wide(a, b);
    return high + product.y + u32(product.x + low < low);
}

// floor(a * b / 2^32).
fn mulhi(a: u32, b: u32) -> u32 {
    return mul_wide(a, b).y;
}

// `bits`, whose highest bit is set, rotated right by 0 to 30, or by -1, which gives all ones.
fn rotate_right(bits: u32, by: u32) -> u32 {
    return (bits >> (by & 31u)) | (bits << ((0u - by) & 31u));
}
