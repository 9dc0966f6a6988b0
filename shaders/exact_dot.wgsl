// Four dot products at a time, exact: numbers of at most 2^30 in magnitude are split into 15 low bits, with sign, and the rest; sums of
// the partial products wrap modulo 2^62, and results are below 2^61. Twin: `round_shift` of src/value/orthogonal.rs.

struct Dots {
    high: vec4<i32>,     // of high parts: counts 2^30, wraps
    middle_low: vec4<u32>,   // of mixed parts: counts 2^15
    middle_high: vec4<i32>,  // counts 2^31
    low_low: vec4<u32>,      // of low parts: counts 1
    low_high: vec4<i32>,     // counts 2^16
}

// High and low part: value = high · 2^15 + low, -2^14 <= low < 2^14.
fn split(value: i32) -> vec2<i32> {
    let high = (value + 0x4000) >> 15u;
    return vec2<i32>(high, value - (high << 15u));
}

// Adds four terms to each dot product. A sum of four mixed products is below 2^31: rows and columns are not longer than 1, or, where
// they are, no two neighbours in them are larger than 1.
fn add_four(before: Dots, high: vec4<i32>, left: vec4<i32>, right: vec4<i32>, low: vec4<i32>) -> Dots {
    var dots = before;
    dots.high += high;
    dots.middle_low += (bitcast<vec4<u32>>(left) & vec4<u32>(0xFFFFu)) + (bitcast<vec4<u32>>(right) & vec4<u32>(0xFFFFu));
    dots.middle_high += (left >> vec4<u32>(16u)) + (right >> vec4<u32>(16u));
    dots.low_low += bitcast<vec4<u32>>(low) & vec4<u32>(0xFFFFu);
    dots.low_high += low >> vec4<u32>(16u);
    return dots;
}

// a · 2^by as 64 bits, 0 < by < 32.
fn signed_shift(a: i32, by: u32) -> vec2<u32> {
    return vec2<u32>(bitcast<u32>(a) << by, bitcast<u32>(a >> (32u - by)));
}

// sum · 2^-shift to nearest, halves up, modulo 2^32; shift is 29 or 30.
fn round_wide(sum: vec2<u32>, shift: u32) -> i32 {
    let rounded = add_wides(sum, vec2<u32>(1u << (shift - 1u), 0u));
    return bitcast<i32>((rounded.x >> shift) | (rounded.y << (32u - shift)));
}

fn round_dot(dots: Dots, which: u32, shift: u32) -> i32 {
    var sum = signed_shift(dots.high[which], 30u);
    sum = add_wides(sum, vec2<u32>(dots.middle_low[which] << 15u, dots.middle_low[which] >> 17u));
    sum = add_wides(sum, signed_shift(dots.middle_high[which], 31u));
    sum = add_wides(sum, vec2<u32>(dots.low_low[which], 0u));
    sum = add_wides(sum, signed_shift(dots.low_high[which], 16u));
    return round_wide(sum, shift);
}

// a · b as 64 bits.
fn signed_product(a: i32, b: i32) -> vec2<u32> {
    let product = mul_wide(u32(abs(a)), u32(abs(b)));
    if (a < 0) != (b < 0) {
        return sub_wides(vec2<u32>(0u), product);
    }
    return product;
}
