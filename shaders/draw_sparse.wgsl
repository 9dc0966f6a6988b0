// The constants of one fill of a sparse matrix. Twin: src/plan/record.rs (layout).

struct Draw {
    index: vec2<u32>,   // logical index of the first element (low word, high word)
    stream: vec2<u32>,
    seed: vec2<u32>,
    origin: vec2<u32>,  // the element that the matrix begins at
    scale: u32,         // f32 bits
    columns: u32,
    length: u32,        // of a line, below 2^31
    zeros: u32,         // of a line
    by_rows: u32,       // 1: lines are rows
    padding: u32,
}
