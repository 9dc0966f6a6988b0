// Elements of f8_e4m3fn, in runs and views. Depends on: Draw, finish_f8_e4m3fn; used by group_byte.wgsl and view_affine.wgsl.

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_f8_e4m3fn(draw, bits);
}
