// Kernel of sparse matrices: normal values, zero at some places. Runs in fill_main.wgsl through group_*.wgsl.
// Depends on: Draw (draw_sparse.wgsl), normal_unit, affine, is_sparse_zero.

fn draw_value(draw: Draw, element: u32, word: u32) -> u32 {
    if is_sparse_zero(draw, add_wide(draw.index, element)) {
        return 0u;
    }
    return bitcast<u32>(affine(bitcast<f32>(normal_unit(word)), word, bitcast<f32>(draw.scale), 0.0));
}
