//! The threads of the CPU executor.

use anyhow::{Context, Result};
use std::num::NonZero;

/// Threads for each core; more only cost memory.
const MOST_PER_CORE: usize = 4;

/// Makes rayon's pool before anything needs it: what the system refuses is an error here, and would be a panic later. As many threads as
/// `RAYON_NUM_THREADS` says, within reason; one for each core without it.
pub(crate) fn install() -> Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|text| text.parse().ok()).filter(|asked| *asked > 0);
    let threads = asked.unwrap_or(cores).min(cores.saturating_mul(MOST_PER_CORE));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    pool.with_context(|| format!("cannot start {threads} threads: RAYON_NUM_THREADS asks for fewer"))
}
