//! One tensor: read once, and judged by stretches.

use super::data::{Reader, Stored};
use super::element::Element;
use super::expectation::Expectations;
use super::finding::{Finding, Kind};
use super::fixed::{Differences, Known};
use super::grid::Grid;
use super::guess::{Guess, guess};
use super::law::Law;
use super::orthogonal::{Look, Matrices};
use super::sample::Sample;
use super::trial::{Check, Trial, trials};
use super::{Disabled, TensorReport};
use crate::checkpoint::{Error, Observer, Result};
use crate::{Assignment, Drawn, Integers, Values};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use wgpu_init::Part;

/// Bytes that a worker reads at a time, about.
const CHUNK: u64 = 1 << 18;
/// A tensor of fewer bytes is one worker's.
const SMALL: u64 = 16 << 20;

/// A chance that is none, among all pairs of tensors.
const TWINS: f64 = 1e-20;

/// What is known of a tensor after it was read.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) report: TensorReport,
    pub(super) tried: Vec<Tried>,
    /// Of all stretches.
    pub(super) digest: u64,
    pub(super) signs: Option<u64>,
    /// Whether it holds so many random numbers that another tensor does not hold the same by chance.
    pub(super) is_telling: bool,
    pub(super) tied_to: Option<String>,
}

/// The tests of a stretch.
#[derive(Debug)]
pub(super) struct Tried {
    /// Which elements, if not all.
    pub(super) place: Option<String>,
    pub(super) trials: Vec<Trial>,
    /// What would explain the numbers; only where some test was failed.
    pub(super) guess: Option<Guess>,
    /// Whether stretches of rows differ among themselves.
    pub(super) is_uneven: bool,
    pub(super) law: String,
    pub(super) is_bounded: bool,
}

/// What all tensors share.
pub(super) struct Shared<'a> {
    pub(super) expectations: &'a Expectations,
    pub(super) observe: &'a Observer<'a>,
    pub(super) disabled: &'a Disabled,
    /// A test whose chance is smaller needs to be explained, if it counts at all.
    pub(super) level: f64,
}

impl Shared<'_> {
    fn hear(&self, more: u64) -> Result<()> {
        if (self.observe)(more).is_break() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

pub(super) fn judge(stored: &Stored, assignment: Option<&Assignment>, shared: &Shared<'_>) -> Result<Judged> {
    let tensor = &stored.tensor;
    let report = TensorReport::new(tensor, assignment);
    let empty = Judged { report, tried: Vec::new(), digest: 0, signs: None, is_telling: false, tied_to: None };
    let size = stored.size();
    let values = assignment.map(|one| &one.values);
    if tensor.shape.elements() == 0 {
        return Ok(empty);
    }
    let Some(element) = Element::of(&tensor.dtype) else {
        let judged = match values {
            Some(Values::Integers(integers)) => integer(stored, integers, empty, shared)?,
            // Masks and positions that nobody says anything of.
            None | Some(Values::Skipped) => empty,
            Some(Values::Drawn(_)) => with(empty, Kind::NotAudited, format!("values of {} are not read", tensor.dtype)),
        };
        shared.hear(size)?;
        return Ok(judged);
    };
    let whole = tensor.shape.elements();
    let mut judged = empty;
    let drawn = match values {
        Some(Values::Drawn(drawn)) => Some(drawn),
        Some(Values::Integers(_)) => {
            return Ok(with(judged, Kind::WrongValue, format!("it should hold integers and is {}", tensor.dtype)));
        }
        Some(Values::Skipped) | None => None,
    };
    judged.tied_to = drawn.and_then(|drawn| drawn.tied_to.clone());
    let Some((drawn, assignment)) = drawn.zip(assignment) else {
        let stretch = Stretch {
            stored,
            element,
            start: 0,
            grid: Grid::new(tensor.shape.dims(), whole),
            shift: 0.0,
            known: None,
            counts_all: false,
        };
        let (sample, _) = stretch.gather(shared)?;
        judged.see(&sample);
        non_finite(&sample, &mut judged);
        return Ok(judged);
    };
    // Experts have one law, whatever streams they are drawn from.
    let stretches = match drawn.experts {
        Some(_) => Part::cover(&[], drawn.distribution, whole),
        None => drawn.stretches(whole),
    };
    for part in &stretches {
        stretch(stored, element, assignment, drawn, part, stretches.len() > 1, &mut judged, shared)?;
    }
    Ok(judged)
}

fn with(mut judged: Judged, kind: Kind, message: impl Into<String>) -> Judged {
    judged.add(kind, message);
    judged
}

impl Judged {
    fn add(&mut self, kind: Kind, message: impl Into<String>) {
        let finding = Finding::new(&self.report.name, kind, message);
        self.report.findings.push(finding);
    }

    /// What of a stretch stands in the report, and what tells tensors apart.
    fn see(&mut self, sample: &Sample) {
        self.report.add(sample);
        self.digest = self.digest.rotate_left(17) ^ sample.digest();
        if self.signs.is_none() {
            self.signs = sample.signs;
        }
    }
}

/// One stretch with a law of its own.
#[expect(clippy::too_many_arguments, reason = "what a tensor and its stretch are")]
fn stretch(
    stored: &Stored,
    element: Element,
    assignment: &Assignment,
    drawn: &Drawn,
    part: &Part,
    is_part: bool,
    judged: &mut Judged,
    shared: &Shared<'_>,
) -> Result<()> {
    let (elements, distribution) = (part.elements().clone(), part.distribution());
    let dims = stored.tensor.shape.dims();
    let row = dims.first().map_or(1, |rows| stored.tensor.shape.elements() / rows);
    let place = is_part.then(|| format!("rows {}..{}", elements.start / row, elements.end / row));
    let said = |text: String| place.as_ref().map_or_else(|| text.clone(), |place| format!("{place}: {text}"));
    let law = Law::of(distribution);
    let known = Known::of(distribution, assignment);
    let weight = drawn.experts.as_ref().and_then(|experts| experts.weight(&stored.tensor.shape).ok());
    let matrices = Matrices::of(
        distribution,
        &match weight {
            Some(weight) => weight.dims().to_vec(),
            None => {
                let mut dims = dims.to_vec();
                if let Some(first) = dims.first_mut() {
                    *first = (elements.end - elements.start) / row;
                }
                dims
            }
        },
    );
    let grid = Grid::new(dims, elements.end - elements.start);
    // What is drawn from whole matrices is centred, and constants are compared one by one.
    let shift = law.as_ref().map_or(0.0, |law| law.mean);
    let counts_all = matrices.is_some();
    let stretch = Stretch { stored, element, start: elements.start, grid, shift, known: known.clone(), counts_all };
    let (sample, differences) = stretch.gather(shared)?;
    judged.see(&sample);
    if non_finite(&sample, judged) {
        return Ok(());
    }
    let count = grid.elements;
    if let Some(differences) = known.map(|_| differences).filter(|found| found.count > 0) {
        let what = differences.describe(count).unwrap_or_default();
        if differences.is_low_precision(element) {
            judged
                .add(Kind::LowPrecision, said(format!("{distribution}, computed in {}: {what}", stored.tensor.dtype)));
        } else if differences.is_permuted() {
            judged.add(Kind::PermutedRows, said(format!("its rows are those of {distribution} in another order")));
        } else if is_uninitialised(&sample) {
            judged.add(Kind::Uninitialised, said(format!("values as of memory that nobody wrote ({what})")));
        } else {
            let explained = if sample.min < sample.max && count >= 16 && distribution.name() == "constant" {
                format!("; {}", guess(&sample, &drawn.initializer, dims).text)
            } else {
                String::new()
            };
            judged.add(Kind::WrongValue, said(format!("{distribution}: {what}{explained}")));
        }
        return Ok(());
    }
    if !distribution.is_random() {
        return Ok(());
    }
    judged.is_telling |= sample.chance_of_twin() < TWINS;
    // What the dtype rounds to 0.
    let rounded = law.as_ref().or(sparse_law(distribution).as_ref()).map_or(0.0, |law| sample.chance_of_zero(law));
    // So few columns or rows that a sparse matrix keeps nothing of any.
    let is_empty = matrices.as_ref().is_some_and(|matrices| matrices.is_sparse() && matrices.zeros() >= count);
    if is_empty && sample.min == 0.0 && sample.max == 0.0 {
        return Ok(());
    }
    // By chance, where there are few elements, or few numbers that the dtype has for so small a law.
    let is_chance = || sample.chance_of_one_value(law.as_ref().or(sparse_law(distribution).as_ref())) > shared.level;
    if sample.min >= sample.max && count > 1 && !is_chance() {
        let value = super::trial::short(sample.min);
        judged.add(Kind::Constant, said(format!("every element is {value}, it should be drawn from {distribution}")));
        return Ok(());
    }
    if is_uninitialised(&sample) {
        let (least, most) = (super::trial::short(sample.min), super::trial::short(sample.max));
        let message = format!("values as of memory that nobody wrote, from {least} to {most}, not of {distribution}");
        judged.add(Kind::Uninitialised, said(message));
        return Ok(());
    }
    if let Some(bits) = widened(&sample) {
        judged.add(
            Kind::Widened,
            said(format!("its numbers have {bits} significant bits or fewer: they were rounded to a smaller dtype")),
        );
    }
    let mut sample = sample;
    if let Some(matrices) = matrices {
        let (is_sparse, zeros) = (matrices.is_sparse(), matrices.zeros());
        if let Some(wrong) = stretch.look(matrices, rounded, shared)? {
            let kind = if is_sparse { Kind::WrongZeros } else { Kind::NotOrthogonal };
            judged.add(kind, said(format!("{distribution}: {wrong}")));
            return Ok(());
        }
        if !is_sparse {
            return Ok(());
        }
        sample = sample.without(zeros);
    }
    let law = law.or_else(|| sparse_law(distribution));
    let Some(law) = law else {
        judged.add(Kind::NotAudited, said(format!("values of {distribution} are not tested")));
        return Ok(());
    };
    let text = distribution.to_string();
    let expectation = shared.expectations.get(&text, &law, element);
    let mut trials = trials(&sample, &expectation, shared.level);
    trials.retain(|trial| !shared.disabled.contains(trial.check));
    let is_suspicious = |trial: &Trial| trial.p < shared.level;
    let of_law = |trial: &Trial| is_suspicious(trial) && trial.check.is_of_law();
    let guess = trials.iter().any(of_law).then(|| guess(&sample, &drawn.initializer, dims));
    let is_uneven = sample.is_uneven(&expectation.law);
    let is_bounded = law.support().iter().all(|bound| bound.is_finite());
    judged.tried.push(Tried { place, trials, guess, is_uneven, law: text, is_bounded });
    Ok(())
}

/// The law of what is not zero.
fn sparse_law(distribution: &wgpu_init::Distribution) -> Option<Law> {
    let std = distribution.parameters().iter().find(|(name, _)| *name == "std")?.1;
    distribution.name().starts_with("sparse").then(|| Law::normal(0.0, std))
}

/// Says so where there are NaN or infinities.
fn non_finite(sample: &Sample, judged: &mut Judged) -> bool {
    let (nan, infinite) = (sample.nan, sample.infinite);
    if nan + infinite > 0 {
        judged.add(
            Kind::NonFinite,
            format!("{nan} NaN and {infinite} infinities among {} elements", sample.grid.elements),
        );
    }
    nan + infinite > 0
}

/// Exponents over more than any law has, or mostly subnormal numbers.
fn is_uninitialised(sample: &Sample) -> bool {
    let [tiny, huge] = sample.extreme_parts();
    tiny > 0.05 || huge > 0.001
}

/// Significant bits of what f32 holds, if they are those of a smaller dtype.
fn widened(sample: &Sample) -> Option<u32> {
    // Few numbers may have few bits by chance.
    let is_wide = matches!(sample.element.size(), 4 | 8) && sample.grid.elements >= 64;
    let unused = sample.bits.trailing_zeros().min(23);
    (is_wide && unused >= 12).then_some(24 - unused)
}

/// Compares integers.
fn integer(stored: &Stored, integers: &Integers, judged: Judged, shared: &Shared<'_>) -> Result<Judged> {
    let tensor = &stored.tensor;
    let found = tensor.dtype.to_ascii_lowercase();
    if found != integers.dtype().name() {
        return Ok(with(judged, Kind::WrongValue, format!("its dtype is {found}, it should be {}", integers.dtype())));
    }
    let (size, mut reader) = (integers.dtype().size(), Reader::open(stored)?);
    let total = tensor.shape.elements();
    for start in (0..total).step_by(1 << 18) {
        shared.hear(0)?;
        let end = total.min(start + (1 << 18));
        let bytes = reader.read(start * size..end * size)?;
        let mut expected = integers.bytes(start..end);
        if let Some(at) = bytes.iter().position(|byte| expected.next() != Some(*byte)) {
            let at = start + at as u64 / size;
            return Ok(with(judged, Kind::WrongValue, format!("element {at} is not that of {integers}")));
        }
    }
    Ok(judged)
}

/// A stretch of a tensor in its file.
struct Stretch<'a> {
    stored: &'a Stored,
    element: Element,
    /// Its first element.
    start: u64,
    grid: Grid,
    shift: f64,
    known: Option<Known<'a>>,
    /// Whether all elements are counted by bins, however many there are.
    counts_all: bool,
}

impl Stretch<'_> {
    /// Reads it once.
    fn gather(&self, shared: &Shared<'_>) -> Result<(Sample, Differences)> {
        let (size, rows, columns) = (self.element.size() as u64, self.grid.rows(), self.grid.columns);
        let step = self.grid.step();
        let rows_of_chunk = step * (CHUNK / (step * columns * size)).max(1);
        let chunks = rows.div_ceil(rows_of_chunk);
        let share = if self.counts_all { 1 } else { self.grid.share() };
        let next = AtomicU64::new(0);
        let work = || -> Result<(Sample, Differences)> {
            let mut sample = Sample::new(self.element, self.grid, self.shift, share);
            let (mut differences, mut numbers, mut reader) =
                (Differences::default(), Vec::new(), Reader::open(self.stored)?);
            loop {
                let chunk = next.fetch_add(1, Ordering::Relaxed);
                if chunk >= chunks {
                    return Ok((sample, differences));
                }
                let first = chunk * rows_of_chunk;
                let elements = first * columns..((first + rows_of_chunk) * columns).min(self.grid.elements);
                let bytes = reader.read((self.start + elements.start) * size..(self.start + elements.end) * size)?;
                sample.add(first, bytes);
                if let Some(known) = &self.known {
                    numbers.clear();
                    self.element.decode(bytes, self.element.table(), &mut numbers);
                    let elements = self.start + elements.start..self.start + elements.end;
                    let columns = if self.grid.is_matrix { columns } else { 0 };
                    known.compare(&numbers, self.element, &elements, columns, &mut differences)?;
                }
                shared.hear((elements.end - elements.start) * size)?;
            }
        };
        // Rows of known values are in order where one worker reads them.
        let workers = if self.stored.size() > SMALL && self.known.is_none() { rayon::current_num_threads() } else { 1 };
        let sealed = |(mut sample, differences): (Sample, Differences)| {
            sample.seal();
            (sample, differences)
        };
        if workers == 1 {
            return work().map(sealed);
        }
        let merge = |a: (Sample, Differences), b: (Sample, Differences)| {
            let mut differences = a.1;
            differences.merge(b.1);
            (a.0.merge(b.0), differences)
        };
        let each = (0..workers).into_par_iter().map(|_| work());
        let all = each.try_reduce_with(|a, b| Ok(merge(a, b)));
        all.unwrap_or_else(work).map(sealed)
    }

    /// Reads it a second time, in order.
    fn look(&self, matrices: Matrices, rounded: f64, shared: &Shared<'_>) -> Result<Option<String>> {
        let (size, mut reader, mut numbers) = (self.element.size() as u64, Reader::open(self.stored)?, Vec::new());
        let mut look = Look::new(matrices, rounded);
        let step = usize::try_from(CHUNK / size).unwrap_or(1);
        for start in (0..self.grid.elements).step_by(step) {
            shared.hear(0)?;
            let elements = start..self.grid.elements.min(start + step as u64);
            let bytes = reader.read((self.start + elements.start) * size..(self.start + elements.end) * size)?;
            numbers.clear();
            self.element.decode(bytes, self.element.table(), &mut numbers);
            look.add(&numbers, &elements, self.element);
        }
        Ok(look.finish(self.element))
    }
}

impl Check {
    /// Whether it asks which law the numbers are of, and not how they are arranged.
    pub(super) const fn is_of_law(self) -> bool {
        matches!(self, Self::Mean | Self::Std | Self::Least | Self::Greatest | Self::Shape | Self::Frequencies)
    }
}
