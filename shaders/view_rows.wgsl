// A unit of a view whose rows are whole groups of 16 bytes, each beginning with a Philox block.
// Depends on: Draw, Unit, draw_four, store_group.

struct Place {
    run: u32,
    run_stride: u32,
    dtype: u32,
    halves: u32,
    wide: u32,
    wide_step: vec2<u32>,
}

fn write_unit(draw: Draw, place: Place, number: u32, unit: Unit) {
    let block = add_wide(block_of(unit.index), unit.block << place.halves);
    let four = draw_four(draw, place.dtype, number, block);
    if place.halves == 0u {
        store_group(unit.position, four);
        return;
    }
    let next = draw_four(draw, place.dtype, number, add_wide(block, 1u));
    store_group(
        unit.position,
        vec4<u32>(four.x | (four.y << 16u), four.z | (four.w << 16u), next.x | (next.y << 16u), next.z | (next.w << 16u)),
    );
}
