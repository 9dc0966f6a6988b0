// Kernel, last step: elements from the entries of Q, each times its column's sign and the gain, zeros at the other taps; a word of the
// output for each invocation at a time. Twin: src/plan/record.rs (layout). Depends on: Matrices, element_bits, packing_of.

struct Write {
    matrices: Matrices,
    element: u32,   // first element, counted from the first matrix
    elements: u32,
    position: u32,  // of the first element in `output`, in elements
}

@group(0) @binding(0) var<storage, read> writes: array<Write>;
@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let write = writes[workgroup.z];
    let step = grid.x * 256u;
    let start = workgroup.x * 256u + local_index;
    // Words of one, two or four elements; the first and the last may hold some of ours and some of a neighbour.
    let packing = packing_of(write.matrices);
    let ways = 1u << packing;
    let bits = 32u >> packing;
    let first = write.position >> packing;
    let end = (write.position + write.elements + ways - 1u) >> packing;
    for (var word = first + start; word < end; word += step) {
        var value = 0u;
        var mask = 0u;
        for (var way = 0u; way < ways; way += 1u) {
            let n = (word << packing) + way - write.position;
            // Below the first element this wraps to a large number.
            if n < write.elements {
                value |= element_bits(write.matrices, write.element + n) << (way * bits);
                mask |= (0xFFFFFFFFu >> (32u - bits)) << (way * bits);
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
