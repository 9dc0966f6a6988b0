// A unit of a view whose rows are whole groups of 16 bytes, each beginning with a Philox block: sixteen elements of 8 bits.
// Depends on: Draw, Unit, block_of, draw_four, store_group.

// A row's groups are neighbours in memory.
fn is_run(axis: u32, run_axis: u32) -> bool {
    return axis == 0u;
}

fn draw_unit(draw: Draw, place: Place, number: u32, unit: Unit) -> vec4<u32> {
    let block = add_wide(block_of(unit.index), unit.block * 4u);
    var stored = vec4<u32>();
    for (var part = 0u; part < 4u; part += 1u) {
        let four = draw_four(draw, number, add_wide(block, part));
        // The first one in ends up first.
        stored = vec4<u32>(stored.yzw, four.x | (four.y << 8u) | (four.z << 16u) | (four.w << 24u));
    }
    return stored;
}

fn store_unit(place: Place, unit: Unit, stored: vec4<u32>) {
    store_group(unit.position, stored);
}
