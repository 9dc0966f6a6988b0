// Word -> f32 bits of a normal value. Twin: src/value/draw.rs. Depends on: Draw, normal_unit, affine.

fn draw_normal(draw: Draw, word: u32) -> u32 {
    let z = bitcast<f32>(normal_unit(word));
    return bitcast<u32>(affine(z, word, bitcast<f32>(draw.scale), bitcast<f32>(draw.shift)));
}
