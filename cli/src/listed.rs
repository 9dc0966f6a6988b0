//! Dtypes as lists of tensors spell them.

use wgpu_init::DType;
use wgpu_init_models::FloatDType;

/// What a tensor's dtype says of drawing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// It is drawn in this dtype.
    Drawn(FloatDType),
    /// Floating-point numbers that this command does not write; they may be drawn in another dtype.
    OtherFloat,
    /// Integers, bools, complex numbers, or parts of numbers: codes and scales of packed weights. No dtype makes random numbers of them.
    NoFloat,
    Unknown,
}

impl Listed {
    /// By the spellings of safetensors and PyTorch.
    pub(crate) fn of(text: &str) -> Self {
        let name = text.trim().to_ascii_uppercase();
        let name = name.strip_prefix("TORCH.").unwrap_or(&name);
        match name {
            "F32" | "FLOAT32" | "FLOAT" => return Self::Drawn(FloatDType::Drawn(DType::F32)),
            "F16" | "FLOAT16" | "HALF" => return Self::Drawn(FloatDType::Drawn(DType::F16)),
            "BF16" | "BFLOAT16" => return Self::Drawn(FloatDType::Drawn(DType::Bf16)),
            "F8_E4M3" | "F8_E4M3FN" | "FLOAT8_E4M3FN" => return Self::Drawn(FloatDType::Drawn(DType::F8E4M3Fn)),
            "F8_E5M2" | "FLOAT8_E5M2" => return Self::Drawn(FloatDType::Drawn(DType::F8E5M2)),
            "F64" | "FLOAT64" | "DOUBLE" => return Self::Drawn(FloatDType::F64),
            "BOOL" | "BYTE" | "CHAR" | "SHORT" | "INT" | "LONG" => return Self::NoFloat,
            _ => {}
        }
        let after = |prefixes: &[&'static str]| prefixes.iter().find_map(|prefix| name.strip_prefix(prefix));
        match (
            after(&["F8_", "FLOAT8_"]),
            after(&["UINT", "INT", "U", "I"]),
            after(&["COMPLEX", "C", "F4", "FLOAT4", "F6", "FLOAT6"]),
        ) {
            (Some(format), ..) if format.starts_with("E4M3") || format.starts_with("E5M2") => Self::OtherFloat,
            (Some(format), ..) if format.starts_with("E8M0") => Self::NoFloat,
            (_, Some("4" | "8" | "16" | "32" | "64" | "128"), _) => Self::NoFloat,
            (.., Some(rest)) if rest.is_empty() || rest.starts_with('_') || matches!(rest, "64" | "128") => {
                Self::NoFloat
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for text in ["F32", "f32", "float32", "torch.float32", " F32 "] {
            assert_eq!(Listed::of(text), Listed::Drawn(DType::F32.into()), "{text}");
        }
        for text in ["F64", "torch.float64", "double"] {
            assert_eq!(Listed::of(text), Listed::Drawn(FloatDType::F64), "{text}");
        }
        for text in ["F8_E4M3", "f8_e4m3fn", "torch.float8_e4m3fn"] {
            assert_eq!(Listed::of(text), Listed::Drawn(DType::F8E4M3Fn.into()), "{text}");
        }
        for text in ["F8_E5M2", "float8_e5m2"] {
            assert_eq!(Listed::of(text), Listed::Drawn(DType::F8E5M2.into()), "{text}");
        }
        for text in ["F8_E4M3FNUZ", "float8_e5m2fnuz", "F8_E4M3B11FNUZ"] {
            assert_eq!(Listed::of(text), Listed::OtherFloat, "{text}");
        }
        for text in [
            "I64",
            "i64",
            "int64",
            "torch.int64",
            "INT32",
            "U8",
            "uint8",
            "byte",
            "long",
            "int",
            "BOOL",
            "torch.bool",
            " I64",
            "complex64",
            "C64",
            "C128",
            "F4",
            "F6_E2M3",
            "F8_E8M0",
            "float8_e8m0fnu",
            "float4_e2m1fn_x2",
        ] {
            assert_eq!(Listed::of(text), Listed::NoFloat, "{text}");
        }
        for text in ["", "qint8", "NF4", "q4_0", "I256", "U300", "E8M0", "fp8", "F", "F3", "CAT"] {
            assert_eq!(Listed::of(text), Listed::Unknown, "{text}");
        }
    }
}
