// Elements of f8_e5m2, in runs and views. Depends on: Draw, finish_f8_e5m2; used by group_byte.wgsl and view_affine.wgsl.

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_f8_e5m2(draw, bits);
}
