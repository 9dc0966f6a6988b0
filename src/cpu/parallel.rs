//! Work for the threads of rayon's pool, or for the calling one.

#[cfg(feature = "threads")]
pub(super) fn each<T: Send>(work: Vec<T>, run: impl Fn(T) + Sync + Send) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    match work.len() {
        0..=1 => work.into_iter().for_each(run),
        _ if has_pool() => work.into_par_iter().for_each(run),
        _ => work.into_iter().for_each(run),
    }
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
