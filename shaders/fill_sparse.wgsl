// Kernel of sparse matrices: normal values, zero at some places. Runs in fill_main.wgsl.
// Depends on: Draw (draw_sparse.wgsl), SPARSE_HALVES, finish_element, draw_words, normal_unit, affine, is_sparse_zero.

fn sparse_element(draw: Draw, element: u32, word: u32) -> u32 {
    if is_sparse_zero(draw, add_wide(draw.index, element)) {
        return 0u;
    }
    return finish_element(draw, bitcast<u32>(affine(bitcast<f32>(normal_unit(word)), word, bitcast<f32>(draw.scale), 0.0)));
}

// In loops: written out, as other laws are, the walks of eight elements take a driver that inlines them 40 s to compile.
fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    var stored = vec4<u32>();
    for (var part = 0u; part <= SPARSE_HALVES; part += 1u) {
        let block = (group << SPARSE_HALVES) + part;
        let words = draw_words(draw, block);
        for (var at = 0u; at < 4u; at += 1u) {
            let place = part * 4u + at;
            let bits = sparse_element(draw, block * 4u + at, words[at]);
            stored[place >> SPARSE_HALVES] |= bits << ((place & SPARSE_HALVES) << 4u);
        }
    }
    return stored;
}
