//! The plain executor: one element after the other, straight from the value contract. What the fast one is compared with.
//!
//! ```
//! use wgpu_init::{Fill, Initializer, Shape, cpu::reference};
//! let fill = Fill::new(Shape::new([4])?, Initializer::constant(1.0))?;
//! assert_eq!(reference::elements(&fill)?.collect::<Vec<_>>(), [0x3F80_0000; 4]);
//! # Ok::<(), wgpu_init::Error>(())
//! ```

use crate::fill::{Job, Work};
use crate::lattice::Lattice;
use crate::value::finish::finish;
use crate::value::orthogonal::{Orthonormal, orthonormal, scaled_entry};
use crate::value::program::{Orthogonal, Program};
use crate::value::word::value_word;
use crate::{Fill, Result};

/// The stored bits of every element that a fill writes, in the order of memory; in the lowest bits for the smaller dtypes.
///
/// # Errors
/// As [`CpuExecutor::run`](super::CpuExecutor::run), but for what concerns the target.
pub fn elements(fill: &Fill) -> Result<impl Iterator<Item = u32> + use<>> {
    Ok(placed(fill)?.map(|(_, bits)| bits))
}

/// The same, each with the byte of the target where it begins.
///
/// # Errors
/// As [`elements`].
pub fn placed(fill: &Fill) -> Result<impl Iterator<Item = (u64, u32)> + use<>> {
    let Work { job, boxes } = fill.resolve()?;
    let run = || Lattice::run(job.first, job.bytes.clone(), job.dtype.size());
    let boxes = match boxes {
        Some(boxes) => boxes.to_vec(),
        None => (!job.bytes.is_empty()).then(run).into_iter().collect(),
    };
    // Boxes may lie inside each other.
    let (one, several) = if boxes.len() > 1 { (Vec::new(), boxes) } else { (boxes, Vec::new()) };
    let mut places: Vec<(u64, u64)> = several.iter().flat_map(Lattice::places).collect();
    places.sort_unstable();
    let mut matrix = None;
    let places = places.into_iter().chain(one.into_iter().flat_map(|lattice| lattice.places()));
    Ok(places.map(move |(byte, index)| {
        let bits = match &job.program {
            Program::Elementwise(program) => {
                let word = value_word(job.source.seed, job.source.stream, index);
                program.element(job.dtype, &job.source, index, word)
            }
            Program::Orthogonal(program) => orthogonal(&job, program, index, &mut matrix),
        };
        (byte, bits)
    }))
}

/// An element of a batch of orthogonal matrices; `known` is the last matrix that was computed.
fn orthogonal(job: &Job, program: &Orthogonal, index: u64, known: &mut Option<(u64, Orthonormal)>) -> u32 {
    let (source, frames) = (&job.source, &program.frames);
    let (number, place) = ((index - source.origin) / frames.elements(), (index - source.origin) % frames.elements());
    let matrix = match known {
        Some((last, matrix)) if *last == number => matrix,
        _ => {
            let (rows, columns) = frames.tall();
            let first = source.origin + number * frames.entries();
            let word =
                |row, column| value_word(source.seed, source.stream, first + (row * columns as usize + column) as u64);
            &mut known.insert((number, orthonormal(rows as usize, columns as usize, word))).1
        }
    };
    #[expect(clippy::cast_possible_truncation, reason = "rows and columns have 32 bits")]
    let entry = frames.entry(place).map_or(0, |(row, column)| matrix.entry(row as usize, column as usize));
    finish(job.dtype, scaled_entry(entry, program.gain), 0, u32::MAX)
}

/// The bytes that a fill writes, little-endian, one element behind the other.
///
/// # Errors
/// As [`elements`].
pub fn bytes(fill: &Fill) -> Result<Vec<u8>> {
    let size = usize::try_from(fill.element_type().size()).unwrap_or(usize::MAX);
    Ok(elements(fill)?.flat_map(|bits| bits.to_le_bytes().into_iter().take(size)).collect())
}
