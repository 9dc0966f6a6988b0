// Kernel, for each block from the last: a workgroup makes 32 columns of Y = T VᵀQ.
// Depends on: Step, multiply_rows, add_quarters, four_of_reflectors.

@group(0) @binding(3) var<storage, read_write> frame: array<i32>;

fn four_of_frame(step: Step, row: u32, column: u32) -> vec4<i32> {
    var four = vec4<i32>();
    if row < step.rows {
        let offset = (step.matrix * step.rows + row) * step.columns + column;
        if column < step.columns { four.x = frame[offset]; }
        if column + 1u < step.columns { four.y = frame[offset + 1u]; }
        if column + 2u < step.columns { four.z = frame[offset + 2u]; }
        if column + 3u < step.columns { four.w = frame[offset + 3u]; }
    }
    return four;
}

// Entries of T may be 4, four in a row: only single products fit.
fn add_term(before: Dots, factor: i32, others: Split) -> Dots {
    let high = (factor + 0x4000) >> 15u;
    return add_terms(before, add_products(Terms(), high, factor - (high << 15u), others));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = step.block + workgroup.x * 32u;
    let quarter = local_index >> 6u;
    let left = (local_index >> 3u) & 7u;
    let right = local_index & 7u;
    let tile_row = (local_index >> 3u) & 15u;
    var square = Square();
    for (var start = step.block; start < step.rows; start += 16u) {
        if local_index < 128u {
            left_tile[tile_row * STRIDE + right] = four_of_reflectors(step, start + tile_row, step.block + right * 4u);
        } else {
            right_tile[tile_row * STRIDE + right] = four_of_frame(step, start + tile_row, first + right * 4u);
        }
        workgroupBarrier();
        square = multiply_rows(square, quarter * 4u, left, right);
        workgroupBarrier();
    }
    add_quarters(square, local_index, 30u);
    // T by columns, sixteen at a time, times VᵀQ.
    square = Square();
    let triangular = small_triangular(step, step.matrix, step.block / BLOCK);
    for (var start = 0u; start < BLOCK; start += 16u) {
        if local_index < 128u {
            let offset = triangular + (start + tile_row) * BLOCK + right * 4u;
            let four = vec4<i32>(small[offset], small[offset + 1u], small[offset + 2u], small[offset + 3u]);
            left_tile[tile_row * STRIDE + right] = four;
        }
        workgroupBarrier();
        for (var l = quarter * 4u; l < quarter * 4u + 4u; l += 1u) {
            let factors = left_tile[l * STRIDE + left];
            let others = split(product[(start + l) * 8u + right]);
            square.rows[0] = add_term(square.rows[0], factors.x, others);
            square.rows[1] = add_term(square.rows[1], factors.y, others);
            square.rows[2] = add_term(square.rows[2], factors.z, others);
            square.rows[3] = add_term(square.rows[3], factors.w, others);
        }
        workgroupBarrier();
    }
    add_quarters(square, local_index, 29u);
    for (var at = local_index; at < 1024u; at += 256u) {
        let column = at & 31u;
        if first + column < step.columns {
            let y = product[(at >> 5u) * 8u + (column >> 2u)][column & 3u];
            small[small_product(step, step.matrix) + (at >> 5u) * step.columns + first + column] = y;
        }
    }
}
