// Word -> word inside a window of the 2^32 words: low + floor((word * range + floor(range / 2)) / 2^32).
// range = 0 stands for 2^32, all words. Twin: src/value/truncated.rs. Depends on: mul_add_high.

fn truncate_word(word: u32, low: u32, range: u32) -> u32 {
    // The high word of word * (2^32 - 1) + (2^32 - 1) is the word itself: the choice is the fill's, not each sample's.
    let whole = range == 0u;
    return mul_add_high(
        word,
        select(range, 0xFFFFFFFFu, whole),
        select(low, 0u, whole),
        select(range >> 1u, 0xFFFFFFFFu, whole),
    );
}
