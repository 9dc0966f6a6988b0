// 64-bit numbers as vec2<u32>(low word, high word): what WGSL lacks. No dependencies.

fn add_wides(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + u32(low < b.x));
}

fn sub_wides(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    return vec2<u32>(a.x - b.x, a.y - b.y - u32(a.x < b.x));
}

// `a << by`, by < 32.
fn shift_left_wide(a: vec2<u32>, by: u32) -> vec2<u32> {
    if by == 0u {
        return a;
    }
    return vec2<u32>(a.x << by, (a.y << by) | (a.x >> (32u - by)));
}

// One step of long division: (high:digit) / divisor in base 2^16, divisor normalised, high < divisor.
// Gives quotient digit and remainder.
fn divide_digit(high: u32, digit: u32, divisor: u32) -> vec2<u32> {
    let top = divisor >> 16u;
    let bottom = divisor & 0xFFFFu;
    var quotient = high / top;
    var rest = high - quotient * top;
    loop {
        if rest > 0xFFFFu || (quotient <= 0xFFFFu && quotient * bottom <= ((rest << 16u) | digit)) {
            break;
        }
        quotient -= 1u;
        rest += top;
    }
    // The true remainder fits 32 bits; intermediate products wrap.
    return vec2<u32>(quotient, ((high << 16u) | digit) - quotient * divisor);
}

// (high:low) / divisor with high < divisor: quotient and remainder.
fn divide_words(high: u32, low: u32, divisor: u32) -> vec2<u32> {
    let shift = countLeadingZeros(divisor);
    let normal = divisor << shift;
    let number = shift_left_wide(vec2<u32>(low, high), shift);
    let first = divide_digit(number.y, number.x >> 16u, normal);
    let second = divide_digit(first.y, number.x & 0xFFFFu, normal);
    return vec2<u32>((first.x << 16u) | second.x, second.y >> shift);
}

// Quotient (low, high) and remainder of a 64-bit number by a 32-bit one.
fn divide_wide(number: vec2<u32>, divisor: u32) -> vec3<u32> {
    let high = number.y / divisor;
    let low = divide_words(number.y - high * divisor, number.x, divisor);
    return vec3<u32>(low.x, high, low.y);
}
