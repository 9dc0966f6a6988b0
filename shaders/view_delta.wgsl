// The stored bits of a block's elements: a constant at fixed places and zeros at the others.
// Twins: src/value/delta.rs, src/plan/record.rs (layout). Depends on: divide_wide, add_wides.

struct Draw {
    place: vec2<u32>,  // of the tensor's first element, from where the law begins; negative as two's complement
    inner: u32,
    period: u32,
    limit: u32,
    stride: u32,
    centre: u32,
    word: u32,         // one element in the low bits
    packing: u32,
    padding: u32,
}

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    var four = vec4<u32>();
    for (var element = 0u; element < 4u; element += 1u) {
        let index = vec2<u32>((block.x << 2u) | element, (block.y << 2u) | (block.x >> 30u));
        let place = divide_wide(add_wides(draw.place, index), draw.inner);
        let row = divide_wide(place.xy, draw.period).z;
        four[element] = select(0u, draw.word, row < draw.limit && place.z == row * draw.stride + draw.centre);
    }
    return four;
}
