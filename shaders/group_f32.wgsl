// Sixteen bytes of output: four f32 elements, from one Philox block, or two where the slice starts inside a block.
// Depends on: Draw, value_words, draw_value, finish_f32.

fn finish_word(draw: Draw, word: u32) -> u32 {
    return finish_f32(draw, draw_value(draw, word), CLAMP_F32);
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let index = add_wide(draw.index, group * 4u);
    let block = block_of(index);
    let phase = index.x & 3u;
    var words = value_words(block, draw.stream, draw.seed);
    if phase != 0u {
        words = words_from(phase, words, value_words(add_wide(block, 1u), draw.stream, draw.seed));
    }
    return vec4<u32>(
        finish_word(draw, words.x),
        finish_word(draw, words.y),
        finish_word(draw, words.z),
        finish_word(draw, words.w),
    );
}
