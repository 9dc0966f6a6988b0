// From (seed, stream, logical element index) to the element's 32-bit word.
// 64-bit integers are vec2<u32>(low word, high word). Twin: src/value/word.rs. Depends on: philox4x32_10.

fn add_wide(a: vec2<u32>, b: u32) -> vec2<u32> {
    let low = a.x + b;
    return vec2<u32>(low, a.y + u32(low < b));
}

// The Philox block that holds a logical index: index >> 2, 62 bits.
fn block_of(index: vec2<u32>) -> vec2<u32> {
    return vec2<u32>((index.x >> 2u) | (index.y << 30u), index.y >> 2u);
}

// The four words of one block; the two top bits of the counter hold the purpose, 0 for values.
fn value_words(block: vec2<u32>, stream: vec2<u32>, seed: vec2<u32>) -> vec4<u32> {
    return philox4x32_10(vec4<u32>(block, stream), seed);
}

// Four consecutive words of two neighbouring blocks, from position `phase` (0..3) of the first.
fn words_from(phase: u32, first: vec4<u32>, second: vec4<u32>) -> vec4<u32> {
    switch phase {
        case 1u: { return vec4<u32>(first.yzw, second.x); }
        case 2u: { return vec4<u32>(first.zw, second.xy); }
        case 3u: { return vec4<u32>(first.w, second.xyz); }
        default: { return first; }
    }
}
