// Sparse matrices of f8_e4m3fn. Depends on: narrow.

fn sparse_store(bits: u32) -> u32 {
    return narrow_f8_e4m3fn(bits);
}
