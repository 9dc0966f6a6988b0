// Kernel of sparse matrices: normal values, zero at some places. Runs in fill_main.wgsl. One element after the other: written out, the
// permutations of eight take some compilers a minute.
// Depends on: Draw (draw_sparse.wgsl), draw_words, normal_magnitude, affine, is_sparse_zero, sparse_store, PACKING.

fn sparse_element(draw: Draw, index: vec2<u32>, word: u32) -> u32 {
    if is_sparse_zero(draw, index) {
        return 0u;
    }
    let product = affine(-bitcast<f32>(normal_magnitude(word)), word, bitcast<f32>(draw.scale), 0.0);
    return sparse_store(bitcast<u32>(product));
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let first = add_wide(draw.index, group * (4u << PACKING));
    var stored = vec4<u32>();
    for (var part = 0u; part < (1u << PACKING); part += 1u) {
        let index = add_wide(first, part * 4u);
        let words = draw_words(draw, (group << PACKING) + part);
        for (var at = 0u; at < 4u; at += 1u) {
            let element = part * 4u + at;
            let bits = sparse_element(draw, add_wide(index, at), words[at]);
            stored[element >> PACKING] |= bits << ((element & ((1u << PACKING) - 1u)) * (32u >> PACKING));
        }
    }
    return stored;
}
