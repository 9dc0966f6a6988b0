// Kernel, after each projection: Q -= V Y, 32 rows and columns a workgroup. Depends on: Step, multiply_rows, round_dots.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;
@group(0) @binding(3) var<storage, read_write> frame: array<i32>;

// Four rows of one column of V: a row and a column of the tile are those of its transpose.
fn four_rows(step: Step, row: u32, column: u32) -> vec4<i32> {
    var four = vec4<i32>();
    if column < step.columns {
        let offset = (step.matrix * step.rows + row) * step.columns + column;
        if row < step.rows { four.x = reflectors[offset]; }
        if row + 1u < step.rows { four.y = reflectors[offset + step.columns]; }
        if row + 2u < step.rows { four.z = reflectors[offset + 2u * step.columns]; }
        if row + 3u < step.rows { four.w = reflectors[offset + 3u * step.columns]; }
    }
    return four;
}

fn four_of_product(step: Step, row: u32, column: u32) -> vec4<i32> {
    var four = vec4<i32>();
    if step.block + row < step.columns {
        let offset = small_product(step, step.matrix) + row * step.columns + column;
        if column < step.columns { four.x = small[offset]; }
        if column + 1u < step.columns { four.y = small[offset + 1u]; }
        if column + 2u < step.columns { four.z = small[offset + 2u]; }
        if column + 3u < step.columns { four.w = small[offset + 3u]; }
    }
    return four;
}

// The product may be 2, one more than i32 has; the difference is an entry again.
fn subtract(step: Step, row: u32, column: u32, four: vec4<i32>) {
    if row < step.rows {
        let offset = (step.matrix * step.rows + row) * step.columns + column;
        if column < step.columns { frame[offset] -= four.x; }
        if column + 1u < step.columns { frame[offset + 1u] -= four.y; }
        if column + 2u < step.columns { frame[offset + 2u] -= four.z; }
        if column + 3u < step.columns { frame[offset + 3u] -= four.w; }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = step.block + workgroup.x * 32u;
    let top = step.block + workgroup.y * 32u;
    let left = local_index >> 3u;
    let right = local_index & 7u;
    var square = Square();
    for (var start = 0u; start < BLOCK; start += 16u) {
        for (var at = local_index; at < 128u; at += 64u) {
            // Neighbours of V lie next to each other in the one, of Y in the other.
            left_tile[(at & 15u) * STRIDE + (at >> 4u)] =
                four_rows(step, top + (at >> 4u) * 4u, step.block + start + (at & 15u));
            right_tile[(at >> 3u) * STRIDE + (at & 7u)] = four_of_product(step, start + (at >> 3u), first + (at & 7u) * 4u);
        }
        workgroupBarrier();
        for (var row = 0u; row < 16u; row += 4u) {
            square = multiply_rows(square, row, left, right);
        }
        workgroupBarrier();
    }
    let row = top + left * 4u;
    let column = first + right * 4u;
    subtract(step, row, column, round_dots(square.rows[0], 29u));
    subtract(step, row + 1u, column, round_dots(square.rows[1], 29u));
    subtract(step, row + 2u, column, round_dots(square.rows[2], 29u));
    subtract(step, row + 3u, column, round_dots(square.rows[3], 29u));
}
