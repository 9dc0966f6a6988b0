//! `--part PATTERN=SLICES` and `--shard PATTERN=AXIS:RANK/RANKS`: of which tensors of a model a file holds only a part.

use crate::figure::count;
use crate::part::{Slices, parse_slices};
use crate::terminal;
use anyhow::{Context, Result, bail};
use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use wgpu_init::{Shape, View};
use wgpu_init_models::NameGlob;
use wgpu_init_models::checkpoint::{Layout, Tensor};

const PART: &str = "part";
const SHARD: &str = "shard";
/// Names that a message lists.
const MOST: usize = 10;

/// What is asked for, in the order of the command line: the first whose pattern matches a tensor's name decides, as in a file of rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shards(Vec<Asked>);

#[derive(Clone, Debug)]
struct Asked {
    /// As on the command line, for messages.
    text: String,
    pattern: NameGlob,
    cut: Cut,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cut {
    Slices(Slices),
    /// Several of them cut a tensor for a mesh of devices.
    Axes(Vec<AxisShard>),
}

impl Cut {
    fn view(&self, shape: &Shape) -> Result<View> {
        match self {
            Self::Slices(slices) => slices.view(shape),
            Self::Axes(axes) => axes.iter().try_fold(View::new(shape), |view, shard| {
                Ok(view.shard(shard.axis(shape)?, shard.rank, shard.ranks)?)
            }),
        }
    }
}

/// `AXIS:RANK/RANKS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AxisShard {
    /// Below zero: counted from behind the last one, as in PyTorch.
    axis: i64,
    rank: u64,
    ranks: u64,
}

impl AxisShard {
    fn axis(self, shape: &Shape) -> Result<usize> {
        let rank = shape.dims().len();
        let from_end = |back: u64| usize::try_from(back).ok().and_then(|back| rank.checked_sub(back));
        let axis = if self.axis < 0 { from_end(self.axis.unsigned_abs()) } else { usize::try_from(self.axis).ok() };
        let first =
            if rank == 0 { "a scalar has no axes".to_owned() } else { format!("the first one is axis -{rank}") };
        axis.with_context(|| format!("axis {} of a tensor of rank {rank}: {first}", self.axis))
    }
}

impl Shards {
    /// The tensors as a file holds them; those that no pattern is for are whole.
    pub(crate) fn of(&self, tensors: Vec<Tensor>) -> Result<Vec<Tensor>> {
        let mut decided = vec![0usize; self.0.len()];
        let mut cut = |tensor: Tensor| {
            // What is not written has no part.
            let asked = self.0.iter().position(|asked| asked.pattern.is_match(tensor.name()) && tensor.is_stored());
            let Some(at) = asked else { return Ok(tensor) };
            decided[at] += 1;
            let asked = &self.0[at];
            let view = asked.cut.view(tensor.shape()).with_context(|| {
                format!("{} for the tensor {} of the shape {:?}", asked.text, tensor.name(), tensor.shape().dims())
            })?;
            Ok(tensor.with_shard(&view.ranges())?)
        };
        let tensors = tensors.into_iter().map(&mut cut).collect::<Result<Vec<_>>>()?;
        for (asked, _) in self.0.iter().zip(decided).filter(|(_, decided)| *decided == 0) {
            asked.check_used(&tensors)?;
        }
        Ok(tensors)
    }
}

impl Asked {
    /// A pattern that is for no tensor is a slip; one whose tensors others took may be meant.
    fn check_used(&self, tensors: &[Tensor]) -> Result<()> {
        let names = || tensors.iter().filter(|tensor| tensor.is_stored()).map(Tensor::name);
        if names().any(|name| self.pattern.is_match(name)) {
            let text = &self.text;
            terminal::say(
                "warning",
                format_args!("{text} decides nothing: all that it is for is taken by others before it"),
            );
            return Ok(());
        }
        let mut listed: String = names().take(MOST).map(|name| format!("\n  {name}")).collect();
        match names().count() {
            more @ MOST.. if more > MOST => listed = format!("{listed}\n  and {} more", more - MOST),
            _ => {}
        }
        bail!("{}: no tensor has such a name; * stands for any text, dots too. There are:{listed}", self.text)
    }
}

/// What stands behind the numbers of tensors and of parameters where some tensors are in part.
pub(crate) fn shards(layout: &Layout) -> (String, String) {
    let texts = |(shards, whole)| (format!(" ({} in part)", count(shards as u64)), format!(" (of {})", count(whole)));
    layout.shards().map(texts).unwrap_or_default()
}

fn parse(flag: &str, text: &str, cut: impl FnOnce(&str) -> Result<Cut, String>) -> Result<Asked, String> {
    // The last one: names may have others.
    let (pattern, part) =
        text.rsplit_once('=').ok_or("it has no =: write a pattern of names before it, e.g. '*.weight=…'")?;
    let pattern: NameGlob = pattern.trim().parse().map_err(|error: wgpu_init_models::Error| error.to_string())?;
    Ok(Asked { text: format!("--{flag} '{text}'"), pattern, cut: cut(part)? })
}

fn parse_part(text: &str) -> Result<Asked, String> {
    parse(PART, text, |part| parse_slices(part).map(Cut::Slices))
}

fn parse_shard(text: &str) -> Result<Asked, String> {
    parse(SHARD, text, |axes| {
        axes.split(',').map(|axis| parse_axis(axis.trim())).collect::<Result<_, _>>().map(Cut::Axes)
    })
}

fn parse_axis(text: &str) -> Result<AxisShard, String> {
    let parts = || {
        let (axis, shard) = text.split_once(':')?;
        let (rank, ranks) = shard.split_once('/')?;
        let (axis, rank, ranks) = (axis.trim().parse().ok()?, rank.trim().parse().ok()?, ranks.trim().parse().ok()?);
        Some(AxisShard { axis, rank, ranks })
    };
    parts().ok_or_else(|| {
        format!("{text:?} is no shard; write AXIS:RANK/RANKS, counted from 0, e.g. 1:0/4 for the first of four along axis 1, -1:0/4 along the last axis")
    })
}

impl Args for Shards {
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
                ValueParser::new(parse_part),
            ))
            .arg(arg(
                SHARD,
                "PATTERN=AXIS:RANK/RANKS",
                "The same by rank, as torch.chunk and DTensor cut an axis: '*.weight=0:1/4' is the second of four. Axis -1 is the \
                 last. Several axes, by commas, make the shard of a mesh",
                ValueParser::new(parse_shard),
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Shards {
    /// In the order of the command line, whichever option they stand in.
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let of = |name| {
            matches.indices_of(name).into_iter().flatten().zip(matches.get_many::<Asked>(name).into_iter().flatten())
        };
        let mut asked: Vec<_> = of(PART).chain(of(SHARD)).collect();
        asked.sort_by_key(|(place, _)| *place);
        Ok(Self(asked.into_iter().map(|(_, asked)| asked.clone()).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AxisShard, Cut, parse_part, parse_shard};
    use wgpu_init::Shape;

    #[test]
    fn shards_are_read() {
        let asked = parse_shard("*.weight = 1:0/4, 0:2/3").expect("a shard");
        let [first, second] = [(1, 0, 4), (0, 2, 3)].map(|(axis, rank, ranks)| AxisShard { axis, rank, ranks });
        assert_eq!(asked.cut, Cut::Axes(vec![first, second]));
        assert!(asked.pattern.is_match("h.0.weight") && !asked.pattern.is_match("h.0.bias"));
        let view = asked.cut.view(&Shape::new([7, 8]).expect("a shape")).expect("a view");
        assert_eq!(view.ranges(), [6..7, 0..2]);
        assert!(parse_part("a=b=:2").expect("a part").pattern.is_match("a=b"), "the last = counts");
    }

    #[test]
    fn what_is_no_shard_says_what_to_write() {
        for text in ["w=", "w=1", "w=1:2", "w=0:1/", "w=--1:0/2", "w=0:0/2,", "w=a:0/2", "w=0:0.5/2"] {
            let error = parse_shard(text).expect_err(text);
            assert!(error.contains("write AXIS:RANK/RANKS"), "{text}: {error}");
        }
        assert!(parse_shard("0:0/2").expect_err("no pattern").contains("it has no ="));
        assert!(parse_part("*").expect_err("no part").contains("it has no ="));
        assert!(parse_part("*=::2").expect_err("a step").contains("has a step"));
        assert!(parse_part("[=:2").expect_err("no glob").contains("glob '['"));
    }
}
