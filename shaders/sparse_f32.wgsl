// Sparse matrices of f32. Depends on: narrow.

fn sparse_store(bits: u32) -> u32 {
    return bits;
}
