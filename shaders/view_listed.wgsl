// The stored bits of a block's elements: what the host has computed, four for each unit. Twin: src/plan/record.rs (layout).

struct Draw {
    first_unit: u32,  // where the job's units begin in the list
    padding: u32,
}

@group(0) @binding(2) var<storage, read> list: array<vec4<u32>>;

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    return list[draw.first_unit + number];
}
