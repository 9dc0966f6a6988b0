// Four dot products at a time, exact: numbers of at most 2^30 in magnitude are split into 15 low bits, with sign, and the rest; sums of
// the partial products wrap modulo 2^62, and results are below 2^61. Twin: `round_shift` of src/value/orthogonal.rs.

struct Dots {
    high: vec4<i32>,     // of high parts: counts 2^30, wraps
    middle_low: vec4<u32>,   // of mixed parts: counts 2^15
    middle_high: vec4<i32>,  // counts 2^31
    low_low: vec4<u32>,      // of low parts: counts 1
    low_high: vec4<i32>,     // counts 2^16
}

// High and low parts: value = high · 2^15 + low, -2^14 <= low < 2^14.
struct Split {
    high: vec4<i32>,
    low: vec4<i32>,
}

fn split(value: vec4<i32>) -> Split {
    let high = (value + vec4<i32>(0x4000)) >> vec4<u32>(15u);
    return Split(high, value - (high << vec4<u32>(15u)));
}

// Sums of at most four terms, before they are cut into halves. A sum of four mixed products is below 2^31: rows and columns are not longer
// than 1, or, where they are, no two neighbours in them are larger than 1.
struct Terms {
    high: vec4<i32>,
    left: vec4<i32>,
    right: vec4<i32>,
    low: vec4<i32>,
}

// Adds the products of one number and four others.
fn add_products(before: Terms, high: i32, low: i32, others: Split) -> Terms {
    let highs = vec4<i32>(high);
    let lows = vec4<i32>(low);
    return Terms(
        before.high + highs * others.high,
        before.left + highs * others.low,
        before.right + lows * others.high,
        before.low + lows * others.low,
    );
}

fn add_terms(before: Dots, terms: Terms) -> Dots {
    let half = vec4<u32>(0xFFFFu);
    let by = vec4<u32>(16u);
    return Dots(
        before.high + terms.high,
        before.middle_low + (bitcast<vec4<u32>>(terms.left) & half) + (bitcast<vec4<u32>>(terms.right) & half),
        before.middle_high + (terms.left >> by) + (terms.right >> by),
        before.low_low + (bitcast<vec4<u32>>(terms.low) & half),
        before.low_high + (terms.low >> by),
    );
}

// Four 64-bit numbers: low and high words.
struct Wides {
    low: vec4<u32>,
    high: vec4<u32>,
}

fn add_four(a: Wides, low: vec4<u32>, high: vec4<u32>) -> Wides {
    let sum = a.low + low;
    return Wides(sum, a.high + high + vec4<u32>(sum < low));
}

// Adds a · 2^by, 0 < by < 32.
fn add_shifted(a: Wides, b: vec4<i32>, by: u32) -> Wides {
    return add_four(a, bitcast<vec4<u32>>(b) << vec4<u32>(by), bitcast<vec4<u32>>(b >> vec4<u32>(32u - by)));
}

// The sums as they are, modulo 2^64.
fn wide_dots(dots: Dots) -> Wides {
    var sums = Wides(dots.low_low, vec4<u32>());
    sums = add_shifted(sums, dots.low_high, 16u);
    sums = add_four(sums, dots.middle_low << vec4<u32>(15u), dots.middle_low >> vec4<u32>(17u));
    sums = add_shifted(sums, dots.middle_high, 31u);
    return add_shifted(sums, dots.high, 30u);
}

// sums · 2^-shift to nearest, halves up, modulo 2^32; shift is 29 or 30.
fn round_wides(sums: Wides, shift: u32) -> vec4<i32> {
    let rounded = add_four(sums, vec4<u32>(1u << (shift - 1u)), vec4<u32>());
    return bitcast<vec4<i32>>((rounded.low >> vec4<u32>(shift)) | (rounded.high << vec4<u32>(32u - shift)));
}

fn round_dots(dots: Dots, shift: u32) -> vec4<i32> {
    return round_wides(wide_dots(dots), shift);
}
