// Sixteen bytes of output: eight 16-bit elements.
// Depends on: Draw, draw_words, draw_value, finish_element (of group_f16.wgsl or group_bf16.wgsl).

fn finish_pair(draw: Draw, element: u32, low: u32, high: u32) -> u32 {
    return finish_element(draw, draw_value(draw, element, low))
        | (finish_element(draw, draw_value(draw, element + 1u, high)) << 16u);
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let a = draw_words(draw, group * 2u);
    let b = draw_words(draw, group * 2u + 1u);
    let element = group * 8u;
    return vec4<u32>(
        finish_pair(draw, element, a.x, a.y),
        finish_pair(draw, element + 2u, a.z, a.w),
        finish_pair(draw, element + 4u, b.x, b.y),
        finish_pair(draw, element + 6u, b.z, b.w),
    );
}
