// Word -> f32 bits of a truncated normal value. Twin: src/value/draw.rs. Depends on: draw_normal, truncate_word.

fn draw_truncated(draw: Draw, word: u32) -> u32 {
    return draw_normal(draw, truncate_word(word, draw.window_low, draw.window_range));
}
