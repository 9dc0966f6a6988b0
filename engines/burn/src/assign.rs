//! What decides how each parameter is filled.

use wgpu_init::Initializer;
use wgpu_init_models::{Assignments, Parameter, Recipe, Result, Rules, Variables};

/// What says how each parameter of a module is filled: a [`Recipe`], [`Rules`], either with variables of the caller's, or one
/// [`Initializer`] for all.
pub trait Assign {
    /// One assignment for each parameter, in their order. Names, shapes and classes are PyTorch's.
    ///
    /// # Errors
    /// Those of [`Rules::assign`] and [`Assignments::of_all`].
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments>;
}

impl Assign for Recipe {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        Self::assign(*self, parameters, &Variables::new())
    }
}

impl Assign for Rules {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        Self::assign(self, parameters, &Variables::new())
    }
}

/// With values for variables of the rules, e.g. `n_layer`.
impl Assign for (Recipe, Variables) {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        self.0.assign(parameters, &self.1)
    }
}

/// With values for variables of the rules.
impl Assign for (&Rules, Variables) {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        self.0.assign(parameters, &self.1)
    }
}

/// The same for every parameter.
impl Assign for Initializer {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        Assignments::of_all(*self, parameters, &|_| true)
    }
}

impl<T: Assign + ?Sized> Assign for &T {
    fn assign(&self, parameters: &[Parameter]) -> Result<Assignments> {
        (**self).assign(parameters)
    }
}
