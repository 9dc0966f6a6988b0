//! The kernels as data: name, files, bindings, workgroup.

use super::files as file;
use super::{Kernel, Products, Table};
use crate::DType;
use crate::value::normal::TABLE_BYTES;

/// A kernel's module and how it is bound.
pub(super) struct Shader {
    pub(super) name: &'static str,
    /// In order: what a file uses stands before it.
    files: &'static [&'static [File]],
    resources: &'static [Resource],
    pub(super) workgroup: Workgroup,
}

/// A file, or one of several that do the same.
#[derive(Clone, Copy)]
pub(super) enum File {
    Is(&'static str),
    /// By how it multiplies: native, portable.
    ByProducts(&'static str, &'static str),
    /// Where the table is: in workgroup memory; in a uniform buffer, native and portable.
    Table,
}

/// What a kernel binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Records of the plan's table, [`Plan::records`](crate::plan::Plan::records).
    Records,
    /// The target.
    Target,
    /// Computed values, in the plan's table too.
    List,
    /// [`TABLE_BYTES`], the quantile table.
    Table,
    /// A buffer of the workspace of orthogonal matrices: 0 reflectors, 1 matrices, 2 signs with blocks and products.
    Workspace(u8),
    /// Words that a check kernel writes.
    Output,
}

/// How a buffer is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// `var<uniform>`.
    Uniform,
    /// `var<storage, read>`.
    ReadOnly,
    /// `var<storage, read_write>`.
    ReadWrite,
}

/// A binding of group 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Binding {
    /// What is bound.
    pub resource: Resource,
    /// How.
    pub access: Access,
}

/// Workgroups of a kernel.
#[derive(Clone, Copy)]
pub(super) enum Workgroup {
    /// 256 invocations, or what suits the device: each takes 16-byte groups of a tile.
    Tiled,
    /// So many invocations, or fewer.
    Each(u32),
    /// 256, always.
    Fixed,
}

impl Workgroup {
    pub(super) const fn size(self) -> u32 {
        match self {
            Self::Tiled | Self::Fixed => 256,
            Self::Each(size) => size,
        }
    }
}

impl Shader {
    pub(super) fn binds(&self, which: impl Fn(Resource) -> bool) -> bool {
        self.resources.iter().any(|resource| which(*resource))
    }

    pub(super) fn bindings(&self, table: Table) -> Vec<Binding> {
        let access = |resource| match (resource, table) {
            // The sums of reflectors take the workgroup memory: there the table is read where it lies.
            (Resource::Table, Table::Uniform) if !self.binds(|of| of == Resource::Workspace(0)) => Access::Uniform,
            (Resource::Records | Resource::List | Resource::Table, _) => Access::ReadOnly,
            (Resource::Target | Resource::Workspace(_) | Resource::Output, _) => Access::ReadWrite,
        };
        self.resources.iter().map(|resource| Binding { resource: *resource, access: access(*resource) }).collect()
    }

    pub(super) fn source(&self, products: Products, table: Table) -> String {
        let parts: Vec<File> = self.files.iter().copied().flatten().copied().collect();
        join(&parts, products, table)
    }
}

/// The text of files, one behind the other.
pub(super) fn join(files: &[File], products: Products, table: Table) -> String {
    let text = |file: &File| match (*file, products, table) {
        (File::Is(text), ..) => text,
        (File::ByProducts(native, _), Products::Native, _) => native,
        (File::ByProducts(_, portable), Products::Portable, _) => portable,
        (File::Table, _, Table::Workgroup) => file::table_workgroup,
        (File::Table, Products::Native, Table::Uniform) => file::table_uniform_native,
        (File::Table, Products::Portable, Table::Uniform) => file::table_uniform_portable,
    };
    files.iter().map(text).collect::<Vec<_>>().join("\n")
}

const MULHI: File = File::ByProducts(file::mulhi_native, file::mulhi_portable);
const WORDS: &[File] = &[MULHI, File::Is(file::philox), File::Is(file::word)];
const FINISH: &[File] = &[
    File::Is(file::affine),
    File::Is(file::narrow),
    File::Is(file::clamp),
    File::Is(file::draw),
    File::Is(file::finish),
];
const PHASE: &[File] = &[File::Is(file::phase)];
const WIDE: &[File] = &[File::Is(file::wide)];
const TABLE: &[File] = &[File::Table];
const NO_TABLE: &[File] = &[File::Is(file::table_none)];
const STORE: File = File::ByProducts(file::store_native, file::store_portable);
const MAIN: &[File] = &[STORE, File::Is(file::find_job), File::Is(file::fill_main)];
/// A view, after the files of its law.
const VIEW: &[File] = &[File::Is(file::view)];
/// What it writes: whole groups, or elements anywhere.
const ROWS: &[File] = &[STORE, File::Is(file::view_rows), File::Is(file::find_job), File::Is(file::view_main)];
const UNITS: &[File] = &[File::Is(file::view_units), File::Is(file::find_job), File::Is(file::view_main)];
const NORMAL: &[File] = &[File::Is(file::normal)];
const DRAW_NORMAL: &[File] = &[File::Is(file::normal), File::Is(file::draw_normal)];
const STEP: &[File] = &[File::Is(file::orthogonal_step)];
const SMALL_PART: &[File] = &[File::Is(file::orthogonal_small)];
const TILES: &[File] = &[MULHI, File::Is(file::wide), File::Is(file::exact_dot), File::Is(file::orthogonal_tile)];

/// By dtype: f32, f16, bf16.
const GROUPS: [&[File]; 3] = [
    &[File::Is(file::group_f32)],
    &[File::Is(file::group_f16), File::Is(file::group_half)],
    &[File::Is(file::group_bf16), File::Is(file::group_half)],
];
const SPARSE: [&[File]; 3] =
    [&[File::Is(file::sparse_f32)], &[File::Is(file::sparse_f16)], &[File::Is(file::sparse_bf16)]];

/// What [`shared`](super::shared) gives.
pub(super) const SHARED: &[File] = &[
    MULHI,
    File::Is(file::philox),
    File::Is(file::word),
    File::Is(file::affine),
    File::Is(file::narrow),
    File::Is(file::clamp),
    File::Is(file::draw),
    File::Is(file::finish),
    File::Is(file::uniform),
    File::Is(file::draw_uniform),
    File::Is(file::normal),
    File::Is(file::draw_normal),
    File::Is(file::truncated),
    File::Is(file::draw_truncated),
    File::Is(file::element),
];

const PLAIN: &[Resource] = &[Resource::Records, Resource::Target];
const WITH_TABLE: &[Resource] = &[Resource::Records, Resource::Target, Resource::Table];
const WITH_LIST: &[Resource] = &[Resource::Records, Resource::Target, Resource::List];
const REFLECTORS: Resource = Resource::Workspace(0);
const MATRICES: Resource = Resource::Workspace(1);
const SMALL: Resource = Resource::Workspace(2);

/// The shader of a law for each dtype: the files in which dtypes differ stand where `of` puts them.
macro_rules! each_dtype {
    ($dtype:expr, $stem:literal, $resources:expr, $groups:ident, |$group:ident| [$($files:expr),* $(,)?]) => {
        match $dtype {
            DType::F32 => {
                const $group: &[File] = $groups[0];
                tiled(concat!($stem, "_f32"), &[$($files),*], $resources)
            }
            DType::F16 => {
                const $group: &[File] = $groups[1];
                tiled(concat!($stem, "_f16"), &[$($files),*], $resources)
            }
            DType::Bf16 => {
                const $group: &[File] = $groups[2];
                tiled(concat!($stem, "_bf16"), &[$($files),*], $resources)
            }
        }
    };
}

const VIEW_UNIFORM: &[File] = &[
    File::Is(file::affine),
    File::Is(file::narrow),
    File::Is(file::clamp),
    File::Is(file::draw),
    File::Is(file::finish),
    File::Is(file::uniform),
    File::Is(file::draw_uniform),
    File::Is(file::fill_uniform),
    File::Is(file::view_affine),
];
const VIEW_NORMAL: &[File] = &[
    File::Is(file::affine),
    File::Is(file::narrow),
    File::Is(file::clamp),
    File::Is(file::draw),
    File::Is(file::finish),
    File::Is(file::normal),
    File::Is(file::draw_normal),
    File::Is(file::fill_normal),
    File::Is(file::view_affine),
];
const VIEW_TRUNCATED: &[File] = &[
    File::Is(file::affine),
    File::Is(file::narrow),
    File::Is(file::clamp),
    File::Is(file::draw),
    File::Is(file::finish),
    File::Is(file::normal),
    File::Is(file::draw_normal),
    File::Is(file::truncated),
    File::Is(file::draw_truncated),
    File::Is(file::fill_truncated),
    File::Is(file::view_affine),
];

/// The shader of a law's views: 64-bit numbers and words, the law's own files, and what is written.
macro_rules! view {
    ($name:literal, [$($files:expr),* $(,)?], $writes:expr, $resources:expr) => {
        tiled($name, &[WORDS, WIDE, $($files,)* VIEW, $writes], $resources)
    };
}

const fn tiled(name: &'static str, files: &'static [&'static [File]], resources: &'static [Resource]) -> Shader {
    Shader { name, files, resources, workgroup: Workgroup::Tiled }
}

const fn step(name: &'static str, files: &'static [&'static [File]], resources: &'static [Resource]) -> Shader {
    Shader { name, files, resources, workgroup: Workgroup::Fixed }
}

impl Kernel {
    /// The list of shaders.
    pub(super) const fn shader(self) -> Shader {
        match self {
            Self::FillConstant => tiled("fill_constant", &[NO_TABLE, &[File::Is(file::fill_constant)], MAIN], PLAIN),
            Self::FillListed => tiled("fill_listed", &[NO_TABLE, &[File::Is(file::fill_listed)], MAIN], WITH_LIST),
            Self::FillDelta => {
                tiled("fill_delta", &[NO_TABLE, WORDS, WIDE, &[File::Is(file::fill_delta)], MAIN], PLAIN)
            }
            Self::FillUniform(dtype) => each_dtype!(dtype, "fill_uniform", PLAIN, GROUPS, |GROUP| [
                WORDS,
                FINISH,
                NO_TABLE,
                PHASE,
                &[File::Is(file::uniform), File::Is(file::draw_uniform), File::Is(file::fill_uniform)],
                GROUP,
                MAIN,
            ]),
            Self::FillNormal(dtype) => each_dtype!(dtype, "fill_normal", WITH_TABLE, GROUPS, |GROUP| [
                WORDS,
                FINISH,
                TABLE,
                PHASE,
                DRAW_NORMAL,
                &[File::Is(file::fill_normal)],
                GROUP,
                MAIN,
            ]),
            Self::FillTruncated(dtype) => each_dtype!(dtype, "fill_truncated", WITH_TABLE, GROUPS, |GROUP| [
                WORDS,
                FINISH,
                TABLE,
                PHASE,
                DRAW_NORMAL,
                &[File::Is(file::truncated), File::Is(file::draw_truncated), File::Is(file::fill_truncated)],
                GROUP,
                MAIN,
            ]),
            Self::FillSparse(dtype) => each_dtype!(dtype, "fill_sparse", WITH_TABLE, SPARSE, |STORE| [
                WORDS,
                WIDE,
                &[File::Is(file::affine), File::Is(file::narrow), File::Is(file::draw_sparse)],
                TABLE,
                PHASE,
                NORMAL,
                &[File::Is(file::sparse)],
                STORE,
                &[File::Is(file::fill_sparse)],
                MAIN,
            ]),
            Self::OrthogonalReflectors => step(
                "orthogonal_reflectors",
                &[
                    WORDS,
                    WIDE,
                    NORMAL,
                    &[File::Is(file::table_storage)],
                    STEP,
                    SMALL_PART,
                    &[File::Is(file::orthogonal_reflectors)],
                ],
                &[Resource::Records, REFLECTORS, SMALL, Resource::Table],
            ),
            Self::OrthogonalTriangular => step(
                "orthogonal_triangular",
                &[TILES, STEP, SMALL_PART, &[File::Is(file::orthogonal_triangular)]],
                &[Resource::Records, REFLECTORS, SMALL],
            ),
            Self::OrthogonalIdentity => step(
                "orthogonal_identity",
                &[STEP, &[File::Is(file::orthogonal_identity)]],
                &[Resource::Records, MATRICES],
            ),
            Self::OrthogonalProject => step(
                "orthogonal_project",
                &[TILES, STEP, SMALL_PART, &[File::Is(file::orthogonal_project)]],
                &[Resource::Records, REFLECTORS, SMALL, MATRICES],
            ),
            Self::OrthogonalUpdate => step(
                "orthogonal_update",
                &[TILES, STEP, SMALL_PART, &[File::Is(file::orthogonal_update)]],
                &[Resource::Records, REFLECTORS, SMALL, MATRICES],
            ),
            Self::FillOrthogonal => step(
                "fill_orthogonal",
                &[&[File::Is(file::narrow), File::Is(file::orthogonal_entry), File::Is(file::fill_orthogonal)]],
                &[Resource::Records, Resource::Target, SMALL, MATRICES],
            ),
            Self::ViewConstant => view!("view_constant", [NO_TABLE, &[File::Is(file::view_constant)]], UNITS, PLAIN),
            Self::ViewUniform => view!("view_uniform", [NO_TABLE, VIEW_UNIFORM], UNITS, PLAIN),
            Self::ViewNormal => view!("view_normal", [TABLE, VIEW_NORMAL], UNITS, WITH_TABLE),
            Self::ViewTruncated => view!("view_truncated", [TABLE, VIEW_TRUNCATED], UNITS, WITH_TABLE),
            Self::ViewListed => view!("view_listed", [NO_TABLE, &[File::Is(file::view_listed)]], UNITS, WITH_LIST),
            Self::ViewDelta => view!("view_delta", [NO_TABLE, &[File::Is(file::view_delta)]], UNITS, PLAIN),
            Self::ViewSparse => view!(
                "view_sparse",
                [
                    &[File::Is(file::affine), File::Is(file::narrow), File::Is(file::draw_sparse)],
                    TABLE,
                    NORMAL,
                    &[File::Is(file::sparse), File::Is(file::view_sparse)],
                ],
                UNITS,
                WITH_TABLE
            ),
            Self::ViewOrthogonal => view!(
                "view_orthogonal",
                [
                    NO_TABLE,
                    &[File::Is(file::narrow), File::Is(file::orthogonal_entry), File::Is(file::view_orthogonal)],
                ],
                UNITS,
                &[Resource::Records, Resource::Target, SMALL, MATRICES]
            ),
            Self::RowsConstant => view!("rows_constant", [NO_TABLE, &[File::Is(file::view_constant)]], ROWS, PLAIN),
            Self::RowsUniform => view!("rows_uniform", [NO_TABLE, VIEW_UNIFORM], ROWS, PLAIN),
            Self::RowsNormal => view!("rows_normal", [TABLE, VIEW_NORMAL], ROWS, WITH_TABLE),
            Self::RowsTruncated => view!("rows_truncated", [TABLE, VIEW_TRUNCATED], ROWS, WITH_TABLE),
            Self::FillEdge => Shader {
                name: "fill_edge",
                files: &[&[File::Is(file::fill_edge)]],
                resources: PLAIN,
                workgroup: Workgroup::Each(64),
            },
            Self::CheckNormal => Shader {
                name: "check_normal",
                files: &[&[MULHI], NORMAL, TABLE, &[File::Is(file::check_normal)]],
                resources: &[Resource::Records, Resource::Output, Resource::Table],
                workgroup: Workgroup::Each(256),
            },
            Self::CheckPhilox => Shader {
                name: "check_philox",
                files: &[&[MULHI, File::Is(file::philox), File::Is(file::check_philox)]],
                resources: &[Resource::Records, Resource::Output],
                workgroup: Workgroup::Each(64),
            },
        }
    }
}

impl Resource {
    /// The least size of a binding in bytes, where it is known before a dispatch is.
    #[must_use]
    pub const fn least_bytes(self) -> Option<u64> {
        match self {
            Self::Table => Some(TABLE_BYTES.len() as u64),
            Self::List => Some(16),
            Self::Records | Self::Target | Self::Workspace(_) | Self::Output => None,
        }
    }
}
