//! Work for the threads of rayon's pool, or for the calling one.

#[cfg(feature = "threads")]
pub(super) fn each<T: Send>(work: Vec<T>, run: impl Fn(T) + Sync) {
    use std::sync::{Mutex, PoisonError};
    if work.len() <= 1 || !has_pool() {
        return work.into_iter().for_each(run);
    }
    let slots: Vec<_> = work.into_iter().map(|one| Mutex::new(Some(one))).collect();
    in_parallel(slots.len(), &|at| {
        let one = slots[at].lock().unwrap_or_else(PoisonError::into_inner).take();
        one.into_iter().for_each(&run);
    });
}

/// Not generic: rayon's part is compiled once for all kinds of work.
#[cfg(feature = "threads")]
fn in_parallel(count: usize, run: &(dyn Fn(usize) + Sync)) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    (0..count).into_par_iter().for_each(run);
}

/// Whether rayon has threads to give. Its global pool is made here where none is in use: rayon itself would panic if the system has no
/// thread for it.
#[cfg(feature = "threads")]
fn has_pool() -> bool {
    static GLOBAL: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    let make = || match rayon::ThreadPoolBuilder::new().build_global() {
        Ok(()) => true,
        // Only what the system said has a source; else somebody made the pool before.
        Err(error) => std::error::Error::source(&error).is_none(),
    };
    rayon::current_thread_index().is_some() || *GLOBAL.get_or_init(make)
}

#[cfg(not(feature = "threads"))]
pub(super) fn each<T>(work: Vec<T>, run: impl Fn(T)) {
    work.into_iter().for_each(run);
}
