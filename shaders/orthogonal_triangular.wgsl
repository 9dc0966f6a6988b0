// Kernel, second step: a workgroup makes T of one block from VᵀV. Depends on: Step, multiply_tiles, round_dot, round_wide.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;

var<workgroup> gram: array<i32, 1024>;
var<workgroup> triangular: array<i32, 1024>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = workgroup.x * BLOCK;
    let matrix = step.matrix;
    let left = (local_index >> 4u) * 2u;
    let right = (local_index & 15u) * 2u;
    var dots = Dots();
    for (var start = first; start < step.rows; start += 16u) {
        for (var at = local_index; at < 512u; at += 256u) {
            let row = start + (at >> 5u);
            let column = first + (at & 31u);
            var entry = vec2<i32>(0);
            if row < step.rows && column < step.columns {
                entry = split(reflectors[(matrix * step.rows + row) * step.columns + column]);
            }
            left_tile[at] = entry;
            right_tile[at] = entry;
        }
        workgroupBarrier();
        dots = multiply_tiles(dots, left, right);
        workgroupBarrier();
    }
    for (var which = 0u; which < 4u; which += 1u) {
        let at = (left + (which >> 1u)) * BLOCK + right + (which & 1u);
        gram[at] = round_dot(dots, which, 30u);
        triangular[at] = 0;
    }
    workgroupBarrier();
    for (var j = 0u; j < BLOCK; j += 1u) {
        let i = local_index;
        if i < j {
            var sum = vec2<u32>(0u);
            for (var l = i; l < j; l += 1u) {
                sum = add_wides(sum, signed_product(triangular[i * BLOCK + l], gram[l * BLOCK + j]));
            }
            triangular[i * BLOCK + j] = -round_wide(sum, 29u);
        } else if i == j {
            triangular[i * BLOCK + j] = 0x20000000;
        }
        workgroupBarrier();
    }
    for (var at = local_index; at < 1024u; at += 256u) {
        small[small_triangular(step, matrix, workgroup.x) + at] = triangular[at];
    }
}
