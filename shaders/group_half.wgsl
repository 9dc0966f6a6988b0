// Sixteen bytes of output: eight 16-bit elements.
// Depends on: Draw, draw_words, draw_value, finish_element (of group_f16.wgsl or group_bf16.wgsl).

fn finish_pair(draw: Draw, low: u32, high: u32) -> u32 {
    return finish_element(draw, draw_value(draw, low)) | (finish_element(draw, draw_value(draw, high)) << 16u);
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let a = draw_words(draw, group * 2u);
    let b = draw_words(draw, group * 2u + 1u);
    return vec4<u32>(
        finish_pair(draw, a.x, a.y),
        finish_pair(draw, a.z, a.w),
        finish_pair(draw, b.x, b.y),
        finish_pair(draw, b.z, b.w),
    );
}
