// fl(shift + fl(scale * unit)), safe from contraction: between product and sum stands an exclusive or with a
// bit of the sample's own word. It is applied to the factor too, so it cancels: (-v) * s = -(v * s) exactly.
// `turned` is that factor: the unit value, its sign changed where the word's highest bit is set. That bit is the inverse of a unit value's
// sign, so the factor is -|unit|, and who has the magnitude puts no sign on before.
// A zero shift changes no bit: the product of a unit value is never zero. Twin: src/value/affine.rs.

fn affine(turned: f32, word: u32, scale: f32, shift: f32) -> f32 {
    let product = scale * turned;
    return bitcast<f32>(bitcast<u32>(product) ^ (word & 0x80000000u)) + shift;
}
