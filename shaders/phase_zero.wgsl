// The words of a job whose first element is the first of its Philox block: one block, four words.
// Depends on: Draw, block_of, add_wide, value_words.

// Four words of the job, from the one at 4 * block.
fn draw_words(draw: Draw, block: u32) -> vec4<u32> {
    return value_words(add_wide(block_of(draw.index), block), draw.stream, draw.seed);
}
