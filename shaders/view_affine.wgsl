// The stored bits of a block's elements: uniform, normal and truncated normal. Depends on: Draw, value_words, draw_value, finish_*.

fn finish_by(draw: Draw, dtype: u32, bits: u32) -> u32 {
    switch dtype {
        case 0u: { return finish_f32(draw, bits); }
        case 1u: { return finish_f16(draw, bits); }
        default: { return finish_bf16(draw, bits); }
    }
}

fn draw_four(draw: Draw, dtype: u32, number: u32, block: vec2<u32>) -> vec4<u32> {
    let words = value_words(block, draw.stream, draw.seed);
    return vec4<u32>(
        finish_by(draw, dtype, draw_value(draw, words.x)),
        finish_by(draw, dtype, draw_value(draw, words.y)),
        finish_by(draw, dtype, draw_value(draw, words.z)),
        finish_by(draw, dtype, draw_value(draw, words.w)),
    );
}
