// Kernel: truncated normal. Runs in fill_main.wgsl through group_*.wgsl.
// The window of words bounds the f32 value; only rounding to 16 or 8 bits can leave it.

fn draw_value(draw: Draw, word: u32) -> u32 {
    return draw_truncated(draw, word);
}
