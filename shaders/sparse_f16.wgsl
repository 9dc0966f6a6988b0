// Sparse matrices of f16. Depends on: narrow.

fn sparse_store(bits: u32) -> u32 {
    return narrow_f16(bits);
}
