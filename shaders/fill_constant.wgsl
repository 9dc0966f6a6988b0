// Kernel: one storage word everywhere (a 16-bit value stands in both halves). Runs in fill_main.wgsl.

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    return vec4<u32>(draw.scale);
}
