//! Ragged ends of fills: words that the host computes and one dispatch stores.

use super::dispatch::{Planner, Stretches, small};
use super::grid::{grid, most_workgroups};
use super::path::Path;
use super::record::EdgeRecord;
use crate::Result;
use crate::fill::Job;
use crate::value::program::{Elementwise, mask};
use crate::wgsl::Kernel;
use core::ops::Range;

impl Planner<'_> {
    /// Dispatches for the edges in one window, one invocation for each word.
    pub(super) fn edges(
        &mut self,
        buffer: usize,
        window: &Range<u64>,
        pieces: &[(Range<u64>, &Job<Elementwise>)],
    ) -> Result<()> {
        let (device, kernel) = (self.device, Kernel::FillEdge);
        let workgroup_size = u64::from(device.workgroup_size(kernel));
        let most = most_workgroups(device.max_workgroups_per_dimension).saturating_mul(workgroup_size);
        let most = most.min(device.largest_records() / size_of::<EdgeRecord>() as u64);
        let mut records = Vec::with_capacity(3 * pieces.len());
        for (bytes, job) in pieces {
            words(window, bytes, job, &mut records);
        }
        for records in records.chunks(usize::try_from(most).unwrap_or(usize::MAX)) {
            let workgroups = (records.len() as u64).div_ceil(workgroup_size);
            let records = self.append(bytemuck::cast_slice(records))?;
            let stretches = Stretches { records, target: window.clone(), ..Stretches::default() };
            self.push(Path::plain(kernel), buffer, &stretches, grid(workgroups, device.max_workgroups_per_dimension));
        }
        Ok(())
    }
}

/// The words of an edge, which is shorter than two groups.
fn words(window: &Range<u64>, bytes: &Range<u64>, job: &Job<Elementwise>, records: &mut Vec<EdgeRecord>) {
    let mut last = None;
    job.elements(bytes, |byte, bits| {
        let byte = byte - window.start;
        let (position, shift) = (small(byte / 4), small(byte % 4) * 8);
        let (mask, bits) = (mask(job.dtype) << shift, bits << shift);
        match records.last_mut().filter(|_| last == Some(position)) {
            Some(word) => (word.mask, word.bits) = (word.mask | mask, word.bits | bits),
            None => records.push(EdgeRecord { position, mask, bits }),
        }
        last = Some(position);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Fill, Initializer, Shape};

    #[test]
    fn words_hold_their_elements_and_nothing_else() {
        let shape = Shape::new([3]).expect("a shape");
        let fill = Fill::new(shape, Initializer::constant(1.0)).expect("a fill").dtype(DType::Bf16).at(18);
        let job = fill.resolve().expect("a fill").job;
        let crate::value::program::Program::Elementwise(program) = job.program else { panic!("a constant") };
        let mut stored = Vec::new();
        words(&(16..32), &(18..24), &job.with(program), &mut stored);
        let expected = [(0, 0xFFFF_0000, 0x3F80_0000), (1, u32::MAX, 0x3F80_3F80)];
        assert_eq!(stored, expected.map(|(position, mask, bits)| EdgeRecord { position, mask, bits }));
    }
}
