//! Plots and headline figures from the dated records in `benches/record/`.
//!
//! Records are read ([`record`]), reduced to figures ([`arithmetic`]), and written as SVG files ([`plot`]) and as generated
//! blocks of Markdown ([`figures`]); [`outputs`] compares all of it with what the repository holds. No number comes from
//! anywhere else.

pub mod arithmetic;
mod block;
pub mod figures;
pub mod outputs;
pub mod plot;
pub mod record;
pub mod subject;
mod text;
