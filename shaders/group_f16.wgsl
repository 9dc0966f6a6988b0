// Elements of f16, in runs and views. Depends on: Draw, finish_f16; used by group_half.wgsl and view_affine.wgsl.

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_f16(draw, bits);
}
