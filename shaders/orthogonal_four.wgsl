// Four columns of a row of V, as a tile has them; zeros behind the last row and column. Depends on: Step.

@group(0) @binding(1) var<storage, read_write> reflectors: array<i32>;

fn four_of_reflectors(step: Step, row: u32, column: u32) -> vec4<i32> {
    var four = vec4<i32>();
    if row < step.rows {
        let offset = (step.matrix * step.rows + row) * step.columns + column;
        if column < step.columns { four.x = reflectors[offset]; }
        if column + 1u < step.columns { four.y = reflectors[offset + 1u]; }
        if column + 2u < step.columns { four.z = reflectors[offset + 2u]; }
        if column + 3u < step.columns { four.w = reflectors[offset + 3u]; }
    }
    return four;
}
