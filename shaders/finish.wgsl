// f32 bits -> bits of the stored element, clamped in the format that is stored.
// Twin: src/value/finish.rs. Depends on: Draw, clamp_bits, narrow_*.

// False where no value can leave its bounds: the host has looked at the least and the greatest.
override clamped: bool = true;

fn finish_f32(draw: Draw, bits: u32) -> u32 {
    if clamped {
        return clamp_bits(bits, draw.low_key, draw.high_key);
    }
    return bits;
}

fn finish_half(draw: Draw, half: u32) -> u32 {
    if clamped {
        return clamp_bits(half << 16u, draw.low_key, draw.high_key) >> 16u;
    }
    return half;
}

fn finish_byte(draw: Draw, byte: u32) -> u32 {
    if clamped {
        return clamp_bits(byte << 24u, draw.low_key, draw.high_key) >> 24u;
    }
    return byte;
}

fn finish_f16(draw: Draw, bits: u32) -> u32 {
    return finish_half(draw, narrow_f16(bits));
}

fn finish_bf16(draw: Draw, bits: u32) -> u32 {
    return finish_half(draw, narrow_bf16(bits));
}

fn finish_f8_e4m3fn(draw: Draw, bits: u32) -> u32 {
    return finish_byte(draw, narrow_f8_e4m3fn(bits));
}

fn finish_f8_e5m2(draw: Draw, bits: u32) -> u32 {
    return finish_byte(draw, narrow_f8_e5m2(bits));
}
