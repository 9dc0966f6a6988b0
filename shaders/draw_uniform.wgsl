// Word -> f32 bits of a uniform value; draw.scale = half-width * 2^-24. Twin: src/value/draw.rs.
// Depends on: Draw, uniform_unit, affine.

fn draw_uniform(draw: Draw, word: u32) -> u32 {
    let k = f32(uniform_unit(word)); // exact: |k| < 2^24
    let turned = bitcast<f32>(bitcast<u32>(k) ^ (word & 0x80000000u));
    return bitcast<u32>(affine(turned, word, bitcast<f32>(draw.scale), bitcast<f32>(draw.shift)));
}
