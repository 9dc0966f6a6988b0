// Kernel, first step: the Gaussians of the reflectors, at the places of V, and Q as the first columns of the identity.
// Depends on: Step, value_words, normal_unit. Twin: `fixed_normal` of src/value/orthogonal.rs.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;
@group(0) @binding(2) var<storage, read_write> frame: array<i32>;

fn fixed_normal(bits: u32) -> i32 {
    let magnitude = bits & 0x7FFFFFFFu;
    let mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    let shift = min(130u - (magnitude >> 23u), 31u);
    let fixed = bitcast<i32>((mantissa + (1u << (shift - 1u))) >> shift);
    return select(fixed, -fixed, (bits >> 31u) == 1u);
}

// A Philox block for each invocation at a time: four entries that follow each other, at the ends fewer.
@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let step = steps[workgroup.z];
    let entries = step.rows * step.columns;
    let first = block_of(step.index);
    let before = step.index.x & 3u;
    // Entries are fewer than 2^32, but those with what comes before them may not be.
    let blocks = (entries >> 2u) + (((entries & 3u) + before + 3u) >> 2u);
    for (var block = workgroup.x * 256u + local_index; block < blocks; block += grid.x * 256u) {
        let words = value_words(add_wide(first, block), step.stream, step.seed);
        for (var way = 0u; way < 4u; way += 1u) {
            // In front of the first entry this wraps to a large number.
            let at = (block << 2u) + way - before;
            if at < entries {
                let place = step.matrix * entries + at;
                reflectors[place] = fixed_normal(normal_unit(words[way]));
                frame[place] = select(0, 0x40000000, at / step.columns == at % step.columns);
            }
        }
    }
}
