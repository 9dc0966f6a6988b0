// Word -> f32 bits of a normal value. Twin: src/value/draw.rs. Depends on: Draw, normal_magnitude, affine.

fn draw_normal(draw: Draw, word: u32) -> u32 {
    let turned = -bitcast<f32>(normal_magnitude(word));
    return bitcast<u32>(affine(turned, word, bitcast<f32>(draw.scale), bitcast<f32>(draw.shift)));
}
