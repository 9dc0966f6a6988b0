// Kernel, first step: a workgroup makes one reflector, column k of V, from its Gaussians.
// Depends on: Step, value_words, normal_unit, divide_words, add_wides.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;

var<workgroup> partial: array<vec2<u32>, 256>;
var<workgroup> scale: vec3<u32>; // shift, first, norm

fn fixed_normal(bits: u32) -> i32 {
    let magnitude = bits & 0x7FFFFFFFu;
    let mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    let shift = min(130u - (magnitude >> 23u), 31u);
    let fixed = bitcast<i32>((mantissa + (1u << (shift - 1u))) >> shift);
    return select(fixed, -fixed, (bits >> 31u) == 1u);
}

fn gaussian(step: Step, row: u32, column: u32) -> i32 {
    let index = add_wide(step.index, row * step.columns + column);
    let words = value_words(block_of(index), step.stream, step.seed);
    return fixed_normal(normal_unit(words[index.x & 3u]));
}

// Root of a number of at least 2^60, to nearest.
fn rounded_root(number: vec2<u32>) -> u32 {
    var root = 0u;
    var square = vec2<u32>(0u);
    for (var bit = 32u; bit > 0u; bit -= 1u) {
        let position = bit - 1u;
        // (root + 2^p)² = root² + root · 2^(p + 1) + 2^(2p)
        let doubled = vec2<u32>(root << 1u, root >> 31u);
        var added = shift_left_wide(doubled, position);
        if position < 16u {
            added = add_wides(added, vec2<u32>(1u << (2u * position), 0u));
        } else {
            added = add_wides(added, vec2<u32>(0u, 1u << (2u * position - 32u)));
        }
        let next = add_wides(square, added);
        // No carry out: the square of 32 bits has 64.
        if next.y < number.y || (next.y == number.y && next.x <= number.x) {
            root |= 1u << position;
            square = next;
        }
    }
    let rest = sub_wides(number, square);
    return root + u32(rest.y > 0u || rest.x > root);
}

fn make_scale(sum: vec2<u32>, first: u32) {
    var zeros = countLeadingZeros(sum.y);
    if sum.y == 0u {
        zeros = 32u + countLeadingZeros(sum.x);
    }
    let shift = (zeros - 2u) >> 1u;
    var number = sum;
    if shift >= 16u {
        number = vec2<u32>(0u, number.x);
        number = shift_left_wide(number, 2u * shift - 32u);
    } else {
        number = shift_left_wide(number, 2u * shift);
    }
    let norm = rounded_root(number);
    let top = norm + (first << shift);
    let product = mul_wide(norm, top);
    scale = vec3<u32>(shift, top, rounded_root(shift_left_wide(product, 1u)));
}

fn reflector_entry(is_first: bool, x: i32) -> i32 {
    var numerator = u32(abs(x)) << scale.x;
    if is_first {
        numerator = scale.y;
    }
    let divisor = scale.z;
    let number = add_wides(vec2<u32>(numerator << 30u, numerator >> 2u), vec2<u32>(divisor >> 1u, 0u));
    let quotient = bitcast<i32>(divide_words(number.y, number.x, divisor).x);
    return select(quotient, -quotient, x < 0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let k = workgroup.x;
    let matrix = step.matrix;
    var sum = vec2<u32>(0u);
    for (var row = k + local_index; row < step.rows; row += 256u) {
        let x = u32(abs(gaussian(step, row, k)));
        sum = add_wides(sum, mul_wide(x, x));
    }
    partial[local_index] = sum;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half >>= 1u) {
        if local_index < half {
            partial[local_index] = add_wides(partial[local_index], partial[local_index + half]);
        }
        workgroupBarrier();
    }
    let leading = gaussian(step, k, k);
    let is_zero = partial[0].x == 0u && partial[0].y == 0u;
    let is_single = k + 1u == step.rows;
    if local_index == 0u {
        // A vector of zeros counts as the first unit vector.
        make_scale(select(partial[0], vec2<u32>(1u, 0u), is_zero), select(u32(abs(leading)), 1u, is_zero));
        let flips = select(leading >= 0, leading < 0, is_single);
        small[matrix * small_size(step) + k] = select(1, -1, flips);
    }
    workgroupBarrier();
    for (var row = local_index; row < step.rows; row += 256u) {
        var entry = 0;
        if row >= k && !is_single {
            var x = 1;
            if !(is_zero && row == k) {
                x = gaussian(step, row, k);
            }
            entry = reflector_entry(row == k, x);
        }
        reflectors[(matrix * step.rows + row) * step.columns + k] = entry;
    }
}
