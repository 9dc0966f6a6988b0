// Sixteen bytes of output: eight 16-bit elements, from two Philox blocks, or three where the slice starts inside a block.
// Depends on: Draw, value_words, draw_value, finish_element (of group_f16.wgsl or group_bf16.wgsl).

fn finish_pair(draw: Draw, low: u32, high: u32) -> u32 {
    return finish_element(draw, draw_value(draw, low)) | (finish_element(draw, draw_value(draw, high)) << 16u);
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let index = add_wide(draw.index, group * 8u);
    let block = block_of(index);
    let phase = index.x & 3u;
    var a = value_words(block, draw.stream, draw.seed);
    var b = value_words(add_wide(block, 1u), draw.stream, draw.seed);
    if phase != 0u {
        let c = value_words(add_wide(block, 2u), draw.stream, draw.seed);
        a = words_from(phase, a, b);
        b = words_from(phase, b, c);
    }
    return vec4<u32>(
        finish_pair(draw, a.x, a.y),
        finish_pair(draw, a.z, a.w),
        finish_pair(draw, b.x, b.y),
        finish_pair(draw, b.z, b.w),
    );
}
