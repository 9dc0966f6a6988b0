// Sparse matrices of f32. Depends on: narrow.

const SPARSE_HALVES = 0u;

fn sparse_store(bits: u32) -> u32 {
    return bits;
}
