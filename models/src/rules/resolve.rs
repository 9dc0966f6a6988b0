//! Rules and a list of parameters to assignments.

use super::Rules;
use super::limits::MOST_EXPANDED;
use super::rule::{Action, Draw, Init, Rule, initializer};
use super::variables::{ModelVariables, Names};
use crate::{
    Assignment, Assignments, DeadRule, Drawn, Error, Experts, IntegerDType, Integers, Parameter, Result, Values,
    Variables, torch_default,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use wgpu_init::{Initializer, Seed, Stream};

impl Rules {
    /// One assignment per parameter, in order. `variables` go before the file's own of the same name.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`]; [`Error::UnmatchedParameters`] with every parameter that no rule is for;
    /// [`Error::InvalidRules`] for an expression that cannot be worked out, a tie that leads nowhere and too much work;
    /// [`Error::Parameter`] around what is wrong with one parameter's distribution; [`Error::StreamCollision`].
    pub fn assign(&self, parameters: &[Parameter], variables: &Variables) -> Result<Assignments> {
        self.assign_some(parameters, variables, &|_| true)
    }

    /// As [`assign`](Self::assign), but only the parameters that are `wanted` are drawn: tensors of integers, for instance, are part of the
    /// model and get no random numbers. No rule needs to match the others.
    ///
    /// # Errors
    /// As [`assign`](Self::assign).
    pub fn assign_some(
        &self,
        parameters: &[Parameter],
        variables: &Variables,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Result<Assignments> {
        let mut left_out = Vec::new();
        let mut index_of = HashMap::new();
        for (index, parameter) in parameters.iter().enumerate() {
            if index_of.insert(parameter.name.as_str(), index).is_some() {
                return Err(Error::DuplicateParameter { name: parameter.name.clone() });
            }
        }
        let implicit = torch_default(parameters);
        let groups = self.rules.iter().flat_map(|rule| rule.condition.groups()).collect();
        let model = ModelVariables::new(&self.variables, variables, parameters, groups);
        let mut decided = Vec::with_capacity(parameters.len());
        let mut ties = Vec::new();
        let (mut unmatched, mut unknown_classes, mut without_class) = (Vec::new(), BTreeSet::new(), 0);
        for (index, parameter) in parameters.iter().enumerate() {
            let Some((rule, names)) = self.rule_for(parameter, implicit[index], &model)? else {
                if !wanted(index) {
                    left_out.push(index);
                    let (parameter, rule) = (parameter.clone(), usize::MAX);
                    decided.push(Assignment { parameter, values: Values::Skipped, dtype: None, seed: None, rule });
                    continue;
                }
                unmatched.push(parameter.name.clone());
                if self.rules.iter().any(Rule::is_torch_default) && implicit[index].is_none() {
                    match &parameter.module {
                        Some(class) => _ = unknown_classes.insert(class.clone()),
                        None => without_class += 1,
                    }
                }
                continue;
            };
            let Rule { action, dtype, .. } = &self.rules[rule];
            let values = match action {
                Action::Skip => Values::Skipped,
                Action::Refuse(reason) => {
                    let (rule, name, reason) = (self.describe(rule), parameter.name.clone(), reason.clone());
                    return Err(Error::Refused { rule, name, reason });
                }
                // Not random, and asked for by name: there is nothing to leave out.
                Action::Integers(dtype, init) => {
                    Values::Integers(self.integers(rule, *dtype, init, parameter, &names)?)
                }
                Action::Tie(_) | Action::Draw(_) if !wanted(index) => {
                    left_out.push(index);
                    Values::Skipped
                }
                Action::Tie(target) => {
                    ties.push((index, self.expand(rule, target, parameter, &model)?));
                    Values::Skipped
                }
                Action::Draw(draw) => Values::Drawn(self.drawn(rule, draw, parameter, implicit[index], &names)?),
            };
            let seed = if let Action::Draw(Draw { seed, .. }) = action { *seed } else { None };
            decided.push(Assignment { parameter: parameter.clone(), values, dtype: *dtype, seed, rule });
        }
        if !unmatched.is_empty() {
            let unknown_classes = unknown_classes.into_iter().collect();
            return Err(Error::UnmatchedParameters {
                rules: self.name().to_owned(),
                names: unmatched,
                unknown_classes,
                without_class,
            });
        }
        self.tie(&mut decided, &ties, &index_of, &model)?;
        check_streams(&decided)?;
        let dead = self.dead(parameters, &decided, &model)?;
        Ok(Assignments { list: decided, dead, left_out })
    }

    /// The first rule that is for a parameter, with the variables it may use.
    fn rule_for<'a>(
        &self,
        parameter: &'a Parameter,
        implicit: Option<Initializer>,
        model: &'a ModelVariables<'a>,
    ) -> Result<Option<(usize, Names<'a>)>> {
        for (index, rule) in self.rules.iter().enumerate() {
            // A class that PyTorch does not have is left to the next rule.
            if rule.is_torch_default() && implicit.is_none() {
                continue;
            }
            if let Some(names) = rule.meets(parameter, model).map_err(|reason| self.invalid(index, reason))? {
                return Ok(Some((index, names)));
            }
        }
        Ok(None)
    }

    fn drawn(
        &self,
        rule: usize,
        draw: &Draw,
        parameter: &Parameter,
        implicit: Option<Initializer>,
        names: &Names<'_>,
    ) -> Result<Drawn> {
        let at =
            |reason| Error::InvalidRules { place: format!("{} for {}", self.describe(rule), parameter.name), reason };
        let chosen = match (&draw.init, implicit) {
            (Init::TorchDefault, Some(initializer)) => initializer,
            (Init::TorchDefault, None) => return Err(at("nothing is known of the module's class".into())),
            (Init::Expression(text), _) => initializer(text, names).map_err(at)?,
        };
        let in_parameter = |cause| parameter_error(parameter, self.describe(rule), cause);
        let experts = self.experts(rule, draw, parameter, names.model)?;
        let weight = experts.as_ref().map(|experts| experts.weight(&parameter.shape)).transpose();
        let weight = weight.map_err(in_parameter)?;
        let distribution = chosen.distribution(weight.as_ref().unwrap_or(&parameter.shape)).map_err(in_parameter)?;
        let parts = draw.parts(&parameter.shape, names).map_err(at)?;
        let stream = draw.stream.as_ref();
        let stream = match stream {
            Some(text) => self.expand(rule, text, parameter, names.model)?,
            None => parameter.name.clone(),
        };
        Ok(Drawn { initializer: chosen, distribution, parts, stream, tied_to: None, experts: experts.map(Box::new) })
    }

    /// The weights that a stacked tensor is made of.
    fn experts(
        &self,
        rule: usize,
        draw: &Draw,
        parameter: &Parameter,
        model: &ModelVariables<'_>,
    ) -> Result<Option<Experts>> {
        if draw.experts.is_empty() {
            return Ok(None);
        }
        let names = draw.experts.iter().map(|name| self.expand(rule, name, parameter, model));
        let experts = Experts::new(&parameter.shape, names.collect::<Result<_>>()?);
        let experts = experts.map_err(|cause| parameter_error(parameter, self.describe(rule), cause))?;
        // A name and its hash for each.
        let steps = usize::try_from(experts.weights()).unwrap_or(usize::MAX).saturating_mul(1000);
        let place = || format!("{} for {}", self.describe(rule), parameter.name);
        model.work.spend(steps).map_err(|reason| Error::InvalidRules { place: place(), reason })?;
        Ok(Some(experts))
    }

    fn integers(
        &self,
        rule: usize,
        dtype: IntegerDType,
        init: &str,
        parameter: &Parameter,
        names: &Names<'_>,
    ) -> Result<Integers> {
        let (name, shape) = (&parameter.name, &parameter.shape);
        let values = if init == Integers::ARANGE {
            Integers::arange(dtype, shape)
        } else {
            let at = |reason| Error::InvalidRules { place: format!("{} for {name}", self.describe(rule)), reason };
            let chosen = initializer(init, names).map_err(at)?;
            let distribution = chosen.distribution(shape);
            let in_parameter = |cause| parameter_error(parameter, self.describe(rule), cause);
            Integers::of(dtype, &distribution.map_err(in_parameter)?)
        };
        values.map_err(|cause| Error::Integers { name: name.clone(), cause })
    }

    /// Puts the captures of the rule's regex into a template.
    fn expand(&self, rule: usize, template: &str, parameter: &Parameter, model: &ModelVariables<'_>) -> Result<String> {
        let name = &parameter.name;
        let at = |reason| Error::InvalidRules { place: format!("{} for {name}", self.describe(rule)), reason };
        let Some(captures) = self.rules[rule].condition.captures(name, &model.work).map_err(at)? else {
            return Ok(template.to_owned());
        };
        let longest = template.len() + template.matches('$').count() * name.len();
        if longest > MOST_EXPANDED {
            return Err(at(format!(
                "the template may become a name of {longest} bytes, at most {MOST_EXPANDED} are made; write fewer captures"
            )));
        }
        model.work.spend(longest).map_err(at)?;
        let mut text = String::new();
        captures.expand(template, &mut text);
        Ok(text)
    }

    /// Tied parameters get what the end of their chain is drawn from.
    fn tie(
        &self,
        decided: &mut [Assignment],
        ties: &[(usize, String)],
        index_of: &HashMap<&str, usize>,
        model: &ModelVariables<'_>,
    ) -> Result<()> {
        let next: HashMap<usize, &str> = ties.iter().map(|(index, name)| (*index, name.as_str())).collect();
        // Where chains end, as far as they were followed: many may share a long one.
        let mut ends: HashMap<usize, usize> = HashMap::new();
        for (index, _) in ties {
            let tied = &decided[*index];
            let at =
                |reason: String| self.invalid(tied.rule, format!("{} cannot be tied: {reason}", tied.parameter.name));
            let (mut end, mut passed) = (*index, Vec::new());
            while let Some(name) = next.get(&end) {
                if let Some(known) = ends.get(&end) {
                    end = *known;
                    break;
                }
                passed.push(end);
                end = *index_of.get(name).ok_or_else(|| at(format!("there is no parameter {name:?}")))?;
                if passed.len() > ties.len() {
                    return Err(at(format!("the tie to {name:?} leads back to itself")));
                }
            }
            ends.extend(passed.into_iter().map(|link| (link, end)));
            let target = &decided[end];
            let (name, shape) = (&target.parameter.name, target.parameter.shape.dims());
            if shape != tied.parameter.shape.dims() {
                return Err(at(format!("it has the shape {:?}, {name} has {shape:?}", tied.parameter.shape.dims())));
            }
            let drawn = match &target.values {
                Values::Drawn(drawn) => drawn,
                Values::Skipped => return Err(at(format!("{name} is skipped"))),
                Values::Integers(_) => {
                    return Err(at(format!("{name} is not drawn: give both the same init and dtype")));
                }
            };
            model.work.spend(100 * drawn.parts.len()).map_err(at)?;
            let drawn = Drawn { tied_to: Some(name.clone()), ..drawn.clone() };
            let (seed, dtype) = (target.seed, target.dtype);
            let tied = &mut decided[*index];
            tied.values = Values::Drawn(drawn);
            tied.seed = seed;
            tied.dtype = tied.dtype.or(dtype);
        }
        Ok(())
    }

    /// Rules that decided nothing, each with the rule that was asked before it where one of its parameters went.
    fn dead<'a>(
        &self,
        parameters: &'a [Parameter],
        decided: &[Assignment],
        model: &'a ModelVariables<'a>,
    ) -> Result<Vec<DeadRule>> {
        let used: HashSet<usize> = decided.iter().map(|assignment| assignment.rule).collect();
        let mut dead = Vec::new();
        for (index, rule) in self.rules.iter().enumerate().filter(|(index, _)| !used.contains(index)) {
            let mut shadowed_by = None;
            for (parameter, assignment) in parameters.iter().zip(decided) {
                model.work.spend(0).map_err(|reason| self.invalid(index, reason))?;
                // What is wrong with a rule that decides nothing does not matter.
                if matches!(rule.meets(parameter, model), Ok(Some(_))) {
                    shadowed_by = Some(assignment.rule);
                    break;
                }
            }
            dead.push(DeadRule { rule: index, shadowed_by });
        }
        Ok(dead)
    }
}

impl Rule {
    /// Whether the rule asks what PyTorch does for the module's class.
    fn is_torch_default(&self) -> bool {
        matches!(&self.action, Action::Draw(Draw { init: Init::TorchDefault, .. }))
    }

    /// The variables that the rule may use for a parameter, if it is for it.
    fn meets<'a>(&self, parameter: &'a Parameter, model: &'a ModelVariables<'a>) -> Result<Option<Names<'a>>, String> {
        if !self.condition.fits(parameter, &model.work)? {
            return Ok(None);
        }
        let mut names = Names { model, parameter, captures: BTreeMap::new() };
        if self.condition.groups().next().is_some()
            && let Some(captures) = self.condition.captures(&parameter.name, &model.work)?
        {
            let number = |group: &str| Some((group.to_owned(), captures.name(group)?.as_str().parse().ok()?));
            names.captures = self.condition.groups().filter_map(number).collect();
        }
        Ok(self.condition.holds(parameter, &names)?.then_some(names))
    }
}

/// What is wrong with one parameter; `rule` is the one that decided, in words.
pub(crate) fn parameter_error(parameter: &Parameter, rule: String, cause: wgpu_init::Error) -> Error {
    let Parameter { name, shape, .. } = parameter;
    Error::Parameter { name: name.clone(), shape: shape.dims().to_vec(), rule, cause: Box::new(cause) }
}

/// Two parameters that are not tied must not draw the same numbers.
pub(crate) fn check_streams(assignments: &[Assignment]) -> Result<()> {
    let mut seen: HashMap<(Option<Seed>, Stream), &str> = HashMap::new();
    for assignment in assignments {
        let Some(drawn) = assignment.drawn() else { continue };
        let random = drawn.distribution.is_random() || drawn.parts.iter().any(|part| part.distribution().is_random());
        if !random || drawn.tied_to.is_some() {
            continue;
        }
        let name = assignment.parameter.name.as_str();
        let mut streams: Box<dyn Iterator<Item = Stream>> = match &drawn.experts {
            Some(experts) => Box::new((0..experts.weights()).map(|weight| Stream::from_name(&experts.name(weight)))),
            None => Box::new(core::iter::once(Stream::from_name(&drawn.stream))),
        };
        let twice = streams.find_map(|stream| Some((stream, seen.insert((assignment.seed, stream), name)?)));
        if let Some((stream, first)) = twice {
            let (first, second, stream) = (first.to_owned(), name.to_owned(), stream.get());
            return Err(Error::StreamCollision { first, second, stream });
        }
    }
    Ok(())
}
