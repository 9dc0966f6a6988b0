// f32 elements of a view. Depends on: Draw, finish_f32.

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_f32(draw, bits);
}
