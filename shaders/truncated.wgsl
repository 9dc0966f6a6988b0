// Word -> word inside a window of the lattice: low + floor((word * range + floor(range / 2)) / 2^32).
// range = 0 stands for 2^32, the whole lattice. Twin: src/value/truncated.rs. Depends on: mul_wide.

fn truncate_word(word: u32, low: u32, range: u32) -> u32 {
    if range == 0u {
        return word;
    }
    let product = mul_wide(word, range);
    let half = range >> 1u;
    let carry = u32(product.x + half < half);
    return low + product.y + carry;
}
