// What the steps of an orthogonal matrix share. Twin: src/value/orthogonal.rs; src/plan/record.rs (layout).
// Workspace: reflectors V and matrix Q, each matrices · rows · columns entries, row by row; and, in `small`, for each matrix: a sign
// for each column, T of each block (32 · 32 entries), and Y (32 rows, a column for each of Q).

// One matrix in one dispatch: matrices of one size are worked on together.
struct Step {
    index: vec2<u32>,  // element whose word is the first Gaussian's
    stream: vec2<u32>,
    seed: vec2<u32>,
    rows: u32,      // of the tall matrix
    columns: u32,   // at most rows
    block: u32,     // first column of the block of reflectors
    matrix: u32,    // its place in the workspace
}

const BLOCK = 32u;

@group(0) @binding(0) var<storage, read> steps: array<Step>;
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
