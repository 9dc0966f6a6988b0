// What the steps of an orthogonal matrix share. Twin: src/value/orthogonal.rs; src/plan/record.rs (layout).
// Workspace: reflectors V and matrix Q, each matrices · rows · columns entries, row by row; and `small` of orthogonal_small.wgsl.

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
