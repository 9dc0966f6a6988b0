// The stored bits of a block's elements: those of one matrix. Twin: src/plan/record.rs (layout). Depends on: Matrices, element_bits, sub_wides.

struct Draw {
    matrices: Matrices,
    first: vec2<u32>,  // logical index of the matrix' first element (low word, high word)
}

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    var four = vec4<u32>();
    for (var element = 0u; element < 4u; element += 1u) {
        // Before the matrix this wraps to a large number: such elements are not of the view.
        let index = sub_wides(vec2<u32>((block.x << 2u) | element, (block.y << 2u) | (block.x >> 30u)), draw.first);
        if index.y == 0u {
            four[element] = element_bits(draw.matrices, index.x);
        }
    }
    return four;
}
