//! Rules and a list of parameters to assignments.

use super::Rules;
use super::rule::{Action, Draw, Init, Rule, initializer};
use super::variables::{ModelVariables, Names};
use crate::{Assignment, Assignments, DeadRule, Drawn, Error, Parameter, Result, torch_default};
use std::collections::{BTreeMap, HashMap};
use wgpu_init::{Initializer, Seed, Stream};

impl Rules {
    /// One assignment per parameter, in order. `variables` go before the file's own of the same name.
    ///
    /// # Errors
    /// [`Error::DuplicateParameter`]; [`Error::UnmatchedParameters`] with every parameter that no rule is for;
    /// [`Error::InvalidRules`] for an expression that cannot be worked out and a tie that leads nowhere; [`Error::Parameter`]
    /// around what is wrong with one parameter's distribution; [`Error::StreamCollision`].
    pub fn assign(&self, parameters: &[Parameter], variables: &BTreeMap<String, f64>) -> Result<Assignments> {
        let mut index_of = HashMap::new();
        for (index, parameter) in parameters.iter().enumerate() {
            if index_of.insert(parameter.name.as_str(), index).is_some() {
                return Err(Error::DuplicateParameter { name: parameter.name.clone() });
            }
        }
        let implicit = torch_default(parameters);
        let model = ModelVariables::new(&self.variables, variables, parameters);
        let mut decided = Vec::with_capacity(parameters.len());
        let mut ties = Vec::new();
        let mut unmatched = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            let Some((rule, names)) = self.rule_for(parameter, implicit[index], &model)? else {
                unmatched.push(parameter.name.clone());
                continue;
            };
            let Rule { action, dtype, .. } = &self.rules[rule];
            let drawn = match action {
                Action::Skip => None,
                Action::Tie(target) => {
                    ties.push((index, self.expand(rule, target, parameter)));
                    None
                }
                Action::Draw(draw) => Some(self.drawn(rule, draw, parameter, implicit[index], &names)?),
            };
            let seed = if let Action::Draw(Draw { seed, .. }) = action { *seed } else { None };
            decided.push(Assignment { parameter: parameter.clone(), drawn, dtype: *dtype, seed, rule });
        }
        if !unmatched.is_empty() {
            return Err(Error::UnmatchedParameters { rules: self.name().to_owned(), names: unmatched });
        }
        self.tie(&mut decided, &ties, &index_of)?;
        check_streams(&decided)?;
        let dead = self.dead(parameters, &decided, &model);
        Ok(Assignments { list: decided, dead })
    }

    /// The first rule that is for a parameter, with the variables it may use.
    fn rule_for<'a>(
        &self,
        parameter: &'a Parameter,
        implicit: Option<Initializer>,
        model: &'a ModelVariables<'a>,
    ) -> Result<Option<(usize, Names<'a>)>> {
        for (index, rule) in self.rules.iter().enumerate() {
            let names = rule.names(parameter, model);
            let holds = rule.condition.holds(parameter, &names).map_err(|reason| self.invalid(index, reason))?;
            let default = matches!(&rule.action, Action::Draw(Draw { init: Init::TorchDefault, .. }));
            // A class that PyTorch does not have is left to the next rule.
            if holds && (!default || implicit.is_some()) {
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
            (Init::TorchDefault, None) => return Err(at("PyTorch has no such module class".into())),
            (Init::Expression(text), _) => initializer(text, names).map_err(at)?,
        };
        let in_parameter = |cause| Error::Parameter { name: parameter.name.clone(), cause: Box::new(cause) };
        let distribution = chosen.distribution(&parameter.shape).map_err(in_parameter)?;
        let parts = draw.parts(&parameter.shape, names).map_err(at)?;
        let stream = draw.stream.as_ref();
        let stream = stream.map_or_else(|| parameter.name.clone(), |text| self.expand(rule, text, parameter));
        Ok(Drawn { initializer: chosen, distribution, parts, stream, tied_to: None })
    }

    /// Puts the captures of the rule's regex into a template.
    fn expand(&self, rule: usize, template: &str, parameter: &Parameter) -> String {
        match self.rules[rule].condition.captures(&parameter.name) {
            Some(captures) => {
                let mut text = String::new();
                captures.expand(template, &mut text);
                text
            }
            None => template.to_owned(),
        }
    }

    /// Tied parameters get what the end of their chain is drawn from.
    fn tie(&self, decided: &mut [Assignment], ties: &[(usize, String)], index_of: &HashMap<&str, usize>) -> Result<()> {
        let next: HashMap<usize, &str> = ties.iter().map(|(index, name)| (*index, name.as_str())).collect();
        for (index, _) in ties {
            let tied = &decided[*index];
            let at =
                |reason: String| self.invalid(tied.rule, format!("{} cannot be tied: {reason}", tied.parameter.name));
            let mut end = *index;
            let mut steps = 0;
            while let Some(name) = next.get(&end) {
                end = *index_of.get(name).ok_or_else(|| at(format!("there is no parameter {name:?}")))?;
                steps += 1;
                if steps > ties.len() {
                    return Err(at(format!("the tie to {name:?} leads back to itself")));
                }
            }
            let target = &decided[end];
            let (name, shape) = (&target.parameter.name, target.parameter.shape.dims());
            if shape != tied.parameter.shape.dims() {
                return Err(at(format!("it has the shape {:?}, {name} has {shape:?}", tied.parameter.shape.dims())));
            }
            let Some(drawn) = &target.drawn else { return Err(at(format!("{name} is skipped"))) };
            let drawn = Drawn { tied_to: Some(name.clone()), ..drawn.clone() };
            let (seed, dtype) = (target.seed, target.dtype);
            let tied = &mut decided[*index];
            tied.drawn = Some(drawn);
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
    ) -> Vec<DeadRule> {
        let mut dead = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            if decided.iter().any(|assignment| assignment.rule == index) {
                continue;
            }
            let meets = |parameter: &'a Parameter| {
                rule.condition.holds(parameter, &rule.names(parameter, model)).unwrap_or(false)
            };
            let first = parameters.iter().position(meets);
            dead.push(DeadRule { rule: index, shadowed_by: first.map(|at| decided[at].rule) });
        }
        dead
    }
}

impl Rule {
    fn names<'a>(&self, parameter: &'a Parameter, model: &'a ModelVariables<'a>) -> Names<'a> {
        let captures = self.condition.captures(&parameter.name).map(|captures| {
            let number = |group: &str| Some((group.to_owned(), captures.name(group)?.as_str().parse().ok()?));
            self.condition.groups().filter_map(number).collect()
        });
        Names { model, parameter, captures: captures.unwrap_or_default() }
    }
}

/// Two parameters that are not tied must not draw the same numbers.
fn check_streams(assignments: &[Assignment]) -> Result<()> {
    let mut seen: HashMap<(Option<Seed>, Stream), &str> = HashMap::new();
    for assignment in assignments {
        let Some(drawn) = &assignment.drawn else { continue };
        let random = drawn.distribution.is_random() || drawn.parts.iter().any(|part| part.distribution().is_random());
        if !random || drawn.tied_to.is_some() {
            continue;
        }
        let stream = Stream::from_name(&drawn.stream);
        let name = assignment.parameter.name.as_str();
        if let Some(first) = seen.insert((assignment.seed, stream), name) {
            let (first, second, stream) = (first.to_owned(), name.to_owned(), stream.get());
            return Err(Error::StreamCollision { first, second, stream });
        }
    }
    Ok(())
}
