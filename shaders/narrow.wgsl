// f32 bits -> bits of a float of 16 or 8 bits, round to nearest even; finite inputs. Twin: src/value/narrow.rs.

fn narrow_bf16(bits: u32) -> u32 {
    return (bits + 0x7FFFu + ((bits >> 16u) & 1u)) >> 16u;
}

// Both ways are worked out and one is taken: a branch would cost more. The sum's last place is the least subnormal number, so the addition
// rounds a subnormal result; a normal one, and one too large, is rounded in integers.

fn narrow_f16(bits: u32) -> u32 {
    let magnitude = bits & 0x7FFFFFFFu;
    let normal = min((magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13u) & 1u)) >> 13u, 0x7C00u);
    let subnormal = bitcast<u32>(bitcast<f32>(magnitude) + 0.5) - 0x3F000000u;
    return select(normal, subnormal, magnitude < 0x38800000u) | ((bits >> 16u) & 0x8000u);
}

// Saturates: beyond 448 it is +-448, not NaN.
fn narrow_f8_e4m3fn(bits: u32) -> u32 {
    let magnitude = bits & 0x7FFFFFFFu;
    let normal = min((magnitude - 0x3C000000u + 0x7FFFFu + ((magnitude >> 20u) & 1u)) >> 20u, 0x7Eu);
    let subnormal = bitcast<u32>(bitcast<f32>(magnitude) + 16384.0) - 0x46800000u;
    return select(normal, subnormal, magnitude < 0x3C800000u) | ((bits >> 24u) & 0x80u);
}

// Saturates: beyond 57344 it is +-57344, not infinite.
fn narrow_f8_e5m2(bits: u32) -> u32 {
    let magnitude = bits & 0x7FFFFFFFu;
    let normal = min((magnitude - 0x38000000u + 0xFFFFFu + ((magnitude >> 21u) & 1u)) >> 21u, 0x7Bu);
    let subnormal = bitcast<u32>(bitcast<f32>(magnitude) + 128.0) - 0x43000000u;
    return select(normal, subnormal, magnitude < 0x38800000u) | ((bits >> 24u) & 0x80u);
}
