// Kernel: the ragged ends of fills, what does not fill sixteen aligned bytes, word by word. The host has computed them.
// What is less than a word replaces its part by two atomic operations that leave the others alone, so that
// fills may share a word in one dispatch. Twin: src/plan/record.rs (layout).

// One thread's work.
struct Edge {
    position: u32,  // of the word in `output`
    mask: u32,      // bits of the word that are written
    bits: u32,
}

override workgroup_size: u32 = 64u;

@group(0) @binding(0) var<storage, read> edges: array<Edge>;
@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let thread = (workgroup.y * grid.x + workgroup.x) * workgroup_size + local_index;
    if thread >= arrayLength(&edges) {
        return;
    }
    let edge = edges[thread];
    if edge.mask == 0xFFFFFFFFu {
        atomicStore(&output[edge.position], edge.bits);
    } else {
        atomicAnd(&output[edge.position], ~edge.mask);
        atomicOr(&output[edge.position], edge.bits);
    }
}
