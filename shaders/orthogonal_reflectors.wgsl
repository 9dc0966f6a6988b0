// Kernel, second step: a workgroup makes the reflectors of one block, columns of V, from their Gaussians.
// Depends on: Step, divide_words, add_wides, mul_wide. Twin: `reflector` of src/value/orthogonal.rs.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;

// What turns a column of Gaussians into its reflector.
struct Scale {
    shift: u32,
    first: u32,
    norm: u32,
}

// Each of eight invocations sums the squares of every eighth row of a column.
const WAYS = 8u;

var<workgroup> sums: array<vec2<u32>, 256>;
var<workgroup> leading: array<i32, 32>;
var<workgroup> scales: array<Scale, 32>;

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

fn scale_of(sum: vec2<u32>, leading: u32) -> Scale {
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
    let first = norm + (leading << shift);
    let product = mul_wide(norm, first);
    return Scale(shift, first, rounded_root(shift_left_wide(product, 1u)));
}

fn reflector_entry(scale: Scale, is_first: bool, x: i32) -> i32 {
    var numerator = u32(abs(x)) << scale.shift;
    if is_first {
        numerator = scale.first;
    }
    let number = add_wides(vec2<u32>(numerator << 30u, numerator >> 2u), vec2<u32>(scale.norm >> 1u, 0u));
    let quotient = bitcast<i32>(divide_words(number.y, number.x, scale.norm).x);
    return select(quotient, -quotient, x < 0);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let column = local_index & 31u;
    let way = local_index >> 5u;
    let first = workgroup.x * BLOCK;
    let k = first + column;
    let is_column = k < step.columns;
    let offset = step.matrix * step.rows * step.columns + k;
    var sum = vec2<u32>(0u);
    if is_column {
        for (var row = first + way; row < step.rows; row += WAYS) {
            let x = reflectors[offset + row * step.columns];
            if row == k {
                leading[column] = x;
            }
            if row >= k {
                let magnitude = u32(abs(x));
                sum = add_wides(sum, mul_wide(magnitude, magnitude));
            }
        }
    }
    sums[local_index] = sum;
    workgroupBarrier();
    let is_single = k + 1u == step.rows;
    if way == 0u && is_column {
        for (var other = 1u; other < WAYS; other += 1u) {
            sum = add_wides(sum, sums[other * BLOCK + column]);
        }
        let flips = select(leading[column] >= 0, leading[column] < 0, is_single);
        small[step.matrix * small_size(step) + k] = select(1, -1, flips);
        // A vector of zeros counts as the first unit vector.
        if sum.x == 0u && sum.y == 0u {
            sum.x = 1u;
            leading[column] = 1;
        }
        scales[column] = scale_of(sum, u32(abs(leading[column])));
    }
    workgroupBarrier();
    if is_column {
        let scale = scales[column];
        // Above the block nothing is read.
        for (var row = first + way; row < step.rows; row += WAYS) {
            var entry = 0;
            if row == k && !is_single {
                entry = reflector_entry(scale, true, leading[column]);
            } else if row > k {
                entry = reflector_entry(scale, false, reflectors[offset + row * step.columns]);
            }
            reflectors[offset + row * step.columns] = entry;
        }
    }
}
