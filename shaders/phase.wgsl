// The words of a job: four at a time. Depends on: Draw, block_of, add_wide, value_words, words_from.

// Whether every job's first element is the first of its Philox block: one block gives four words. Else they come from two.
override aligned: bool = true;

// Four words of the job, from the one at 4 * block.
fn draw_words(draw: Draw, block: u32) -> vec4<u32> {
    let first = block_of(draw.index);
    let words = value_words(add_wide(first, block), draw.stream, draw.seed);
    if aligned {
        return words;
    }
    // The next four words begin with this second block: written like this, two calls in a row share it.
    return words_from(draw.index.x & 3u, words, value_words(add_wide(first, block + 1u), draw.stream, draw.seed));
}
