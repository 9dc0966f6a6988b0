// Sparse matrices of f32: an element to a word. Depends on: Draw, finish_f32.

const SPARSE_HALVES = 0u;

fn finish_element(draw: Draw, bits: u32) -> u32 {
    return finish_f32(draw, bits);
}
