// Word -> odd integer k, |k| < 2^24: the uniform unit value is k * 2^-24, in (-1, 1), never 0.
// Twin: src/value/uniform.rs.

fn uniform_unit(word: u32) -> i32 {
    return i32(2u * (word >> 8u)) - 16777215;
}
