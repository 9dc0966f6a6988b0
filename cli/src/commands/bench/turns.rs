//! Works measured in turn, again and again: a machine that changes its speed changes it for all of them.

use anyhow::Result;
use std::time::Duration;

/// The times of each. The first turn, which compiles and touches memory, is not counted.
pub(crate) fn in_turn<W>(
    repetitions: u32,
    works: &mut [W],
    mut once: impl FnMut(&mut W) -> Result<Duration>,
) -> Result<Vec<Vec<Duration>>> {
    let mut times = vec![Vec::new(); works.len()];
    for turn in 0..=repetitions {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let time = once(work)?;
            times.extend((turn > 0).then_some(time));
        }
    }
    Ok(times)
}
