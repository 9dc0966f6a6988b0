// The stored bits of a block's elements: one value everywhere. Twin: src/plan/record.rs (layout).

struct Draw {
    word: u32,  // one element in the low bits
    padding: u32,
}

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    return vec4<u32>(draw.word);
}
