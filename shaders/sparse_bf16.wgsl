// Sparse matrices of bf16. Depends on: narrow.

fn sparse_store(bits: u32) -> u32 {
    return narrow_bf16(bits);
}
