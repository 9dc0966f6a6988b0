// The words of a job whose first element lies anywhere in its Philox block: four words from two blocks.
// Depends on: Draw, block_of, add_wide, value_words, words_from.

// Four words of the job, from the one at 4 * block.
fn draw_words(draw: Draw, block: u32) -> vec4<u32> {
    // The next four words begin with the second of these blocks: written like this, two calls in a row share it.
    let first = block_of(draw.index);
    return words_from(
        draw.index.x & 3u,
        value_words(add_wide(first, block), draw.stream, draw.seed),
        value_words(add_wide(first, block + 1u), draw.stream, draw.seed),
    );
}
