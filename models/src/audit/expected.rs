//! What a checkpoint should hold.

use super::Checkpoint;
use super::finding::{Finding, Kind};
use crate::checkpoint::StoredTensor;
use crate::infer::{ClassOf, Inference};
use crate::{Assignment, Error, Parameter, Result, Rules, Values, Variables};
use std::collections::{BTreeMap, HashMap};

/// What each tensor of a checkpoint should hold, and which should be there.
#[derive(Clone, Debug)]
pub struct Expected {
    pub(super) assignments: HashMap<String, Assignment>,
    pub(super) findings: Vec<Finding>,
}

impl Expected {
    /// What rules say of the tensors of a checkpoint. `listed` are the parameters that the model has, where that is known, e.g. by its
    /// `config.json` ([`Config::parameters`](crate::Config::parameters)): tensors that are there and not listed are findings, and the
    /// other way round. They also say the modules' classes.
    ///
    /// A tensor that no rule is for, or that the rules refuse, is a finding and not an error.
    ///
    /// # Errors
    /// Those of [`Rules::assign`], but for these.
    pub fn by_rules(
        rules: &Rules,
        variables: &Variables,
        checkpoint: &Checkpoint,
        listed: Option<&[Parameter]>,
    ) -> Result<Self> {
        Self::of(rules, variables, checkpoint, listed, None)
    }

    /// As [`by_rules`](Self::by_rules), with the classes of modules told from the checkpoint's names and shapes, and by `said`
    /// ([`Inference`]). A tensor whose class rules need and that cannot be told is a finding.
    ///
    /// # Errors
    /// As there.
    pub fn by_classes(
        rules: &Rules,
        variables: &Variables,
        checkpoint: &Checkpoint,
        listed: Option<&[Parameter]>,
        said: &[ClassOf],
    ) -> Result<Self> {
        Self::of(rules, variables, checkpoint, listed, Some(said))
    }

    fn of(
        rules: &Rules,
        variables: &Variables,
        checkpoint: &Checkpoint,
        listed: Option<&[Parameter]>,
        said: Option<&[ClassOf]>,
    ) -> Result<Self> {
        let mut findings: Vec<Finding> = checkpoint
            .doubled
            .iter()
            .map(|name| Finding::new(name, Kind::InTwoFiles, "it is in two files; the first is audited"))
            .collect();
        let mut known: BTreeMap<&str, &Parameter> =
            listed.unwrap_or_default().iter().map(|parameter| (parameter.name.as_str(), parameter)).collect();
        let (mut parameters, mut more) = (Vec::new(), Vec::new());
        for stored in checkpoint.tensors() {
            let mut parameter = Parameter::new(stored.name.clone(), stored.shape.clone());
            match known.remove(stored.name.as_str()) {
                Some(listed) if listed.shape == stored.shape => parameter.module.clone_from(&listed.module),
                Some(listed) => {
                    let (got, expected) = (stored.shape.dims(), listed.shape.dims());
                    let message = format!("its shape is {got:?}, the configuration says {expected:?}");
                    findings.push(Finding::new(&stored.name, Kind::OtherShape, message));
                }
                // Positions and counters are in files and in no list of parameters.
                None if listed.is_some() && is_float(&stored.dtype) && !is_statistic(&stored.name) => {
                    more.push(stored);
                }
                None => {}
            }
            parameters.push((parameter, is_float(&stored.dtype)));
        }
        // What is saved may have other names, and experts by themselves: then it is as much as was listed.
        let is_renamed = known.values().map(|parameter| parameter.shape.elements()).sum::<u64>()
            == more.iter().map(|stored| stored.shape.elements()).sum::<u64>();
        if !is_renamed {
            let unexpected = |stored: &&StoredTensor| {
                Finding::new(&stored.name, Kind::Unexpected, "the configuration does not have it")
            };
            findings.extend(more.iter().map(unexpected));
            let missing = |name| Finding::new(name, Kind::Missing, "the configuration has it and no file does");
            findings.extend(known.into_keys().map(missing));
        }
        if let Some(said) = said {
            let list: Vec<Parameter> = parameters.iter().map(|(parameter, _)| parameter.clone()).collect();
            let with_classes = Inference::new(&list, said).parameters();
            parameters = with_classes
                .into_iter()
                .zip(parameters)
                .map(|(with_class, (_, is_float))| (with_class, is_float))
                .collect();
        }
        let assignments = assign(rules, variables, parameters, &mut findings)?;
        let by_name = assignments.into_iter().map(|one| (one.parameter.name.clone(), one));
        Ok(Self { assignments: by_name.collect(), findings })
    }

    /// What is known already, e.g. by [`Assignments::list`](crate::Assignments); tensors that are not there are findings.
    #[must_use]
    pub fn by_assignments(assignments: impl IntoIterator<Item = Assignment>, checkpoint: &Checkpoint) -> Self {
        let mut assignments: HashMap<String, Assignment> =
            assignments.into_iter().map(|one| (one.parameter.name.clone(), one)).collect();
        let mut findings = Vec::new();
        for stored in checkpoint.tensors() {
            match assignments.get(&stored.name) {
                None => findings.push(Finding::new(&stored.name, Kind::Unexpected, "no assignment is for it")),
                Some(one) if one.parameter.shape != stored.shape => {
                    let (got, expected) = (stored.shape.dims(), one.parameter.shape.dims());
                    let message = format!("its shape is {got:?}, it should be {expected:?}");
                    findings.push(Finding::new(&stored.name, Kind::OtherShape, message));
                    assignments.remove(&stored.name);
                }
                Some(_) => {}
            }
        }
        let there: std::collections::HashSet<&str> = checkpoint.tensors().map(|stored| stored.name.as_str()).collect();
        let missing = assignments.values().filter(|one| !matches!(one.values, Values::Skipped));
        let mut missing: Vec<&str> =
            missing.map(|one| one.parameter.name.as_str()).filter(|name| !there.contains(name)).collect();
        missing.sort_unstable();
        findings.extend(missing.into_iter().map(|name| Finding::new(name, Kind::Missing, "no file has it")));
        Self { assignments, findings }
    }
}

/// Whether it is what a batch norm counts, which is saved and no parameter.
fn is_statistic(name: &str) -> bool {
    [".running_mean", ".running_var", ".num_batches_tracked"].iter().any(|end| name.ends_with(end))
}

/// Whether a dtype of safetensors is of floating-point numbers.
fn is_float(dtype: &str) -> bool {
    dtype.contains('F')
}

/// Rules are asked again without the tensors that they do not know or refuse.
fn assign(
    rules: &Rules,
    variables: &Variables,
    mut parameters: Vec<(Parameter, bool)>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Assignment>> {
    loop {
        let list: Vec<Parameter> = parameters.iter().map(|(parameter, _)| parameter.clone()).collect();
        let out = match rules.assign_some(&list, variables, &|at| parameters[at].1) {
            Ok(assignments) => return Ok(assignments.list),
            Err(Error::UnmatchedParameters { names, .. }) => {
                for name in &names {
                    let is_told = findings.iter().any(|found| found.tensor == *name && found.kind == Kind::Unexpected);
                    if !is_told {
                        findings.push(Finding::new(
                            name,
                            Kind::Unexpected,
                            format!("{} has no rule for it", rules.name()),
                        ));
                    }
                }
                names
            }
            Err(Error::Refused { name, reason, .. }) => {
                let message = format!("the rules refuse it: {}", reason.trim_end_matches(": write rules"));
                findings.push(Finding::new(&name, Kind::NotAudited, message));
                vec![name]
            }
            Err(other) => return Err(other),
        };
        let before = parameters.len();
        parameters.retain(|(parameter, _)| !out.contains(&parameter.name));
        if parameters.len() == before {
            return Ok(Vec::new());
        }
    }
}
