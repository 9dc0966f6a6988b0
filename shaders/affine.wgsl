// fl(shift + fl(scale * unit)), safe from contraction: between product and sum stands an exclusive or with a
// bit of the sample's own word. It is applied to the factor too, so it cancels: (-v) * s = -(v * s) exactly.
// The bit is the inverse of a unit value's sign: no shift, and where a compiler sees so, no sign to put on before.
// A zero shift changes no bit: the product of a unit value is never zero. Twin: src/value/affine.rs.

fn affine(unit: f32, word: u32, scale: f32, shift: f32) -> f32 {
    let flip = word & 0x80000000u;
    let product = scale * bitcast<f32>(bitcast<u32>(unit) ^ flip);
    return bitcast<f32>(bitcast<u32>(product) ^ flip) + shift;
}
