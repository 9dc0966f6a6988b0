// The stored bits of a block's elements: normal values, zero at some places. One after the other, as in fill_sparse.wgsl.
// Depends on: Draw (draw_sparse.wgsl), value_words, normal_magnitude, affine, is_sparse_zero, sparse_store.

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    let words = value_words(block, draw.stream, draw.seed);
    var four = vec4<u32>();
    for (var element = 0u; element < 4u; element += 1u) {
        if !is_sparse_zero(draw, vec2<u32>((block.x << 2u) | element, (block.y << 2u) | (block.x >> 30u))) {
            let word = words[element];
            let bits = bitcast<u32>(affine(-bitcast<f32>(normal_magnitude(word)), word, bitcast<f32>(draw.scale), 0.0));
            four[element] = sparse_store(bits);
        }
    }
    return four;
}
