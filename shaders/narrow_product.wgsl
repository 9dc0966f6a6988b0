// Same bits as narrow.wgsl, in integers alone: for floats that are products, or a product and no shift. There a compiler may
// make one operation of |a * b| + 0.5, which rounds once instead of twice. Twin: src/value/narrow.rs.

fn narrow_bf16(bits: u32) -> u32 {
    return (bits + 0x7FFFu + ((bits >> 16u) & 1u)) >> 16u;
}

fn narrow_f16(bits: u32) -> u32 {
    let sign = (bits >> 16u) & 0x8000u;
    let magnitude = bits & 0x7FFFFFFFu;
    if magnitude >= 0x38800000u { // at least 2^-14: normal, or infinite from 2^16 on
        return sign | min((magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13u) & 1u)) >> 13u, 0x7C00u);
    }
    // Subnormal: shift the full mantissa into units of 2^-24.
    let shift = min(126u - (magnitude >> 23u), 31u);
    let mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    return sign | ((mantissa + (1u << (shift - 1u)) - 1u + ((mantissa >> shift) & 1u)) >> shift);
}

// Saturates: beyond 448 it is +-448, not NaN.
fn narrow_f8_e4m3fn(bits: u32) -> u32 {
    let sign = (bits >> 24u) & 0x80u;
    let magnitude = bits & 0x7FFFFFFFu;
    if magnitude >= 0x3C800000u { // at least 2^-6: normal
        return sign | min((magnitude - 0x3C000000u + 0x7FFFFu + ((magnitude >> 20u) & 1u)) >> 20u, 0x7Eu);
    }
    // Subnormal: shift the full mantissa into units of 2^-9.
    let shift = min(141u - (magnitude >> 23u), 31u);
    let mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    return sign | ((mantissa + (1u << (shift - 1u)) - 1u + ((mantissa >> shift) & 1u)) >> shift);
}

// Saturates: beyond 57344 it is +-57344, not infinite.
fn narrow_f8_e5m2(bits: u32) -> u32 {
    let sign = (bits >> 24u) & 0x80u;
    let magnitude = bits & 0x7FFFFFFFu;
    if magnitude >= 0x38800000u { // at least 2^-14: normal
        return sign | min((magnitude - 0x38000000u + 0xFFFFFu + ((magnitude >> 21u) & 1u)) >> 21u, 0x7Bu);
    }
    // Subnormal: shift the full mantissa into units of 2^-16.
    let shift = min(134u - (magnitude >> 23u), 31u);
    let mantissa = (magnitude & 0x7FFFFFu) | 0x800000u;
    return sign | ((mantissa + (1u << (shift - 1u)) - 1u + ((mantissa >> shift) & 1u)) >> shift);
}
