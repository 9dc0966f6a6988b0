//! How one parameter of a model is filled.

use crate::rules::{check_streams, parameter_error};
use crate::{Error, Experts, FloatDType, Integers, Parameter, Result};
use core::ops::Range;
use std::collections::HashSet;
use wgpu_init::{DType, Distribution, Fill, Initializer, Part, Seed, Stream, View, pack};

/// A parameter with everything that decides its values but the model's seed and the dtype it is listed with.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The parameter.
    pub parameter: Parameter,
    /// What it holds.
    pub values: Values,
    /// The dtype that its rule says, which goes before the one it is listed with. [`Integers`] have one of their own.
    pub dtype: Option<FloatDType>,
    /// Another seed than the model's.
    pub seed: Option<Seed>,
    /// Index of the rule that decided, counted from 0 in the order of the file, for [`Rules::describe`](crate::Rules::describe).
    ///
    /// - `usize::MAX` if no rule is for the parameter and the caller leaves it out ([`Assignments::left_out`]).
    /// - 0 if there are no rules: under one initializer for all ([`Assignments::of_all`]), and for a tensor that was read from a checkpoint.
    pub rule: usize,
}

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Nothing that is known here: the rules skip it, or the caller left it out.
    Skipped,
    /// Floating-point numbers of a distribution.
    Drawn(Drawn),
    /// Integers or bools. Executors do not fill them: they are made where a checkpoint is written.
    Integers(Integers),
}

/// What a parameter is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// The initializer with all its numbers.
    pub initializer: Initializer,
    /// What it is for this shape.
    pub distribution: Distribution,
    /// Rows with distributions of their own.
    pub parts: Vec<Part>,
    /// The name that selects the stream: the parameter's own, another's for tied parameters, or what a rule says.
    pub stream: String,
    /// The parameter that this one is identical to.
    pub tied_to: Option<String>,
    /// Where it stacks the weights of experts that have streams of their own: then `distribution` is that of one weight, and `stream` is not
    /// drawn from.
    pub experts: Option<Box<Experts>>,
}

impl Drawn {
    /// Disjoint stretches that cover the tensor, in order.
    #[must_use]
    pub fn stretches(&self, elements: u64) -> Vec<Part> {
        match &self.experts {
            Some(experts) => experts.stretches(self.distribution, elements),
            None => Part::cover(&self.parts, self.distribution, elements),
        }
    }
}

impl Assignment {
    /// What it is drawn from, if it is.
    #[must_use]
    pub const fn drawn(&self) -> Option<&Drawn> {
        match &self.values {
            Values::Drawn(drawn) => Some(drawn),
            Values::Skipped | Values::Integers(_) => None,
        }
    }

    /// The dtype that executors fill it in: what its rule says, else `listed`; f32 for f64.
    #[must_use]
    pub fn dtype_or(&self, listed: DType) -> DType {
        self.dtype.map_or(listed, FloatDType::drawn)
    }

    /// The fills of `elements` (row-major positions in the whole tensor), the first of them at byte `at`: none if the parameter
    /// is not drawn, several if it has parts. `listed` is the dtype of a parameter whose rule says none.
    #[must_use]
    pub fn fills(&self, seed: Seed, listed: DType, elements: Range<u64>, at: u64) -> Vec<Fill> {
        let Some(drawn) = self.drawn() else { return Vec::new() };
        let tensor = self.parameter.shape.elements();
        Part::fills(&drawn.stretches(tensor), tensor, &elements, at, |fill| self.keyed(fill, drawn, seed, listed))
    }

    /// The fills of a view of the parameter, whose first element goes to byte `at`: of a shard, or transposed. Each stretch with a
    /// distribution of its own writes what it has in the view.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, DType, Seed, View};
    /// use wgpu_init_models::Config;
    /// let config: Config = r#"{"model_type": "gpt2", "n_layer": 2, "n_embd": 32, "n_head": 2, "n_positions": 16, "vocab_size": 100}"#.parse()?;
    /// let model = config.recipe().assign(config.parameters(), config.variables())?;
    /// let weight = model.list.iter().find(|one| one.parameter.name == "transformer.h.0.mlp.c_fc.weight").expect("a weight");
    /// let columns = View::new(&weight.parameter.shape).shard(1, 0, 4)?; // 32 rows of 128 / 4
    /// let mut shard = [0; 32 * 32 * 4];
    /// CpuExecutor::new().run_in(&mut shard, weight.view_fills(Seed::new(42), DType::F32, &columns, 0))?;
    /// # assert_ne!(shard[..16], [0; 16]);
    /// # Ok::<(), wgpu_init_models::Error>(())
    /// ```
    #[must_use]
    pub fn view_fills(&self, seed: Seed, listed: DType, view: &View, at: u64) -> Vec<Fill> {
        let Some(drawn) = self.drawn() else { return Vec::new() };
        let tensor = self.parameter.shape.elements();
        let fill = |part: &Part| self.keyed(Fill::of_part(tensor, part), drawn, seed, listed);
        drawn.stretches(tensor).iter().map(|part| fill(part).at(at).view(view.clone())).collect()
    }

    /// The name is for messages, the stream for the values.
    fn keyed(&self, fill: Fill, drawn: &Drawn, seed: Seed, listed: DType) -> Fill {
        let (seed, stream) = (self.seed.unwrap_or(seed), Stream::from_name(&drawn.stream));
        fill.named(seed, &self.parameter.name).keyed(seed, stream).dtype(self.dtype_or(listed))
    }
}

/// What a list of rules makes of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignments {
    /// One per parameter, in order.
    pub list: Vec<Assignment>,
    /// Rules that decided nothing.
    pub dead: Vec<DeadRule>,
    /// Positions of parameters that are not drawn because the caller said so, and not because a rule skips them.
    pub left_out: Vec<usize>,
}

impl Assignments {
    /// The bytes of each parameter in one target, in order, as [`pack`] places them from byte `at` on; those that are not drawn take no
    /// room. `listed` is the dtype of parameters whose rule says none.
    ///
    /// A buffer that ends with them has whole 32-bit words: its size is the last one's `end.next_multiple_of(4)`.
    ///
    /// # Errors
    /// [`wgpu_init::Error::Fill`] around more than 2^64 bytes.
    pub fn bytes(&self, listed: DType, at: u64) -> Result<Vec<Range<u64>>> {
        let size = |one: &Assignment| if one.drawn().is_some() { one.parameter.shape.elements() } else { 0 };
        Ok(pack(self.list.iter().map(|one| (size(one), one.dtype_or(listed))), at)?)
    }

    /// The fills of the whole model into one target, each to its [`bytes`](Self::bytes): what one recording takes.
    ///
    /// ```
    /// use wgpu_init::{CpuExecutor, DType, Seed};
    /// use wgpu_init_models::Config;
    /// let config: Config = r#"{"model_type": "gpt2", "n_layer": 2, "n_embd": 32, "n_head": 2, "n_positions": 16, "vocab_size": 100}"#.parse()?;
    /// let model = config.recipe().assign(config.parameters(), config.variables())?;
    /// let end = model.bytes(DType::F32, 0)?.last().map_or(0, |last| last.end);
    /// let mut weights = vec![0; end as usize];
    /// CpuExecutor::new().run_in(&mut weights, model.fills(Seed::new(42), DType::F32, 0)?)?;
    /// # assert_ne!(weights[..16], [0; 16]);
    /// # Ok::<(), wgpu_init_models::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`bytes`](Self::bytes).
    pub fn fills(&self, seed: Seed, listed: DType, at: u64) -> Result<Vec<Fill>> {
        let places = self.list.iter().zip(self.bytes(listed, at)?);
        let of = |(one, bytes): (&Assignment, Range<u64>)| {
            one.fills(seed, listed, 0..one.parameter.shape.elements(), bytes.start)
        };
        Ok(places.flat_map(of).collect())
    }

    /// The same initializer for every parameter that is wanted, by its position.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`]; [`Error::Parameter`] around what is wrong with a shape; [`Error::StreamCollision`].
    pub fn of_all(initializer: Initializer, parameters: &[Parameter], wanted: &dyn Fn(usize) -> bool) -> Result<Self> {
        let mut names = HashSet::with_capacity(parameters.len());
        if let Some(twice) = parameters.iter().find(|parameter| !names.insert(parameter.name.as_str())) {
            return Err(Error::DuplicateParameter { name: twice.name.clone() });
        }
        let mut left_out = Vec::new();
        let assign = |(index, parameter): (usize, &Parameter)| {
            let parameter = parameter.clone();
            if !wanted(index) {
                left_out.push(index);
                return Ok(Assignment { parameter, values: Values::Skipped, dtype: None, seed: None, rule: 0 });
            }
            let in_parameter = |cause| parameter_error(&parameter, String::new(), cause);
            let distribution = initializer.distribution(&parameter.shape).map_err(in_parameter)?;
            let (stream, parts, tied_to) = (parameter.name.clone(), Vec::new(), None);
            let values = Values::Drawn(Drawn { initializer, distribution, parts, stream, tied_to, experts: None });
            Ok(Assignment { parameter, values, dtype: None, seed: None, rule: 0 })
        };
        let list = parameters.iter().enumerate().map(assign).collect::<Result<Vec<_>>>()?;
        check_streams(&list)?;
        Ok(Self { list, dead: Vec::new(), left_out })
    }
}

/// A rule that decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadRule {
    /// Its index.
    pub rule: usize,
    /// The rule that took what this one is for: an earlier one, or a later one where this one asks for `torch_default` and nothing is known
    /// of the module's class. `None` if no parameter meets its conditions.
    pub shadowed_by: Option<usize>,
}
