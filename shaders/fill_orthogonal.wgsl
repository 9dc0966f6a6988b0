// Kernel, last step: elements from the entries of Q, each times its column's sign and the gain, zeros at the other taps; a word of the
// output for each invocation at a time. Twin: src/value/orthogonal.rs (`Frames`, `scaled_entry`); src/plan/record.rs (layout).
// Depends on: narrow_f16, narrow_bf16.

struct Write {
    rows: u32,      // of a matrix as it lies in the tensor
    columns: u32,
    taps: u32,
    centre: u32,
    taps_first: u32,  // 1: taps are the outer axes
    dtype: u32,     // 0 f32, 1 f16, 2 bf16
    gain: u32,      // f32 bits
    matrix: u32,    // the first matrix' place in the workspace
    element: u32,   // first element, counted from that matrix
    elements: u32,
    position: u32,  // of the first element in `output`, in elements
}

@group(0) @binding(0) var<storage, read> writes: array<Write>;
@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> frame: array<i32>;
@group(0) @binding(2) var<storage, read_write> small: array<i32>;

fn scaled_entry(entry: i32, gain: u32) -> u32 {
    if entry == 0 {
        return 0u;
    }
    let magnitude = u32(abs(entry));
    let top = countLeadingZeros(magnitude);
    var mantissa = magnitude;
    if top >= 8u {
        mantissa <<= top - 8u;
    } else {
        let shift = 8u - top;
        mantissa = (magnitude + (1u << (shift - 1u)) - 1u + ((magnitude >> shift) & 1u)) >> shift;
    }
    let value = bitcast<f32>(((127u - top) << 23u) + mantissa);
    let product = value * bitcast<f32>(gain & 0x7FFFFFFFu);
    return bitcast<u32>(product) | ((bitcast<u32>(entry) ^ gain) & 0x80000000u);
}

fn element_bits(write: Write, element: u32) -> u32 {
    let entries = write.rows * write.columns;
    let matrix = write.matrix + element / (entries * write.taps);
    let inside = element % (entries * write.taps);
    var tap = inside % write.taps;
    var entry = inside / write.taps;
    if write.taps_first == 1u {
        tap = inside / entries;
        entry = inside % entries;
    }
    if tap != write.centre {
        return 0u;
    }
    var row = entry / write.columns;
    var column = entry % write.columns;
    var tall = write.rows;
    var wide = write.columns;
    if tall < wide {
        let swapped = row;
        row = column;
        column = swapped;
        tall = write.columns;
        wide = write.rows;
    }
    let blocks = (wide + 31u) / 32u;
    let signs = matrix * (wide + blocks * 1024u + 32u * wide);
    let bits = scaled_entry(frame[(matrix * tall + row) * wide + column] * small[signs + column], write.gain);
    switch write.dtype {
        case 0u: { return bits; }
        case 1u: { return narrow_f16(bits); }
        default: { return narrow_bf16(bits); }
    }
}

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let write = writes[workgroup.z];
    let step = grid.x * 256u;
    let start = workgroup.x * 256u + local_index;
    if write.dtype == 0u {
        for (var n = start; n < write.elements; n += step) {
            atomicStore(&output[write.position + n], element_bits(write, write.element + n));
        }
        return;
    }
    // Words of two elements; the first and the last may hold one of ours and one of a neighbour.
    let first = write.position >> 1u;
    let end = (write.position + write.elements + 1u) >> 1u;
    for (var word = first + start; word < end; word += step) {
        var value = 0u;
        var mask = 0u;
        for (var half = 0u; half < 2u; half += 1u) {
            let n = word * 2u + half - write.position;
            // Below the first element this wraps to a large number.
            if n < write.elements {
                value |= element_bits(write, write.element + n) << (half * 16u);
                mask |= 0xFFFFu << (half * 16u);
            }
        }
        if mask == 0xFFFFFFFFu {
            atomicStore(&output[word], value);
        } else {
            atomicAnd(&output[word], ~mask);
            atomicOr(&output[word], value);
        }
    }
}
