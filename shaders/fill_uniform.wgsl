// Kernel: uniform. Runs in fill_main.wgsl through group_*.wgsl.
// Clamped in every dtype: rounding must not reach the upper bound.

const CLAMP_F32: bool = true;
const CLAMP_HALF: bool = true;

fn draw_value(draw: Draw, word: u32) -> u32 {
    return draw_uniform(draw, word);
}
