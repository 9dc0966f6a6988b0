// Sixteen bytes of output: sixteen 8-bit elements, four at a time. Written out, drivers that emulate a GPU compile them for seconds.
// Depends on: Draw, draw_words, draw_value, finish_element (of group_f8_e4m3fn.wgsl or group_f8_e5m2.wgsl).

fn finish_four(draw: Draw, words: vec4<u32>) -> u32 {
    return finish_element(draw, draw_value(draw, words.x))
        | (finish_element(draw, draw_value(draw, words.y)) << 8u)
        | (finish_element(draw, draw_value(draw, words.z)) << 16u)
        | (finish_element(draw, draw_value(draw, words.w)) << 24u);
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    var stored = vec4<u32>();
    for (var part = 0u; part < 4u; part += 1u) {
        // The first one in ends up first.
        stored = vec4<u32>(stored.yzw, finish_four(draw, draw_words(draw, group * 4u + part)));
    }
    return stored;
}
