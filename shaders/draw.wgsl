// The constants that turn words into the values of one fill. Twin: src/plan/record.rs (layout).

struct Draw {
    index: vec2<u32>,  // logical index of the first element (low word, high word)
    stream: vec2<u32>,
    seed: vec2<u32>,
    scale: u32,        // f32 bits
    shift: u32,        // f32 bits
    low_key: u32,      // clamp bounds as order keys; 0 and 0xFFFFFFFF where nothing is clamped
    high_key: u32,
    window_low: u32,   // window of words of a truncated normal; a range of 0 stands for all 2^32
    window_range: u32,
}
