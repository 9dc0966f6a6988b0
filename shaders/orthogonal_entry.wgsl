// An element of orthogonal matrices: an entry of Q times its column's sign and the gain, zero at the other taps.
// Twins: src/value/orthogonal.rs (`Frames`, `scaled_entry`), src/plan/record.rs (layout). Depends on: narrow_*.

struct Matrices {
    rows: u32,      // of a matrix as it lies in the tensor
    columns: u32,
    taps: u32,
    centre: u32,
    taps_first: u32,  // 1: taps are the outer axes
    dtype: u32,     // 0 f32, 1 f16, 2 bf16, 3 f8_e4m3fn, 4 f8_e5m2
    gain: u32,      // f32 bits
    matrix: u32,    // the first matrix' place in the workspace
}

@group(0) @binding(2) var<storage, read_write> small: array<i32>;
@group(0) @binding(3) var<storage, read_write> frame: array<i32>;

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

fn element_bits(frames: Matrices, element: u32) -> u32 {
    let entries = frames.rows * frames.columns;
    let matrix = frames.matrix + element / (entries * frames.taps);
    let inside = element % (entries * frames.taps);
    var tap = inside % frames.taps;
    var entry = inside / frames.taps;
    if frames.taps_first == 1u {
        tap = inside / entries;
        entry = inside % entries;
    }
    if tap != frames.centre {
        return 0u;
    }
    var row = entry / frames.columns;
    var column = entry % frames.columns;
    var tall = frames.rows;
    var wide = frames.columns;
    if tall < wide {
        let swapped = row;
        row = column;
        column = swapped;
        tall = frames.columns;
        wide = frames.rows;
    }
    let blocks = (wide + 31u) / 32u;
    let signs = matrix * (wide + blocks * 1024u + 32u * wide);
    let bits = scaled_entry(frame[(matrix * tall + row) * wide + column] * small[signs + column], frames.gain);
    switch frames.dtype {
        case 0u: { return bits; }
        case 1u: { return narrow_f16(bits); }
        case 2u: { return narrow_bf16(bits); }
        case 3u: { return narrow_f8_e4m3fn(bits); }
        default: { return narrow_f8_e5m2(bits); }
    }
}

// log2 of the elements in a word of the output.
fn packing_of(frames: Matrices) -> u32 {
    return u32(frames.dtype >= 1u) + u32(frames.dtype >= 3u);
}
