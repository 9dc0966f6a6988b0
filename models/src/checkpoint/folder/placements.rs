//! Which part of a tensor each of several ranks has.

use super::Rank;
use crate::NameGlob;
use crate::checkpoint::{Error, Result};
use core::fmt;
use core::str::FromStr;
use serde::Deserialize;
use std::ops::Range;
use wgpu_init::{Shape, View};

/// How the ranks share tensors: a mesh of them, and for tensors by name what each axis of the mesh does.
///
/// As text it is TOML. Of the placements, the first whose pattern of names matches decides; there must be one for every tensor.
///
/// ```
/// use wgpu_init_models::checkpoint::Placements;
/// let placements: Placements = r#"
///     mesh = [2, 4]                     # ranks 0 to 3 are the first row
///     [[placement]]
///     name = "*.mlp.up.weight"
///     place = ["shard(0)", "shard(1)"]  # rows along the first axis of the mesh, columns along the second
///     [[placement]]
///     name = "*"
///     place = ["shard(0)", "replicate"]
/// "#.parse()?;
/// assert_eq!(placements.ranks(), 8);
/// # Ok::<(), wgpu_init_models::checkpoint::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Placements {
    mesh: Vec<u64>,
    rules: Vec<(NameGlob, Vec<Placement>)>,
    /// All ranks share every tensor along its first axis, but for scalars, and no rule is needed.
    by_rows: bool,
    /// Part of the job: the text.
    text: String,
}

/// What one axis of a mesh does with a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Placement {
    /// As DTensor's `Shard`: `torch.chunk` along this axis, counted from the end below zero.
    Shard(i64),
    /// All have the same. It is written once.
    Replicate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mesh: Vec<u64>,
    placement: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    name: String,
    place: Vec<String>,
}

impl Placements {
    /// Every tensor along its first axis, as FSDP shares them: each rank has ⌈rows / ranks⌉ rows, the last ones fewer or none. Scalars are
    /// written once.
    #[must_use]
    pub fn rows(ranks: u64) -> Self {
        Self { mesh: vec![ranks], rules: Vec::new(), by_rows: true, text: "rows".to_owned() }
    }

    /// How many ranks the mesh has.
    #[must_use]
    pub fn ranks(&self) -> u64 {
        self.mesh.iter().product()
    }

    /// What a rank writes of the tensor that is number `at` of its model: a range for each axis; none if others write it.
    pub(super) fn part(&self, rank: Rank, at: u64, name: &str, shape: &Shape) -> Result<Option<Vec<Range<u64>>>> {
        let by_rows = [if shape.dims().is_empty() { Placement::Replicate } else { Placement::Shard(0) }];
        let placements = if self.by_rows {
            &by_rows[..]
        } else {
            let rule = self.rules.iter().find(|(pattern, _)| pattern.is_match(name));
            let missing =
                || Error::Placement { reason: format!("no placement is for the tensor {name}: say one for \"*\"") };
            &rule.ok_or_else(missing)?.1
        };
        // First, so that either all ranks refuse a tensor or none does.
        for placement in placements {
            if let Placement::Shard(of) = placement {
                axis_of(*of, shape, name)?;
            }
        }
        let (mut view, mut rest) = (View::new(shape), rank.rank());
        for (axis, (placement, size)) in placements.iter().zip(&self.mesh).enumerate() {
            let inner: u64 = self.mesh[axis + 1..].iter().product();
            let (coordinate, behind) = (rest / inner, rest % inner);
            rest = behind;
            match placement {
                Placement::Shard(of) => view = view.shard(axis_of(*of, shape, name)?, coordinate, *size)?,
                // In turns, so that no rank writes all that is replicated.
                Placement::Replicate if coordinate != at % size => return Ok(None),
                Placement::Replicate => {}
            }
        }
        let ranges = view.ranges();
        // A tensor without elements is written once, by the first that would have some.
        let is_empty = ranges.iter().any(Range::is_empty);
        let writes = if shape.elements() == 0 { rank.rank() == 0 } else { !is_empty };
        Ok(writes.then_some(ranges))
    }
}

/// An axis of a tensor, counted from the end below zero.
fn axis_of(axis: i64, shape: &Shape, name: &str) -> Result<usize> {
    let rank = shape.dims().len();
    let place = if axis < 0 {
        usize::try_from(axis.unsigned_abs()).ok().and_then(|back| rank.checked_sub(back))
    } else {
        usize::try_from(axis).ok().filter(|axis| *axis < rank)
    };
    place.ok_or_else(|| Error::Placement {
        reason: format!("shard({axis}) of the tensor {name} of the shape {:?}: it has no such axis", shape.dims()),
    })
}

impl fmt::Display for Placements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Placements {
    fn eq(&self, other: &Self) -> bool {
        (&self.mesh, &self.text) == (&other.mesh, &other.text)
    }
}

impl FromStr for Placements {
    type Err = Error;

    /// # Errors
    /// [`Error::Placement`].
    fn from_str(text: &str) -> Result<Self> {
        let invalid = |reason: String| Error::Placement { reason };
        let File { mesh, placement } = toml::from_str(text).map_err(|error| invalid(error.to_string()))?;
        let ranks = mesh.iter().try_fold(1u64, |ranks, size| ranks.checked_mul(*size));
        if mesh.is_empty() || ranks.is_none_or(|ranks| ranks == 0) {
            return Err(invalid(format!("the mesh {mesh:?} has no ranks: write e.g. mesh = [2, 4]")));
        }
        let mut rules = Vec::with_capacity(placement.len());
        for Rule { name, place } in placement {
            if place.len() != mesh.len() {
                let (got, axes) = (place.len(), mesh.len());
                return Err(invalid(format!("{name:?} has {got} places, and the mesh {axes} axes: say one for each")));
            }
            let pattern = name.parse().map_err(|error: crate::Error| invalid(error.to_string()))?;
            rules.push((pattern, place.iter().map(|place| place.parse()).collect::<Result<_>>()?));
        }
        Ok(Self { mesh, rules, by_rows: false, text: text.to_owned() })
    }
}

impl FromStr for Placement {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let axis = || text.strip_prefix("shard(")?.strip_suffix(')')?.trim().parse().ok();
        match text {
            "replicate" => Ok(Self::Replicate),
            _ => axis().map(Self::Shard).ok_or_else(|| Error::Placement {
                reason: format!("{text:?} is no place: write \"shard(0)\", \"shard(-1)\" or \"replicate\""),
            }),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test")]
mod tests {
    use super::{Placements, Rank};
    use wgpu_init::Shape;

    /// The parts of all ranks.
    fn parts(placements: &Placements, at: u64, name: &str, dims: &[u64]) -> Vec<Option<Vec<(u64, u64)>>> {
        let shape = Shape::new(dims).unwrap();
        let part = |rank| placements.part(Rank::new(rank, placements.ranks()).unwrap(), at, name, &shape).unwrap();
        let plain =
            |ranges: Vec<std::ops::Range<u64>>| ranges.into_iter().map(|range| (range.start, range.end)).collect();
        (0..placements.ranks()).map(|rank| part(rank).map(plain)).collect()
    }

    #[test]
    fn rows_are_those_of_torch_chunk() {
        let rows = Placements::rows(4);
        let all = parts(&rows, 0, "w", &[7, 2]);
        assert_eq!(all, [0, 2, 4, 6].map(|start| Some(vec![(start, 7.min(start + 2)), (0, 2)])));
        assert_eq!(parts(&rows, 0, "w", &[2]), [Some(vec![(0, 1)]), Some(vec![(1, 2)]), None, None]);
        assert_eq!(parts(&rows, 6, "scalar", &[]), [None, None, Some(vec![]), None]);
        assert_eq!(parts(&rows, 6, "empty", &[3, 0]), [Some(vec![(0, 1), (0, 0)]), None, None, None]);
    }

    #[test]
    fn a_mesh_has_two_axes() {
        let text = "mesh = [2, 3]\n[[placement]]\nname = \"up\"\nplace = [\"shard(0)\", \"shard(-1)\"]\n\
                    [[placement]]\nname = \"*\"\nplace = [\"replicate\", \"shard(0)\"]";
        let mesh: Placements = text.parse().unwrap();
        let all = parts(&mesh, 0, "up", &[4, 6]);
        let rows = |rank: u64| (2 * (rank / 3), 2 * (rank / 3) + 2);
        assert_eq!(all, [0, 1, 2, 3, 4, 5].map(|rank| Some(vec![rows(rank), (2 * (rank % 3), 2 * (rank % 3) + 2)])));
        // By turns.
        for (at, writes) in [(0, [true, false]), (1, [false, true])] {
            let all = parts(&mesh, at, "other", &[3]);
            assert_eq!(
                all.iter().map(Option::is_some).collect::<Vec<_>>(),
                [writes[0], writes[0], writes[0], writes[1], writes[1], writes[1]]
            );
        }
    }

    #[test]
    fn what_cannot_be_placed_says_why() {
        for (text, expected) in [
            ("mesh = []\nplacement = []", "has no ranks"),
            ("mesh = [2, 0]\nplacement = []", "has no ranks"),
            ("mesh = [2]\nplacement = [{name = \"*\", place = []}]", "has 0 places, and the mesh 1 axes"),
            ("mesh = [2]\nplacement = [{name = \"*\", place = [\"shard\"]}]", "\"shard\" is no place"),
            ("mesh = [2]\nplacement = [{name = \"[\", place = [\"shard(0)\"]}]", "glob"),
            ("mesh = [2]\nother = 1\nplacement = []", "other"),
        ] {
            let error = text.parse::<Placements>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let only: Placements = "mesh = [2]\nplacement = [{name = \"a\", place = [\"shard(1)\"]}]".parse().unwrap();
        let shape = Shape::new([4]).unwrap();
        let error = |name: &str| only.part(Rank::new(0, 2).unwrap(), 0, name, &shape).unwrap_err().to_string();
        assert!(error("b").contains("no placement is for the tensor b"));
        assert!(error("a").contains("shard(1) of the tensor a of the shape [4]"));
        // Also of ranks that would not write the tensor.
        let turns: Placements =
            "mesh = [2, 2]\nplacement = [{name = \"*\", place = [\"replicate\", \"shard(1)\"]}]".parse().unwrap();
        for rank in 0..4 {
            turns.part(Rank::new(rank, 4).unwrap(), 0, "a", &shape).unwrap_err();
        }
    }
}
