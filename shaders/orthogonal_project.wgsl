// Kernel, for each block from the last: a workgroup makes 32 columns of Y = T VᵀQ.
// Depends on: Step, multiply_tiles, round_dot, round_wide.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;
@group(0) @binding(3) var<storage, read_write> frame: array<i32>;

var<workgroup> product: array<i32, 1024>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = step.block + workgroup.x * 32u;
    let matrix = step.matrix;
    let left = (local_index >> 4u) * 2u;
    let right = (local_index & 15u) * 2u;
    var dots = Dots();
    for (var start = step.block; start < step.rows; start += 16u) {
        for (var at = local_index; at < 512u; at += 256u) {
            let row = start + (at >> 5u);
            let offset = (matrix * step.rows + row) * step.columns;
            var reflector = vec2<i32>(0);
            var entry = vec2<i32>(0);
            if row < step.rows {
                if step.block + (at & 31u) < step.columns {
                    reflector = split(reflectors[offset + step.block + (at & 31u)]);
                }
                if first + (at & 31u) < step.columns {
                    entry = split(frame[offset + first + (at & 31u)]);
                }
            }
            left_tile[at] = reflector;
            right_tile[at] = entry;
        }
        workgroupBarrier();
        dots = multiply_tiles(dots, left, right);
        workgroupBarrier();
    }
    for (var which = 0u; which < 4u; which += 1u) {
        product[(left + (which >> 1u)) * 32u + right + (which & 1u)] = round_dot(dots, which, 30u);
    }
    workgroupBarrier();
    let triangular = small_triangular(step, matrix, step.block / BLOCK);
    for (var which = 0u; which < 4u; which += 1u) {
        let i = left + (which >> 1u);
        let column = right + (which & 1u);
        var sum = vec2<u32>(0u);
        for (var l = i; l < BLOCK; l += 1u) {
            sum = add_wides(sum, signed_product(small[triangular + i * BLOCK + l], product[l * 32u + column]));
        }
        if first + column < step.columns {
            small[small_product(step, matrix) + i * step.columns + first + column] = round_wide(sum, 29u);
        }
    }
}
