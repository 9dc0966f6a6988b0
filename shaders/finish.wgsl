// f32 bits -> bits of the stored element, clamped in the format that is stored.
// Twin: src/value/finish.rs. Depends on: Draw, clamp_bits, narrow_f16, narrow_bf16.

fn finish_f32(draw: Draw, bits: u32) -> u32 {
    return clamp_bits(bits, draw.low_key, draw.high_key);
}

fn finish_f16(draw: Draw, bits: u32) -> u32 {
    return clamp_bits(narrow_f16(bits) << 16u, draw.low_key, draw.high_key) >> 16u;
}

fn finish_bf16(draw: Draw, bits: u32) -> u32 {
    return clamp_bits(narrow_bf16(bits) << 16u, draw.low_key, draw.high_key) >> 16u;
}
