//! The value contract: what number every element gets.
//!
//! Each file is the plain, readable twin of the shader file with the same stem in `shaders/`, but for `computed` and `stft`, whose
//! values reach a device as data, and [`widen`], which no device needs; [`orthogonal`] is that of the files `orthogonal_*`, and `program` says which of them make a
//! tensor. Nothing here knows about shapes, devices or threads. A change of a produced bit bumps
//! [`VALUES_VERSION`](crate::VALUES_VERSION).
//!
//! ```
//! use wgpu_init::value::{normal::normal_unit, word::value_word};
//! // The standard normal value of element 5 of stream 7 under seed 42.
//! let z = f32::from_bits(normal_unit(value_word(42, 7, 5)));
//! assert_eq!(z, -0.318_020_5);
//! ```

pub mod affine;
pub mod clamp;
pub(crate) mod computed;
pub(crate) mod delta;
pub mod draw;
pub mod finish;
pub mod mulhi;
pub mod narrow;
pub mod normal;
pub mod orthogonal;
pub mod philox;
pub(crate) mod program;
pub(crate) mod sparse;
pub(crate) mod stft;
pub mod truncated;
pub mod uniform;
pub mod widen;
pub mod word;
