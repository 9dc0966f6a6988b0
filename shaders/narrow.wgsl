// f32 bits -> 16-bit float bits, round to nearest even, in integers; finite inputs. Twin: src/value/narrow.rs.

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
