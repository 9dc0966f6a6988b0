// One element of a fill, for kernels that draw where they need a number: element `index` of the slice that `draw` describes, as the
// fill would store it in f32. Each call computes a Philox block and takes one of its four words; a kernel that needs neighbours
// calls value_words once. Twin: src/cpu/reference.rs. Depends on: Draw, add_wide, block_of, value_words, draw_*, finish_f32.

fn element_word(draw: Draw, index: u32) -> u32 {
    let at = add_wide(draw.index, index);
    return value_words(block_of(at), draw.stream, draw.seed)[at.x & 3u];
}

fn uniform_f32(draw: Draw, index: u32) -> f32 {
    return bitcast<f32>(finish_f32(draw, draw_uniform(draw, element_word(draw, index))));
}

fn normal_f32(draw: Draw, index: u32) -> f32 {
    return bitcast<f32>(finish_f32(draw, draw_normal(draw, element_word(draw, index))));
}

fn truncated_normal_f32(draw: Draw, index: u32) -> f32 {
    return bitcast<f32>(finish_f32(draw, draw_truncated(draw, element_word(draw, index))));
}
