//! Stretches whose values are known: constants, identities, positions.

use super::element::Element;
use super::trial::short;
use crate::Assignment;
use crate::checkpoint::Result;
use core::ops::Range;
use wgpu_init::{CpuExecutor, Distribution, Seed};

/// What is known of values.
#[derive(Clone, Debug)]
pub(super) enum Known<'a> {
    /// All the same.
    Constant(f64),
    /// A function of the place, which the library computes.
    Computed(&'a Assignment),
}

/// What was found where values are known.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    /// Elements that are something else.
    pub(super) count: u64,
    /// The first of them: place, what is there, what should be.
    pub(super) first: Option<(u64, f64, f64)>,
    /// The sums of the squares of all differences, and of what is expected.
    squares: [f64; 2],
    /// Sums of the rows of both, so that rows that were permuted are known again.
    row_sums: Vec<[f64; 2]>,
}

/// Rows whose sums are kept.
const MOST_ROWS: u64 = 1 << 16;
/// Distance, in units of 1, that angles and logarithms that were computed in f32 may be off.
const COMPUTED: f64 = 5e-5;

impl<'a> Known<'a> {
    /// `None` for values that are drawn.
    pub(super) fn of(distribution: &Distribution, assignment: &'a Assignment) -> Option<Self> {
        if distribution.is_random() {
            return None;
        }
        let constant = (distribution.name() == "constant").then(|| distribution.parameters());
        Some(match constant.as_deref() {
            Some([(_, value)]) => Self::Constant(*value),
            _ => Self::Computed(assignment),
        })
    }

    /// Compares some elements of the tensor, whose rows have so many columns.
    pub(super) fn compare(
        &self,
        found: &[f32],
        element: Element,
        elements: &Range<u64>,
        columns: u64,
        into: &mut Differences,
    ) -> Result<()> {
        let step = element.step();
        match self {
            Self::Constant(value) => {
                let reach = step * value.abs() + element.tiny();
                into.add(found, std::iter::repeat_n(*value, found.len()), reach, 0.0, elements.start);
            }
            Self::Computed(assignment) => {
                let dtype = element.drawn();
                let mut bytes = vec![0; usize::try_from((elements.end - elements.start) * dtype.size()).unwrap_or(0)];
                bytes.resize(bytes.len().next_multiple_of(4), 0);
                let assignment = Assignment { dtype: None, ..(*assignment).clone() };
                CpuExecutor::new().run_in(&mut bytes, assignment.fills(Seed::new(0), dtype, elements.clone(), 0))?;
                let mut expected = Vec::with_capacity(found.len() + 4);
                Element::Drawn(dtype).decode(&bytes, element_table(dtype), &mut expected);
                expected.truncate(found.len());
                let values = expected.iter().map(|x| f64::from(*x));
                into.add(found, values, 0.0, step.max(COMPUTED), elements.start);
                if columns > 1 && elements.end / columns <= MOST_ROWS {
                    let width = usize::try_from(columns).unwrap_or(usize::MAX);
                    let sum = |row: &[f32]| row.iter().map(|x| f64::from(*x)).sum::<f64>();
                    let rows = found.chunks(width).zip(expected.chunks(width));
                    into.row_sums.extend(rows.map(|(a, b)| [sum(a), sum(b)]));
                }
            }
        }
        Ok(())
    }
}

fn element_table(dtype: wgpu_init::DType) -> &'static [f32] {
    Element::Drawn(dtype).table()
}

impl Differences {
    /// `reach`: absolute distance that is none; `relative`: in units of the expected number, at least 1.
    fn add(&mut self, found: &[f32], expected: impl Iterator<Item = f64>, reach: f64, relative: f64, start: u64) {
        for ((x, expected), at) in found.iter().zip(expected).zip(start..) {
            let x = f64::from(*x);
            self.squares[0] += (x - expected).powi(2);
            self.squares[1] += expected.powi(2);
            let near = (x - expected).abs() <= reach + relative * expected.abs().max(1.0);
            if !near {
                self.count += 1;
                self.first.get_or_insert((at, x, expected));
            }
        }
    }

    /// Adds those of what comes behind.
    pub(super) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.squares[0] += other.squares[0];
        self.squares[1] += other.squares[1];
        self.first = [self.first, other.first].into_iter().flatten().min_by_key(|(at, ..)| *at);
        self.row_sums.extend(other.row_sums);
    }

    /// Whether they are what comes of computing in a dtype of few digits: not far from what they should be on the whole.
    pub(super) fn is_low_precision(&self, element: Element) -> bool {
        element.is_coarse() && !self.row_sums.is_empty() && self.squares[0] < 0.02 * self.squares[1]
    }

    /// Whether the rows are the expected ones in another order.
    pub(super) fn is_permuted(&self) -> bool {
        let side = |of: usize| {
            let mut sums: Vec<f64> = self.row_sums.iter().map(|pair| pair[of]).collect();
            sums.sort_by(f64::total_cmp);
            sums
        };
        let (found, expected) = (side(0), side(1));
        let near = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-2;
        // Rows that are all alike say nothing.
        let differ = expected.first().zip(expected.last()).is_some_and(|(least, greatest)| greatest - least > 0.1);
        self.count > 0 && differ && found.iter().zip(&expected).all(near)
    }

    pub(super) fn describe(&self, elements: u64) -> Option<String> {
        let (at, found, expected) = self.first?;
        let which =
            if elements == 1 { String::new() } else { format!("{} of {elements} elements differ: ", self.count) };
        Some(format!("{which}element {at} is {}, it should be {}", short(found), short(expected)))
    }
}
