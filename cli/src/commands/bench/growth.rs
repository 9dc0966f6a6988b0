//! Growth: the first elements of one large tensor, drawn part after part into one buffer that fits a cache or does not.

use super::host::Host;
use super::law::Law;
use super::measure::Rows;
use super::row::{Task, Timing, Work};
use crate::interrupt;
use anyhow::Result;
use wgpu_init::{CpuExecutor, DType, Fill};

/// Elements of the tensor, as a power of two, and of what is drawn of it.
const TENSOR: u32 = 33;
const TOTALS: [u32; 6] = [16, 20, 24, 28, 30, TENSOR];
/// Bytes of the buffer. The least are one task of the executor, which no second thread shares.
const PARTS: [u64; 4] = [64 << 10, 1 << 20, 16 << 20, 256 << 20];

/// Of the whole tensor.
pub(super) const BYTES: u64 = 4 << TENSOR;

/// All that draws at most so many bytes.
pub(super) fn rows(rows: &mut Rows<'_>, threads: usize, most: u64) -> Result<()> {
    let parts = PARTS.into_iter().filter(|part| threads == 1 || *part > PARTS[0]);
    let cases = TOTALS.into_iter().flat_map(|total| parts.clone().map(move |part| (total, part)));
    // A buffer larger than what is drawn is no other case.
    let cases: Vec<_> = cases.filter(|(total, part)| *part <= 4 << total && 4 << total <= most).collect();
    let mut host = Host::new(threads, cases.iter().map(|(_, part)| *part).max().unwrap_or(0))?;
    for law in [Law::Uniform, Law::Normal] {
        let works = cases.iter().map(|(total, part)| {
            let detail = format!("2^{total} elements, {} KiB at a time", part >> 10);
            let task = Task::new(Work::Growth, Timing::Warm, law, DType::F32, 4 << total);
            (task.detail(detail), (1 << total, part / 4))
        });
        let tensor = law.tensor(DType::F32, BYTES)?;
        rows.in_turn(works.collect(), |(elements, part)| {
            host.timed(|bytes| {
                stream(&tensor, *elements, *part, |fill| {
                    interrupt::check()?;
                    Ok(CpuExecutor::new().run_in(&mut *bytes, [fill])?)
                })
            })
        })?;
    }
    Ok(())
}

/// The first elements of a tensor, so many at a time; the last part may be shorter.
fn stream(tensor: &Fill, elements: u64, part: u64, mut draw: impl FnMut(&Fill) -> Result<()>) -> Result<()> {
    let (mut fill, mut start) = (tensor.clone(), 0);
    while start < elements {
        let end = elements.min(start + part);
        fill = fill.elements(start..end);
        draw(&fill)?;
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_tensor_in_order() {
        let tensor = Law::Normal.tensor(DType::F32, BYTES).expect("a law");
        let (mut whole, mut buffer, mut streamed) = (vec![0f32; 5000], vec![0f32; 768], Vec::new());
        CpuExecutor::new().run([(&mut whole, tensor.clone().elements(0..5000))]).expect("a fill");
        let drawn = stream(&tensor, 5000, 768, |fill| {
            CpuExecutor::new().run([(&mut buffer, fill)])?;
            streamed.extend_from_slice(&buffer);
            Ok(())
        });
        drawn.expect("parts");
        // The last part is 392 elements, behind which the buffer keeps what it held.
        streamed.truncate(whole.len());
        assert!(streamed == whole);
    }
}
