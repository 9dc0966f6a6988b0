//! The value contract: what number every element gets.
//!
//! Each file is the plain, readable twin of the shader file with the same stem in `shaders/`, but for [`computed`] and [`stft`],
//! whose values reach a device as data; [`orthogonal`] is that of the files `orthogonal_*`. Nothing here knows about shapes, devices or threads. A change of a produced bit bumps [`VALUES_VERSION`](crate::VALUES_VERSION).

pub mod affine;
pub mod clamp;
pub mod computed;
pub mod delta;
pub mod draw;
pub mod finish;
pub mod mulhi;
pub mod narrow;
pub mod normal;
pub mod orthogonal;
pub mod philox;
#[cfg(feature = "rand")]
mod rng;
pub mod sparse;
pub mod stft;
pub mod truncated;
pub mod uniform;
pub mod word;

#[cfg(feature = "rand")]
pub use rng::PhiloxRng;
