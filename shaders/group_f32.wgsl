// Sixteen bytes of output: four f32 elements. Depends on: Draw, draw_words, draw_value, finish_f32.

fn finish_word(draw: Draw, word: u32) -> u32 {
    return finish_f32(draw, draw_value(draw, word));
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let words = draw_words(draw, group);
    return vec4<u32>(
        finish_word(draw, words.x),
        finish_word(draw, words.y),
        finish_word(draw, words.z),
        finish_word(draw, words.w),
    );
}
