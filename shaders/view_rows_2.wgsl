// A unit of a view whose rows are whole groups of 16 bytes, each beginning with a Philox block: eight elements of 16 bits.
// Depends on: Draw, Unit, block_of, draw_four, store_group.

// A row's groups are neighbours in memory.
fn is_run(axis: u32, run_axis: u32) -> bool {
    return axis == 0u;
}

fn draw_unit(draw: Draw, place: Place, number: u32, unit: Unit) -> vec4<u32> {
    let block = add_wide(block_of(unit.index), unit.block * 2u);
    let a = draw_four(draw, number, block);
    let b = draw_four(draw, number, add_wide(block, 1u));
    return vec4<u32>(a.x | (a.y << 16u), a.z | (a.w << 16u), b.x | (b.y << 16u), b.z | (b.w << 16u));
}

fn store_unit(place: Place, unit: Unit, stored: vec4<u32>) {
    store_group(unit.position, stored);
}
