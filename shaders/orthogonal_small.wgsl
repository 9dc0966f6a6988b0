// The small part of the workspace of orthogonal matrices: for each matrix a sign for each column, T of each block (32 · 32 entries), and
// Y (32 rows, a column for each of Q). Depends on: Step.

@group(0) @binding(2) var<storage, read_write> small: array<i32>;

// Entries of `small` for one matrix.
fn small_size(step: Step) -> u32 {
    let blocks = (step.columns + BLOCK - 1u) / BLOCK;
    return step.columns + blocks * BLOCK * BLOCK + BLOCK * step.columns;
}

fn small_triangular(step: Step, matrix: u32, block: u32) -> u32 {
    return matrix * small_size(step) + step.columns + block * BLOCK * BLOCK;
}

fn small_product(step: Step, matrix: u32) -> u32 {
    return small_triangular(step, matrix, (step.columns + BLOCK - 1u) / BLOCK);
}
