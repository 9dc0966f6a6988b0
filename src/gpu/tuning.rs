//! Which of the equivalent ways an executor works, and finding the fastest by measuring. Values do not depend on it.

use crate::plan::Tiling;
use crate::wgsl::{Products, Table};
use crate::{Error, Result};
use core::fmt;
use core::str::FromStr;

/// How an executor works: which shaders, and how their work is spread. All of them give the same bits.
///
/// As text it is one line, to be kept beside a device's name: `native workgroup 256x64x1024`.
///
/// ```
/// use wgpu_init::gpu::{GpuOptions, Tuning};
/// let kept: Tuning = "portable uniform 64x16x512".parse()?;
/// assert_eq!(kept.to_string(), "portable uniform 64x16x512");
/// let options = GpuOptions::from(kept);
/// # let _ = options;
/// # Ok::<(), wgpu_init::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Tuning {
    /// How 32 × 32 → 64 bits are multiplied.
    pub products: Products,
    /// Where the quantile table is read.
    pub table: Table,
    /// How work is spread over workgroups.
    pub tiling: Tiling,
}

const PRODUCTS: [(&str, Products); 2] = [("native", Products::Native), ("portable", Products::Portable)];
const TABLES: [(&str, Table); 2] = [("uniform", Table::Uniform), ("workgroup", Table::Workgroup)];

fn named<T: Copy>(names: &[(&str, T)], text: Option<&str>) -> Option<T> {
    names.iter().find(|(name, _)| Some(*name) == text).map(|(_, value)| *value)
}

fn name_of<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, named)| named == value).map_or("", |(name, _)| name)
}

impl fmt::Display for Tuning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tiling { workgroup_size, most_groups, enough_workgroups } = self.tiling;
        let (products, table) = (name_of(&PRODUCTS, &self.products), name_of(&TABLES, &self.table));
        write!(formatter, "{products} {table} {workgroup_size}x{most_groups}x{enough_workgroups}")
    }
}

impl FromStr for Tuning {
    type Err = Error;

    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// [`Error::ParseTuning`].
    fn from_str(text: &str) -> Result<Self> {
        let read = || {
            let mut parts = text.split_whitespace();
            let (products, table) = (named(&PRODUCTS, parts.next())?, named(&TABLES, parts.next())?);
            let numbers = parts.next()?.split('x').map(|number| number.parse().ok().filter(|number| *number > 0));
            let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
            let [workgroup_size, most_groups, enough_workgroups] = numbers[..] else { return None };
            let tiling = Tiling { workgroup_size, most_groups, enough_workgroups };
            parts.next().is_none().then_some(Self { products, table, tiling })
        };
        read().ok_or_else(|| Error::ParseTuning { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (_, products) in PRODUCTS {
            for (_, table) in TABLES {
                for tiling in [Tiling::PARALLEL, Tiling::EMULATED] {
                    let tuning = Tuning { products, table, tiling };
                    assert_eq!(tuning.to_string().parse::<Tuning>().expect("its own text"), tuning);
                }
            }
        }
    }
}
