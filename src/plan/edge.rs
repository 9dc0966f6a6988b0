//! Ragged ends of fills: words that the host computes and one dispatch stores.

use super::dispatch::{Planner, Stretches, small};
use super::grid::{grid, most_workgroups};
use super::record::EdgeRecord;
use crate::Result;
use crate::fill::Job;
use crate::value::program::Elementwise;
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
        let records: Vec<EdgeRecord> = pieces.iter().flat_map(|(bytes, job)| words(window, bytes, job)).collect();
        for records in records.chunks(usize::try_from(most).unwrap_or(usize::MAX)) {
            let workgroups = (records.len() as u64).div_ceil(workgroup_size);
            let records = self.append(bytemuck::cast_slice(records))?;
            let stretches = Stretches { records, target: window.clone(), ..Stretches::default() };
            self.push(kernel, true, buffer, &stretches, grid(workgroups, device.max_workgroups_per_dimension));
        }
        Ok(())
    }
}

/// The words of an edge, which is shorter than two groups.
fn words(window: &Range<u64>, bytes: &Range<u64>, job: &Job<Elementwise>) -> Vec<EdgeRecord> {
    let mut stored = [0; 32];
    let length = small(bytes.end - bytes.start) as usize;
    job.part(bytes.clone()).write(&mut stored[..length]);
    let mut words: Vec<EdgeRecord> = Vec::with_capacity(8);
    for (byte, stored) in (bytes.start - window.start..).zip(&stored[..length]) {
        let (position, shift) = (small(byte / 4), small(byte % 4) * 8);
        if words.last().is_none_or(|word| word.position != position) {
            words.push(EdgeRecord { position, mask: 0, bits: 0 });
        }
        if let Some(word) = words.last_mut() {
            word.mask |= 0xFF << shift;
            word.bits |= u32::from(*stored) << shift;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DType, Fill, Initializer, Shape};

    #[test]
    fn words_hold_their_elements_and_nothing_else() {
        let shape = Shape::new([3]).expect("a shape");
        let fill = Fill::new(shape, Initializer::constant(1.0)).expect("a fill").dtype(DType::Bf16).at(18);
        let job = fill.resolve().expect("a fill");
        let crate::value::program::Program::Elementwise(program) = job.program else { panic!("a constant") };
        let words = words(&(16..32), &(18..24), &job.with(program));
        let expected = [(0, 0xFFFF_0000, 0x3F80_0000), (1, u32::MAX, 0x3F80_3F80)];
        assert_eq!(words, expected.map(|(position, mask, bits)| EdgeRecord { position, mask, bits }));
    }
}
