//! `--part`, `--shard` and `--permute` of a whole model: which tensors a file holds in part, and which in another order of their axes.

use crate::asked::Asked;
use crate::figure::count;
use crate::part::{Order, parse_order};
use crate::shards::{Cut, parse_part, parse_shard};
use anyhow::{Result, ensure};
use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use std::collections::HashMap;
use wgpu_init_models::checkpoint::{Layout, Tensor};

const PART: &str = "part";
const SHARD: &str = "shard";
const PERMUTE: &str = "permute";

/// What is asked for, in the order of the command line. Of the parts, and of the orders, the first whose pattern matches a tensor's name
/// decides, as in a file of rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Views {
    cuts: Vec<Asked<Cut>>,
    orders: Vec<Asked<Order>>,
}

impl Views {
    /// The tensors as a file holds them; those that no pattern is for are whole and in row-major order.
    pub(crate) fn of(&self, tensors: Vec<Tensor>) -> Result<Vec<Tensor>> {
        let tensors = Asked::apply(&self.cuts, tensors, |cut, tensor| {
            let view = cut.view(&tensor.assignment().parameter.shape)?;
            Ok(tensor.with_shard(&view.ranges())?)
        })?;
        Asked::apply(&self.orders, tensors, |Order(order), tensor| {
            let (axes, rank) = (order.len(), tensor.shape().dims().len());
            ensure!(
                axes == rank,
                "the order {order:?} has {axes} axes, the tensor {rank}: narrow the pattern, or say the order of such tensors before it, \
                 e.g. --permute '*norm.weight=0'"
            );
            Ok(tensor.permuted(order)?)
        })
    }
}

/// What stands behind the numbers of tensors and of parameters where some tensors are in part or permuted. Parts may make a whole together.
pub(crate) fn remarks(layouts: &[&Layout]) -> (String, String) {
    let mut tensors = Vec::new();
    let parts: usize = layouts.iter().filter_map(|layout| layout.shards()).map(|(parts, _)| parts).sum();
    if parts > 0 {
        tensors.push(format!("{} in part", count(parts as u64)));
    }
    match layouts.iter().map(|layout| layout.permuted()).sum::<usize>() {
        0 => {}
        permuted => tensors.push(format!("{} permuted", count(permuted as u64))),
    }
    let tensors = if tensors.is_empty() { String::new() } else { format!(" ({})", tensors.join(", ")) };
    let whole = |(tensor, _): &(Tensor, _)| tensor.assignment().parameter.shape.elements();
    let all = layouts.iter().flat_map(|layout| layout.tensors());
    let wholes: HashMap<&str, u64> = all.map(|each| (each.0.name(), whole(each))).collect();
    let whole = wholes.into_values().fold(0, u64::saturating_add);
    let held = layouts.iter().map(|layout| layout.parameters()).fold(0, u64::saturating_add);
    (tensors, if parts > 0 && held != whole { format!(" (of {})", count(whole)) } else { String::new() })
}

impl Args for Views {
    fn augment_args(command: Command) -> Command {
        let arg = |name, value, help, parser| {
            Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append).value_parser(parser)
        };
        command
            .arg(arg(
                PART,
                "PATTERN=SLICES",
                "Of the tensors that are called so, only a box, with the numbers and fans of the whole: numpy's slices without steps, \
                 one for each axis, e.g. '*.c_fc.weight=:,:1536'. May be repeated: the first pattern that matches decides, and other \
                 tensors are whole",
                ValueParser::new(|text: &str| Asked::parse(PART, text, parse_part)),
            ))
            .arg(arg(
                SHARD,
                "PATTERN=AXIS:RANK/RANKS",
                "The same by rank, as torch.chunk and DTensor cut an axis: '*.weight=0:1/4' is the second of four. Axis -1 is the \
                 last. Several axes, by commas, make the shard of a mesh",
                ValueParser::new(|text: &str| Asked::parse(SHARD, text, parse_shard)),
            ))
            .arg(arg(
                PERMUTE,
                "PATTERN=AXES",
                "Writes the tensors whose names match, or the parts of them, as an engine stores them: the axes in the order of \
                 memory, the outermost first. '*.c_fc.weight=1,0' transposes, '*conv?.weight=2,3,1,0' makes [k, k, in, out] of \
                 PyTorch's convolutions; the file has the shape that this gives. Parts count in the axes before. May be repeated, as --part",
                ValueParser::new(|text: &str| Asked::parse(PERMUTE, text, parse_order)),
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Views {
    /// In the order of the command line, whichever option they stand in.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let of = |name| {
            matches.indices_of(name).into_iter().flatten().zip(matches.get_many(name).into_iter().flatten().cloned())
        };
        let mut cuts: Vec<(usize, Asked<Cut>)> = of(PART).chain(of(SHARD)).collect();
        cuts.sort_by_key(|(place, _)| *place);
        let orders = matches.get_many(PERMUTE).into_iter().flatten().cloned().collect();
        Ok(Self { cuts: cuts.into_iter().map(|(_, asked)| asked).collect(), orders })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
