// Sixteen bytes of output: four f32 elements. Depends on: Draw, draw_words, draw_value, finish_f32.

fn finish_word(draw: Draw, element: u32, word: u32) -> u32 {
    return finish_f32(draw, draw_value(draw, element, word));
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let words = draw_words(draw, group);
    let element = group * 4u;
    return vec4<u32>(
        finish_word(draw, element, words.x),
        finish_word(draw, element + 1u, words.y),
        finish_word(draw, element + 2u, words.z),
        finish_word(draw, element + 3u, words.w),
    );
}
