//! The lint over every shipped shader, and what it must catch.

mod lint;

use lint::lint;
use wgpu_init::DType;
use wgpu_init::wgsl::{self, Kernel, Products, Table};

/// What the lint says of a module, a line each.
fn rules_broken(source: &str) -> Vec<String> {
    lint(source).iter().map(ToString::to_string).collect()
}

#[test]
fn every_shipped_shader_is_clean() {
    for kernel in Kernel::all() {
        for products in [Products::Native, Products::Portable] {
            for table in [Table::Uniform, Table::Workgroup] {
                let violations = rules_broken(&kernel.source(products, table));
                assert!(violations.is_empty(), "{}: {violations:#?}", kernel.name());
            }
        }
    }
}

/// The shared functions as an engine compiles them, all in use.
#[test]
fn the_shared_functions_are_clean() {
    const KERNEL: &str = include_str!("support/own_kernel.wgsl");
    for products in [Products::Native, Products::Portable] {
        let violations = rules_broken(&(wgsl::shared(products) + KERNEL));
        assert!(violations.is_empty(), "{products:?}: {violations:#?}");
    }
}

/// A kernel around some code: `x` and `y` are per-sample floats, `w` a per-sample word, `u` a uniform, `k` a constant.
fn kernel(functions: &str, body: &str) -> String {
    format!(
        "struct S {{ f: f32, v: vec2<f32> }}
        @group(0) @binding(0) var<uniform> u: vec4<u32>;
        @group(0) @binding(1) var<storage, read_write> output: array<f32>;
        const k: u32 = 7u;
        override o: u32 = 7u;
        {functions}
        @compute @workgroup_size(64)
        fn main(@builtin(global_invocation_id) id: vec3<u32>) {{
            let w = id.x;
            let x = bitcast<f32>(w);
            let y = bitcast<f32>(w ^ 5u);
            {body}
        }}"
    )
}

#[test]
fn what_may_be_contracted_is_caught() {
    for (what, functions, body) in [
        ("product and sum", "", "output[w] = x * y + x;"),
        ("difference", "", "output[w] = x - x * y;"),
        ("negated product", "", "output[w] = x + -(x * y);"),
        ("through a variable", "", "var p = x; p = x * y; output[w] = p + x;"),
        ("through a variable's first value", "", "var p = x * y; p = select(p, x, w > 3u); output[w] = p + x;"),
        ("product of a function", "fn f(a: f32) -> f32 { return a * a; }", "output[w] = f(x) + x;"),
        ("argument of a function", "fn f(a: f32) -> f32 { return a + 1.0; }", "output[w] = f(x * y);"),
        (
            "two functions deep",
            "fn f(a: f32) -> f32 { return a * a; } fn g(a: f32) -> f32 { return f(a); }",
            "output[w] = g(x) + x;",
        ),
        ("through a select", "", "output[w] = select(x, x * y, w > 3u) + y;"),
        ("through a vector", "", "let v = vec2<f32>(x * y, x); output[w] = v.x + x;"),
        ("vector product", "", "let v = vec2<f32>(x, y) * 2.0; let s = v + vec2<f32>(1.0, 1.0); output[w] = s.x;"),
        ("through a structure", "", "var s: S; s.f = x * y; output[w] = s.f + x;"),
        ("through an array", "", "var a: array<f32, 4>; a[w & 3u] = x * y; output[w] = a[0] + x;"),
        ("accumulated in a loop", "", "var s = x; for (var i = 0u; i < 4u; i += 1u) { s = s * y + x; } output[w] = s;"),
        ("bits there and back", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y)) + x;"),
        ("exclusive or with a literal", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y) ^ 1u) + x;"),
        ("exclusive or with a constant", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y) ^ k) + x;"),
        ("exclusive or with an override", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y) ^ o) + x;"),
        ("exclusive or with a uniform", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y) ^ u.x) + x;"),
        ("exclusive or with itself", "", "let p = bitcast<u32>(x * y); output[w] = bitcast<f32>(p ^ p) + x;"),
        ("or, which may be idle", "", "output[w] = bitcast<f32>(bitcast<u32>(x * y) | w) + x;"),
    ] {
        let violations = rules_broken(&kernel(functions, body));
        assert!(violations.iter().any(|v| v.contains("product reaches a float sum")), "{what}: {violations:#?}");
    }
}

#[test]
fn inexact_operations_are_caught() {
    for (body, rule) in [
        ("output[w] = fma(x, y, x);", "float builtin"),
        ("output[w] = sqrt(x);", "float builtin"),
        ("output[w] = abs(x);", "float builtin"),
        ("output[w] = log(x) * sin(y);", "float builtin"),
        ("output[w] = clamp(x, 0.0, 1.0);", "float builtin"),
        ("output[w] = dot(vec2<f32>(x, y), vec2<f32>(y, x));", "float builtin"),
        ("output[w] = bitcast<f32>(pack2x16float(vec2<f32>(x, y)));", "float builtin"),
        ("output[w] = unpack2x16float(w).x;", "float builtin"),
        ("output[w] = x / y;", "division"),
        ("output[w] = x % y;", "division"),
        ("output[w] = f32(w);", "becomes a float"),
        ("output[w] = f32(i32(w >> 8u));", "becomes a float"),
        ("output[w] = bitcast<f32>(u32(x));", "becomes a number"),
    ] {
        let violations = rules_broken(&kernel("", body));
        assert!(violations.iter().any(|v| v.contains(rule)), "{body}: {violations:#?}");
    }
}

#[test]
fn what_is_exact_passes() {
    for (what, functions, body) in [
        ("a lone product", "", "output[w] = x * y;"),
        ("a lone sum", "", "output[w] = x + y;"),
        ("a product of a sum", "", "output[w] = (x + y) * x;"),
        (
            "the guarded affine",
            "",
            "let f = w << 31u; let p = x * bitcast<f32>(bitcast<u32>(y) ^ f); output[w] = bitcast<f32>(bitcast<u32>(p) ^ f) + x;",
        ),
        (
            "the guard in a function",
            "fn g(p: f32, f: u32) -> f32 { return bitcast<f32>(bitcast<u32>(p) ^ f); }",
            "output[w] = g(x * y, w) + x;",
        ),
        ("integers", "", "output[w] = bitcast<f32>(min(w, 3u) * 5u / 2u + (w & u.x));"),
    ] {
        let violations = rules_broken(&kernel(functions, body));
        assert!(violations.is_empty(), "{what}: {violations:#?}");
    }
}

/// The shipped code with its guard taken out, in each of the ways a refactor could do it.
#[test]
fn a_broken_guard_in_the_real_shader_is_caught() {
    const GUARDED: &str = "bitcast<f32>(bitcast<u32>(product) ^ (word & 0x80000000u)) + shift";
    let (uniform, normal) = (Kernel::FillUniform(DType::F32), Kernel::FillNormal(DType::F32));
    let orthogonal = Kernel::FillOrthogonal;
    let narrow = include_str!("../shaders/narrow.wgsl");
    for (kernel, from, to) in [
        (uniform, GUARDED, "product + shift"),
        (uniform, GUARDED, "bitcast<f32>(bitcast<u32>(product) ^ 0u) + shift"),
        (normal, GUARDED, "product + shift"),
        (normal, GUARDED, "bitcast<f32>(bitcast<u32>(product) ^ bitcast<u32>(shift)) + shift"),
        (normal, "bitcast<f32>(entry.x) + local", "bitcast<f32>(entry.x) * 2.0 + local"),
        (orthogonal, include_str!("../shaders/narrow_product.wgsl"), narrow),
    ] {
        let source = kernel.source(Products::Portable, Table::Uniform);
        let broken = source.replace(from, to);
        assert_ne!(broken, source, "the shader has no {from:?} any more");
        let violations = rules_broken(&broken);
        assert!(!violations.is_empty(), "{to:?} was not caught");
    }
}
