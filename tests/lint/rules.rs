//! The rules, checked on every expression of every function.

use super::flow::{Flow, Place, functions, is_float};
use naga::valid::ModuleInfo;
use naga::{BinaryOperator, Expression, Function, Handle, Module, ScalarKind};
use std::fmt;

/// A forbidden expression.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) function: String,
    pub(crate) rule: &'static str,
    pub(crate) expression: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fn {}: {}: {}", self.function, self.rule, self.expression)
    }
}

pub(crate) const CONTRACTION: &str =
    "a float product reaches a float sum; put an exclusive or with per-sample data between them";
pub(crate) const BUILTIN: &str = "a float builtin, whose last bit a device may choose";
pub(crate) const DIVISION: &str = "a float division or remainder, which may be off by 2.5 ulp";
pub(crate) const TO_FLOAT: &str = "a number becomes a float where it is not known to be exact";
pub(crate) const FROM_FLOAT: &str = "a float becomes a number, which rounds as the device likes";
pub(crate) const OTHER: &str = "an expression that no fill needs";

pub(crate) fn violations(module: &Module, info: &ModuleInfo, flow: &Flow) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (place, function) in functions(module) {
        for (handle, expression) in function.expressions.iter() {
            let float = |handle| is_float(module, info, place, handle);
            if let Some(rule) = broken_rule(module, function, place, flow, float, handle) {
                let name = match place {
                    Place::Function(_) => function.name.clone().unwrap_or_default(),
                    Place::EntryPoint(index) => module.entry_points[index].name.clone(),
                };
                violations.push(Violation { function: name, rule, expression: format!("{expression:?}") });
            }
        }
    }
    violations
}

fn broken_rule(
    module: &Module,
    function: &Function,
    place: Place,
    flow: &Flow,
    float: impl Fn(Handle<Expression>) -> bool,
    handle: Handle<Expression>,
) -> Option<&'static str> {
    match function.expressions[handle] {
        Expression::Binary { op: BinaryOperator::Add | BinaryOperator::Subtract, left, right } if float(handle) => {
            let product = flow.get(place, left).product || flow.get(place, right).product;
            product.then_some(CONTRACTION)
        }
        Expression::Binary { op: BinaryOperator::Divide | BinaryOperator::Modulo, .. } if float(handle) => {
            Some(DIVISION)
        }
        // Builtins of float arguments, and those that make floats of integers or pack them.
        Expression::Math { arg, .. } => (float(handle) || float(arg)).then_some(BUILTIN),
        Expression::As { expr, kind: ScalarKind::Float, convert: Some(_) } if !float(expr) => {
            let exact = function.name.as_deref() == Some("draw_uniform") && is_uniform_unit(module, function, expr);
            (!exact).then_some(TO_FLOAT)
        }
        Expression::As { expr, kind, convert: Some(_) } if float(expr) => Some(match kind {
            ScalarKind::Float => OTHER,
            _ => FROM_FLOAT,
        }),
        Expression::Derivative { .. }
        | Expression::Relational { .. }
        | Expression::ImageSample { .. }
        | Expression::ImageLoad { .. }
        | Expression::CooperativeLoad { .. }
        | Expression::CooperativeMultiplyAdd { .. } => Some(OTHER),
        _ => None,
    }
}

/// The one conversion there is: the result of `uniform_unit`, below 2^24 in magnitude (`src/value/uniform.rs` tests it).
fn is_uniform_unit(module: &Module, function: &Function, expression: Handle<Expression>) -> bool {
    match function.expressions[expression] {
        Expression::CallResult(callee) => module.functions[callee].name.as_deref() == Some("uniform_unit"),
        _ => false,
    }
}
