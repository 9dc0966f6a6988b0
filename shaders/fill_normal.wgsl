// Kernel: normal. Runs in fill_main.wgsl through group_*.wgsl.
// Unbounded: never clamped.

const CLAMP_F32: bool = false;
const CLAMP_HALF: bool = false;

fn draw_value(draw: Draw, word: u32) -> u32 {
    return draw_normal(draw, word);
}
