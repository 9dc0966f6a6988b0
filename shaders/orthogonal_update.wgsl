// Kernel, after each projection: Q -= V Y, 32 rows and columns a workgroup. Depends on: Step, multiply_tiles, round_dot.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;
@group(0) @binding(3) var<storage, read_write> frame: array<i32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = step.block + workgroup.x * 32u;
    let top = step.block + workgroup.y * 32u;
    let matrix = step.matrix;
    let left = (local_index >> 4u) * 2u;
    let right = (local_index & 15u) * 2u;
    var dots = Dots();
    for (var start = 0u; start < BLOCK; start += 16u) {
        for (var at = local_index; at < 512u; at += 256u) {
            let i = start + (at >> 5u);
            let row = top + (at & 31u);
            let column = first + (at & 31u);
            var reflector = vec2<i32>(0);
            var entry = vec2<i32>(0);
            if row < step.rows && step.block + i < step.columns {
                reflector = split(reflectors[(matrix * step.rows + row) * step.columns + step.block + i]);
            }
            if column < step.columns && step.block + i < step.columns {
                entry = split(small[small_product(step, matrix) + i * step.columns + column]);
            }
            left_tile[at] = reflector;
            right_tile[at] = entry;
        }
        workgroupBarrier();
        dots = multiply_tiles(dots, left, right);
        workgroupBarrier();
    }
    for (var which = 0u; which < 4u; which += 1u) {
        let row = top + left + (which >> 1u);
        let column = first + right + (which & 1u);
        if row < step.rows && column < step.columns {
            // The product may be 2, one more than i32 has; the difference is an entry again.
            frame[(matrix * step.rows + row) * step.columns + column] -= round_dot(dots, which, 29u);
        }
    }
}
