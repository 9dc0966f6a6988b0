// The stored bits of a block's elements: uniform, normal and truncated normal. Depends on: Draw, value_words, draw_value, finish_element.

fn draw_four(draw: Draw, number: u32, block: vec2<u32>) -> vec4<u32> {
    let words = value_words(block, draw.stream, draw.seed);
    return vec4<u32>(
        finish_element(draw, draw_value(draw, words.x)),
        finish_element(draw, draw_value(draw, words.y)),
        finish_element(draw, draw_value(draw, words.z)),
        finish_element(draw, draw_value(draw, words.w)),
    );
}
