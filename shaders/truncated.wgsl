// Word -> word inside a window of the lattice: low + floor((word * range + floor(range / 2)) / 2^32).
// range = 0 stands for 2^32, the whole lattice. Twin: src/value/truncated.rs. Depends on: mul_add_high.

fn truncate_word(word: u32, low: u32, range: u32) -> u32 {
    return select(mul_add_high(word, range, low, range >> 1u), word, range == 0u);
}
