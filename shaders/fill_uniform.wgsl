// Kernel: uniform. Runs in fill_main.wgsl through group_*.wgsl.

fn draw_value(draw: Draw, word: u32) -> u32 {
    return draw_uniform(draw, word);
}
