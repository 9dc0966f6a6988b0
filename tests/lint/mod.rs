//! A lint on naga's IR: what the value contract forbids in a shader.
//!
//! - no builtin of float arithmetic, no float division, `fma`, packing, or interpolation;
//! - numbers become floats only where they are known to be exact;
//! - no float product reaches a float sum, except through an exclusive or with per-sample data. A compiler may contract
//!   `a * b + c`, and may see through an exclusive or with a constant.

use naga::valid::Capabilities;

mod flow;
mod rules;

pub(crate) use rules::Violation;

/// Every violation of a WGSL module.
pub(crate) fn lint(source: &str) -> Vec<Violation> {
    let module = match naga::front::wgsl::parse_str(source) {
        Ok(module) => module,
        Err(error) => panic!("{}", error.emit_to_string(source)),
    };
    // What wgpu would accept: a module must reach the rules to be refused by them.
    let capabilities = Capabilities::SHADER_INT64 | Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    let mut validator = naga::valid::Validator::new(naga::valid::ValidationFlags::all(), capabilities);
    let info = validator.validate(&module).expect("the module is valid");
    let flow = flow::Flow::of(&module, &info);
    rules::violations(&module, &info, &flow)
}
