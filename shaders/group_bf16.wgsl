// Elements of bf16. Depends on: Draw, finish_bf16; used by group_half.wgsl.

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_bf16(draw, bits);
}
