// Kernel: the ragged ends of fills, element by element: what does not fill sixteen aligned bytes.
// A 16-bit element replaces its half of a word by two atomic operations that leave the other half alone, so two
// fills may share a word in one dispatch. Twin: src/plan/record.rs (layout).
// Depends on: Draw, value_words, draw_*, finish_*, prepare_table.

// One thread's work: up to 14 elements with one set of constants.
struct Edge {
    kind: u32,      // 0 constant, 1 uniform, 2 normal, 3 truncated normal
    dtype: u32,     // 0 f32, 1 f16, 2 bf16
    elements: u32,
    position: u32,  // of the first element in `output`, in elements
    draw: Draw,
}

override workgroup_size: u32 = 64u;

@group(0) @binding(0) var<storage, read> edges: array<Edge>;
@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;

fn edge_value(edge: Edge, index: vec2<u32>) -> u32 {
    if edge.kind == 0u {
        return edge.draw.scale;
    }
    let words = value_words(block_of(index), edge.draw.stream, edge.draw.seed);
    let word = words_from(index.x & 3u, words, words).x;
    var bits: u32;
    switch edge.kind {
        case 1u: { bits = draw_uniform(edge.draw, word); }
        case 2u: { bits = draw_normal(edge.draw, word); }
        default: { bits = draw_truncated(edge.draw, word); }
    }
    switch edge.dtype {
        case 0u: { return finish_f32(edge.draw, bits, true); }
        case 1u: { return finish_f16(edge.draw, bits, true); }
        default: { return finish_bf16(edge.draw, bits, true); }
    }
}

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    prepare_table(local_index, workgroup_size);
    let thread = (workgroup.y * grid.x + workgroup.x) * workgroup_size + local_index;
    if thread >= arrayLength(&edges) {
        return;
    }
    let edge = edges[thread];
    for (var n = 0u; n < edge.elements; n += 1u) {
        let value = edge_value(edge, add_wide(edge.draw.index, n));
        let position = edge.position + n;
        if edge.dtype == 0u {
            atomicStore(&output[position], value);
        } else {
            let shift = (position & 1u) << 4u;
            atomicAnd(&output[position >> 1u], ~(0xFFFFu << shift));
            atomicOr(&output[position >> 1u], (value & 0xFFFFu) << shift);
        }
    }
}
