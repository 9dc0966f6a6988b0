//! The executor: fills are cut into chunks, and chunks are filled in parallel.

use super::parallel::each;
use super::{Target, chunk, orthogonal, view};
use crate::fill::{Boxes, Job, Work, check_overlap};
use crate::lattice::Lattice;
use crate::value::program::{Elementwise, Orthogonal, Program};
use crate::{Error, Fill, Result};
use core::borrow::Borrow;
use core::ops::Range;

/// Bytes that one task writes: small enough for a core's cache, large enough that handing it out costs nothing.
const CHUNK: u64 = 64 << 10;

/// Writes fills into bytes in host memory, with the bits that every other executor produces.
///
/// With the feature `threads` it runs on rayon's current thread pool (install another one around the call to choose the
/// number of threads), otherwise on the calling thread.
///
/// ```
/// use wgpu_init::{CpuExecutor, Fill, Initializer, Seed, Shape};
/// let mut weight = vec![0f32; 768 * 2304];
/// let fill = Fill::new(Shape::new([768, 2304])?, Initializer::normal(0.0, 0.02))?;
/// let fill = fill.named(Seed::new(0), "transformer.h.0.attn.c_attn.weight");
/// CpuExecutor::new().run([(&mut weight, fill)])?;
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CpuExecutor(());

impl CpuExecutor {
    /// An executor; it holds nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(())
    }

    /// Writes each fill into its own [target](Target): bytes, or a slice of numbers of the fill's dtype, in row-major order.
    ///
    /// # Errors
    /// [`Error::Fill`] around what is wrong with a fill. Then nothing was written.
    pub fn run<'a, T: Into<Target<'a>>, F: Borrow<Fill>>(&self, fills: impl IntoIterator<Item = (T, F)>) -> Result<()> {
        let mut targets = Vec::new();
        for (index, (target, fill)) in fills.into_iter().enumerate() {
            let target = target.into();
            let work = resolve(fill.borrow(), index, &target)?;
            let mut tasks = Vec::new();
            cut(work, &mut tasks);
            targets.push((target.bytes, rounds(tasks)));
        }
        run(targets);
        Ok(())
    }

    /// Writes several fills into one target, each at its byte offset. Bytes between them keep what they hold.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Overlap`]. Then nothing was written.
    pub fn run_in<'a, F: Borrow<Fill>>(
        &self,
        target: impl Into<Target<'a>>,
        fills: impl IntoIterator<Item = F>,
    ) -> Result<()> {
        let target = target.into();
        let (mut tasks, mut claims) = (Vec::new(), Vec::new());
        for (index, fill) in fills.into_iter().enumerate() {
            let work = resolve(fill.borrow(), index, &target)?;
            work.claim(index, &mut claims);
            cut(work, &mut tasks);
        }
        check_overlap(&mut claims)?;
        run(vec![(target.bytes, rounds(tasks))]);
        Ok(())
    }
}

fn resolve(fill: &Fill, index: usize, target: &Target<'_>) -> Result<Work> {
    let size = target.bytes.len() as u64;
    let work = fill.resolve().and_then(|work| {
        let job = &work.job;
        target.check(job.dtype)?;
        let Range { start, end } = job.bytes;
        if end > size && start < end {
            return Err(Error::TargetTooSmall { start, end, size });
        }
        if let Program::Orthogonal(program) = &job.program
            && start < end
        {
            orthogonal::check_memory(&program.frames)?;
        }
        Ok(work)
    });
    work.map_err(|error| error.in_fill(index, fill.name()))
}

/// What one thread does, or all of them together, with some bytes of a target.
struct Task {
    bytes: Range<u64>,
    what: What,
}

enum What {
    /// A stretch of elements.
    Run(Job<Elementwise>),
    /// A box, whose places count from the start of the target.
    Box(Job<Elementwise>, Box<Lattice>),
    /// Matrices, which each have work for all threads.
    Matrices(Job<Orthogonal>),
    /// Elements of matrices.
    MatrixBoxes(Job<Orthogonal>, Boxes),
}

/// Cuts a fill into tasks.
fn cut(Work { job, boxes }: Work, tasks: &mut Vec<Task>) {
    if job.bytes.is_empty() {
        return;
    }
    match (job.program, boxes) {
        (Program::Elementwise(program), None) => {
            let (whole, mut start) = (job.with(program), job.bytes.start);
            while start < job.bytes.end {
                let bytes = start..job.bytes.end.min(start.saturating_add(CHUNK));
                start = bytes.end;
                tasks.push(Task { bytes: bytes.clone(), what: What::Run(whole.part(bytes)) });
            }
        }
        (Program::Elementwise(program), Some(boxes)) => {
            let (whole, mut pieces) = (job.with(program), Vec::new());
            for lattice in boxes.iter() {
                lattice.pieces((CHUNK / lattice.size).max(lattice.block()), u64::MAX, &mut pieces);
            }
            for piece in pieces {
                tasks.push(Task { bytes: piece.bytes(), what: What::Box(whole.clone(), Box::new(piece)) });
            }
        }
        (Program::Orthogonal(program), None) => {
            tasks.push(Task { bytes: job.bytes.clone(), what: What::Matrices(job.with(program)) });
        }
        (Program::Orthogonal(program), Some(boxes)) => {
            tasks.push(Task { bytes: job.bytes.clone(), what: What::MatrixBoxes(job.with(program), boxes) });
        }
    }
}

/// Lists of tasks whose bytes do not overlap: one, but for views that lie inside each other, whose bytes no two threads may have.
fn rounds(mut tasks: Vec<Task>) -> Vec<Vec<Task>> {
    tasks.sort_by_cached_key(|task| task.bytes.start);
    let mut rounds: Vec<Vec<Task>> = Vec::new();
    for task in tasks {
        let free = |round: &&mut Vec<Task>| round.last().is_none_or(|last| last.bytes.end <= task.bytes.start);
        match rounds.iter_mut().find(free) {
            Some(round) => round.push(task),
            None => rounds.push(vec![task]),
        }
    }
    rounds
}

fn run(mut targets: Vec<(&mut [u8], Vec<Vec<Task>>)>) {
    let most = targets.iter().map(|(_, rounds)| rounds.len()).max().unwrap_or(0);
    for round in 0..most {
        let (mut small, mut large) = (Vec::new(), Vec::new());
        for (target, rounds) in &mut targets {
            let Some(tasks) = rounds.get_mut(round) else { continue };
            let (mut rest, mut at) = (&mut **target, 0);
            for Task { bytes, what } in core::mem::take(tasks) {
                let (_, behind) = core::mem::take(&mut rest).split_at_mut(index(bytes.start - at));
                let (taken, behind) = behind.split_at_mut(index(bytes.end - bytes.start));
                (rest, at) = (behind, bytes.end);
                match what {
                    What::Run(_) | What::Box(..) => small.push((taken, what)),
                    What::Matrices(_) | What::MatrixBoxes(..) => large.push((taken, what)),
                }
            }
        }
        each(small, |(bytes, what)| what.run(bytes));
        // Each may have work for all threads; small ones side by side, as many as memory is meant for.
        let mut large = large.into_iter().peekable();
        while let Some(first) = large.next() {
            let mut room = orthogonal::TOGETHER.saturating_sub(first.1.entries());
            let mut group = vec![first];
            while let Some(next) = large.next_if(|(_, what)| what.entries() <= room) {
                room -= next.1.entries();
                group.push(next);
            }
            each(group, |(bytes, what)| what.run(bytes));
        }
    }
}

impl What {
    /// Entries of matrices that are in memory at a time.
    fn entries(&self) -> u64 {
        match self {
            Self::Run(_) | Self::Box(..) => 0,
            Self::Matrices(job) => orthogonal::entries_at_a_time(job),
            // At most so many, unless one alone has more.
            Self::MatrixBoxes(..) => orthogonal::TOGETHER,
        }
    }

    fn run(self, bytes: &mut [u8]) {
        match self {
            Self::Run(job) => chunk::fill(&job, bytes),
            Self::Box(job, lattice) => view::fill(&job, &lattice, bytes),
            Self::Matrices(job) => orthogonal::fill(&job, bytes),
            Self::MatrixBoxes(job, boxes) => orthogonal::fill_boxes(&job, &boxes, bytes),
        }
    }
}

/// A position in host memory.
fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
