//! What each expression carries: an unguarded product, per-sample data. Through variables, calls and results.

use naga::valid::ModuleInfo;
use naga::{
    BinaryOperator, Binding, Block, BuiltIn, Expression, Function, FunctionArgument, Handle, Module, Statement,
};
use std::collections::HashMap;
use std::ops::{BitOr, BitOrAssign};

/// A property set of a value; values join by union.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carries {
    /// A float product whose bits no exclusive or has touched since.
    pub(crate) product: bool,
    /// Data that differs between the invocations of a workgroup, so that no compiler can know it.
    pub(crate) sample: bool,
}

impl BitOr for Carries {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self { product: self.product | other.product, sample: self.sample | other.sample }
    }
}

impl BitOrAssign for Carries {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// Where a function stands in a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Function(Handle<Function>),
    EntryPoint(usize),
}

/// All functions of a module, entry points last.
pub(crate) fn functions(module: &Module) -> impl Iterator<Item = (Place, &Function)> {
    let functions = module.functions.iter().map(|(handle, function)| (Place::Function(handle), function));
    let points = module.entry_points.iter().enumerate();
    functions.chain(points.map(|(index, point)| (Place::EntryPoint(index), &point.function)))
}

/// The types of a function's expressions.
pub(crate) fn is_float(module: &Module, info: &ModuleInfo, place: Place, expression: Handle<Expression>) -> bool {
    let info = match place {
        Place::Function(handle) => &info[handle],
        Place::EntryPoint(index) => info.get_entry_point(index),
    };
    let scalar = info[expression].ty.inner_with(&module.types).scalar();
    scalar.is_some_and(|scalar| scalar.kind == naga::ScalarKind::Float)
}

/// The fixed point of the data flow through a module.
#[derive(Debug, Default, PartialEq, Clone)]
pub(crate) struct Flow {
    expressions: HashMap<(Place, Handle<Expression>), Carries>,
    locals: HashMap<(Place, Handle<naga::LocalVariable>), Carries>,
    globals: HashMap<Handle<naga::GlobalVariable>, Carries>,
    arguments: HashMap<(Handle<Function>, usize), Carries>,
    results: HashMap<Handle<Function>, Carries>,
    /// Whether products are followed yet.
    products: bool,
}

impl Flow {
    /// Per-sample data first: whether an exclusive or guards a product must be known before the product flows through it, since what
    /// has reached a function's arguments stays.
    pub(crate) fn of(module: &Module, info: &ModuleInfo) -> Self {
        let mut flow = Self::default().settled(module, info);
        flow.products = true;
        flow.settled(module, info)
    }

    fn settled(self, module: &Module, info: &ModuleInfo) -> Self {
        let mut flow = self;
        loop {
            let before = flow.clone();
            for (place, function) in functions(module) {
                for (handle, _) in function.expressions.iter() {
                    let carries = flow.expression(module, info, place, function, handle);
                    flow.expressions.insert((place, handle), carries);
                }
                for (handle, variable) in function.local_variables.iter() {
                    let initial = variable.init.map(|init| flow.get(place, init)).unwrap_or_default();
                    *flow.locals.entry((place, handle)).or_default() |= initial;
                }
                flow.block(place, function, &function.body);
            }
            if flow == before {
                return flow;
            }
        }
    }

    pub(crate) fn get(&self, place: Place, expression: Handle<Expression>) -> Carries {
        self.expressions.get(&(place, expression)).copied().unwrap_or_default()
    }

    fn expression(
        &self,
        module: &Module,
        info: &ModuleInfo,
        place: Place,
        function: &Function,
        handle: Handle<Expression>,
    ) -> Carries {
        let get = |handle: Handle<Expression>| self.get(place, handle);
        let all =
            |handles: &[Handle<Expression>]| handles.iter().map(|h| get(*h)).fold(Carries::default(), BitOr::bitor);
        match &function.expressions[handle] {
            Expression::Compose { components, .. } => all(components),
            // What is read at a per-sample place is per-sample data, whatever the array holds.
            Expression::Access { base, index } => get(*base) | Carries { product: false, sample: get(*index).sample },
            Expression::AccessIndex { base, .. } => get(*base),
            Expression::Splat { value, .. } => get(*value),
            Expression::Swizzle { vector, .. } => get(*vector),
            Expression::FunctionArgument(index) => match place {
                Place::EntryPoint(_) => builtin(&function.arguments[*index as usize]),
                Place::Function(handle) => self.arguments.get(&(handle, *index as usize)).copied().unwrap_or_default(),
            },
            Expression::GlobalVariable(variable) => self.globals.get(variable).copied().unwrap_or_default(),
            Expression::LocalVariable(variable) => self.locals.get(&(place, *variable)).copied().unwrap_or_default(),
            Expression::Load { pointer } => get(*pointer),
            Expression::Unary { expr, .. } | Expression::As { expr, .. } => get(*expr),
            Expression::Binary { op, left, right } => {
                let (l, r) = (get(*left), get(*right));
                let mut carries = l | r;
                match op {
                    BinaryOperator::Multiply if is_float(module, info, place, handle) => {
                        carries.product = self.products
                    }
                    // The guard: one side the product's bits, the other per-sample data that is no product.
                    BinaryOperator::ExclusiveOr if l.product != r.product => {
                        let other = if l.product { r } else { l };
                        carries.product = !other.sample;
                    }
                    _ => {}
                }
                carries
            }
            Expression::Select { accept, reject, .. } => get(*accept) | get(*reject),
            Expression::Math { arg, arg1, arg2, arg3, .. } => {
                [Some(*arg), *arg1, *arg2, *arg3].into_iter().flatten().map(get).fold(Carries::default(), BitOr::bitor)
            }
            Expression::CallResult(function) => self.results.get(function).copied().unwrap_or_default(),
            _ => Carries::default(),
        }
    }

    fn block(&mut self, place: Place, function: &Function, block: &Block) {
        for statement in block {
            match statement {
                Statement::Block(block) => self.block(place, function, block),
                Statement::If { accept, reject, .. } => {
                    self.block(place, function, accept);
                    self.block(place, function, reject);
                }
                Statement::Switch { cases, .. } => {
                    cases.iter().for_each(|case| self.block(place, function, &case.body))
                }
                Statement::Loop { body, continuing, .. } => {
                    self.block(place, function, body);
                    self.block(place, function, continuing);
                }
                Statement::Return { value: Some(value) } => {
                    if let Place::Function(handle) = place {
                        let carries = self.get(place, *value);
                        *self.results.entry(handle).or_default() |= carries;
                    }
                }
                Statement::Store { pointer, value } => {
                    let carries = self.get(place, *value);
                    self.store(place, function, *pointer, carries);
                }
                Statement::Call { function: callee, arguments, .. } => {
                    for (index, argument) in arguments.iter().enumerate() {
                        let carries = self.get(place, *argument);
                        *self.arguments.entry((*callee, index)).or_default() |= carries;
                    }
                }
                _ => {}
            }
        }
    }

    /// A store to any part of a variable counts for all of it.
    fn store(&mut self, place: Place, function: &Function, mut pointer: Handle<Expression>, carries: Carries) {
        loop {
            match &function.expressions[pointer] {
                Expression::Access { base, .. } | Expression::AccessIndex { base, .. } => pointer = *base,
                Expression::LocalVariable(variable) => {
                    *self.locals.entry((place, *variable)).or_default() |= carries;
                    return;
                }
                Expression::GlobalVariable(variable) => {
                    *self.globals.entry(*variable).or_default() |= carries;
                    return;
                }
                other => panic!("a store through {other:?}: teach the lint about it"),
            }
        }
    }
}

/// Only what tells invocations of one workgroup apart is per-sample.
fn builtin(argument: &FunctionArgument) -> Carries {
    let sample = matches!(
        argument.binding,
        Some(Binding::BuiltIn(
            BuiltIn::GlobalInvocationId | BuiltIn::LocalInvocationId | BuiltIn::LocalInvocationIndex
        ))
    );
    Carries { product: false, sample }
}
