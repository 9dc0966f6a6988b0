//! Work for the threads of rayon's pool, or for the calling one.

#[cfg(feature = "threads")]
pub(super) fn each<T: Send>(work: Vec<T>, run: impl Fn(T) + Sync + Send) {
    use rayon::iter::{IntoParallelIterator, ParallelIterator};
    match work.len() {
        0..=1 => work.into_iter().for_each(run),
        _ => work.into_par_iter().for_each(run),
    }
}

#[cfg(not(feature = "threads"))]
pub(super) fn each<T>(work: Vec<T>, run: impl Fn(T)) {
    work.into_iter().for_each(run);
}
