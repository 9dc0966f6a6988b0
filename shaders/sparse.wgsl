// Which elements of a matrix are zero: a permutation for each line, by an alternating Feistel network.
// Twin: src/value/sparse.rs. Depends on: Draw (draw_sparse.wgsl), philox4x32_10, divide_wide, add_wides.

const SPARSE_ROUNDS = 24u;

fn sparse_mix(value: u32) -> u32 {
    var x = value;
    x ^= x >> 16u;
    x *= 0x21F0AAADu;
    x ^= x >> 15u;
    x *= 0x735A2D97u;
    return x ^ (x >> 15u);
}

fn permuted(position: u32, length: u32, keys: vec4<u32>) -> u32 {
    let bits = max(32u - countLeadingZeros(length - 1u), 2u);
    let low_bits = bits >> 1u;
    let low_mask = (1u << low_bits) - 1u;
    let high_mask = (1u << (bits - low_bits)) - 1u;
    // Walks from inside 0..length come back there; from outside they need not, so that nothing may begin there.
    var at = position % length;
    loop {
        var low = at & low_mask;
        var high = at >> low_bits;
        for (var round = 0u; round < SPARSE_ROUNDS; round += 1u) {
            let key = keys[round & 3u] + round * 0x9E3779B9u;
            if (round & 1u) == 0u {
                high ^= sparse_mix(low ^ key) & high_mask;
            } else {
                low ^= sparse_mix(high ^ key) & low_mask;
            }
        }
        at = (high << low_bits) | low;
        if at < length {
            break;
        }
    }
    return at;
}

fn is_sparse_zero(draw: Draw, index: vec2<u32>) -> bool {
    let place = divide_wide(sub_wides(index, draw.origin), draw.columns);
    var line = vec2<u32>(place.z, 0u);
    var position = place.x;
    if draw.by_rows == 1u {
        line = place.xy;
        position = place.z;
    }
    let counter = add_wides(draw.origin, line);
    // Purpose 1 in the two top bits: auxiliary draws.
    let keys = philox4x32_10(vec4<u32>(counter.x, (counter.y & 0x3FFFFFFFu) | 0x40000000u, draw.stream), draw.seed);
    return permuted(position, draw.length, keys) < draw.zeros;
}
