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
    /// The same, but on a hardware GPU with native products read where it lies.
    TableBeside,
    /// What suits a hardware GPU with native products, and what all others: portable products make long kernels, and some drivers
    /// take a minute to compile one that has them four times.
    ByHardware(&'static str, &'static str),
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
    /// So many, always.
    Fixed(u32),
}

impl Workgroup {
    pub(super) const fn size(self) -> u32 {
        match self {
            Self::Tiled => 256,
            Self::Each(size) | Self::Fixed(size) => size,
        }
    }
}

impl Shader {
    pub(super) fn binds(&self, which: impl Fn(Resource) -> bool) -> bool {
        self.resources.iter().any(|resource| which(*resource))
    }

    pub(super) fn bindings(&self, table: Table) -> Vec<Binding> {
        let access = |resource| match (resource, table) {
            // Where Gaussians of orthogonal matrices are drawn the table is read where it lies.
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
        (File::ByHardware(text, _), Products::Native, Table::Workgroup) | (File::ByHardware(_, text), ..) => text,
        (File::TableBeside, Products::Native, Table::Workgroup) => file::table_beside,
        (File::Table | File::TableBeside, _, Table::Workgroup) => file::table_workgroup,
        (File::Table | File::TableBeside, Products::Native, Table::Uniform) => file::table_uniform_native,
        (File::Table | File::TableBeside, Products::Portable, Table::Uniform) => file::table_uniform_portable,
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
const MAIN: &[File] = &[STORE, File::Is(file::fill_by_one), FIND_JOB, FILL_MAIN];
/// [`MAIN`] of the laws whose groups are drawn, by dtype: about four Philox blocks at a time on a hardware GPU.
const MAINS: [&[File]; 5] = {
    const WIDE: &[File] = &[STORE, File::ByHardware(file::fill_by_four, file::fill_by_one), FIND_JOB, FILL_MAIN];
    const HALF: &[File] = &[STORE, File::ByHardware(file::fill_by_two, file::fill_by_one), FIND_JOB, FILL_MAIN];
    [WIDE, HALF, HALF, MAIN, MAIN]
};
/// A view, after the files of its law: whole groups, or elements anywhere, by dtype.
const ROWS: [&[File]; 5] = {
    const WIDE: &[File] = &[VIEW, STORE, File::Is(file::view_rows_4), UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    const HALF: &[File] = &[VIEW, STORE, File::Is(file::view_rows_2), UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    const BYTE: &[File] = &[VIEW, STORE, File::Is(file::view_rows_1), UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    [WIDE, HALF, HALF, BYTE, BYTE]
};
const UNITS: [&[File]; 5] = {
    const WIDE: &[File] = &[VIEW, File::Is(file::view_units_4), UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    const HALF: &[File] = &[VIEW, File::Is(file::word_of_2), PACKED, UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    const BYTE: &[File] = &[VIEW, File::Is(file::word_of_1), PACKED, UNIT, BY_ONE, FIND_JOB, VIEW_MAIN];
    [WIDE, HALF, HALF, BYTE, BYTE]
};
/// Where views read the table.
const BESIDE: &[File] = &[File::TableBeside];
/// The same of the laws that are drawn, for a hardware GPU: about four Philox blocks at a time, and single words stored beside each other.
const DRAWN_ROWS: [&[File]; 5] = {
    const BY_FOUR: File = File::ByHardware(file::view_by_four, file::view_by_one);
    const BY_TWO: File = File::ByHardware(file::view_by_two, file::view_by_one);
    const WIDE: &[File] = &[VIEW, STORE, File::Is(file::view_rows_4), UNIT, BY_FOUR, FIND_JOB, VIEW_MAIN];
    const HALF: &[File] = &[VIEW, STORE, File::Is(file::view_rows_2), UNIT, BY_TWO, FIND_JOB, VIEW_MAIN];
    [WIDE, HALF, HALF, ROWS[3], ROWS[4]]
};
const DRAWN_UNITS: [&[File]; 5] = {
    const EXCHANGED: File = File::ByHardware(file::view_exchanged, file::view_by_one);
    const WIDE: &[File] = &[VIEW, File::Is(file::view_units_4), UNIT, EXCHANGED, FIND_JOB, VIEW_MAIN];
    [WIDE, UNITS[1], UNITS[2], UNITS[3], UNITS[4]]
};
const VIEW: File = File::Is(file::view);
const UNIT: File = File::Is(file::view_unit);
const PACKED: File = File::Is(file::view_units_packed);
const BY_ONE: File = File::Is(file::view_by_one);
const FIND_JOB: File = File::Is(file::find_job);
const FILL_MAIN: File = File::Is(file::fill_main);
const VIEW_MAIN: File = File::Is(file::view_main);
const NORMAL: &[File] = &[File::Is(file::normal)];
const LAW_UNIFORM: &[File] = &[File::Is(file::uniform), File::Is(file::draw_uniform), File::Is(file::fill_uniform)];
const LAW_NORMAL: &[File] = &[File::Is(file::normal), File::Is(file::draw_normal), File::Is(file::fill_normal)];
const LAW_TRUNCATED: &[File] = &[
    File::Is(file::normal),
    File::Is(file::draw_normal),
    File::Is(file::truncated),
    File::Is(file::draw_truncated),
    File::Is(file::fill_truncated),
];
const STEP: &[File] = &[File::Is(file::orthogonal_step)];
const SMALL_PART: &[File] = &[File::Is(file::orthogonal_small)];
const TILES: &[File] = &[File::Is(file::exact_dot), File::Is(file::orthogonal_tile)];
const FOUR: &[File] = &[File::Is(file::orthogonal_four)];
const QUARTERS: &[File] = &[File::Is(file::orthogonal_quarters)];

/// By dtype: f32, f16, bf16, f8_e4m3fn, f8_e5m2.
const GROUPS: [&[File]; 5] = [
    &[File::Is(file::group_f32)],
    &[File::Is(file::group_f16), File::Is(file::group_half)],
    &[File::Is(file::group_bf16), File::Is(file::group_half)],
    &[File::Is(file::group_f8_e4m3fn), File::Is(file::group_byte)],
    &[File::Is(file::group_f8_e5m2), File::Is(file::group_byte)],
];
const SPARSE: [&[File]; 5] = [
    &[File::Is(file::sparse_f32)],
    &[File::Is(file::sparse_f16)],
    &[File::Is(file::sparse_bf16)],
    &[File::Is(file::sparse_f8_e4m3fn)],
    &[File::Is(file::sparse_f8_e5m2)],
];
/// How many elements a word has.
const PACKING: [&[File]; 5] = {
    const HALF: &[File] = &[File::Is(file::word_of_2)];
    const BYTE: &[File] = &[File::Is(file::word_of_1)];
    [&[File::Is(file::word_of_4)], HALF, HALF, BYTE, BYTE]
};

/// How an element of a uniform or normal law is finished.
const ELEMENTS: [&[File]; 5] = [
    &[File::Is(file::view_f32)],
    &[File::Is(file::group_f16)],
    &[File::Is(file::group_bf16)],
    &[File::Is(file::group_f8_e4m3fn)],
    &[File::Is(file::group_f8_e5m2)],
];
const VIEW_AFFINE: &[File] = &[File::Is(file::view_affine)];

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
const ENTRIES: &[Resource] = &[Resource::Records, Resource::Target, SMALL, MATRICES];

/// The shader of a law for each dtype: the files in which dtypes differ stand where they are named.
macro_rules! by_dtype {
    ($dtype:expr, $stem:literal, $resources:expr, |$($name:ident = $of:ident),+| $files:tt) => {
        match $dtype {
            DType::F32 => by_dtype!(0, concat!($stem, "_f32"), $resources, |$($name = $of),+| $files),
            DType::F16 => by_dtype!(1, concat!($stem, "_f16"), $resources, |$($name = $of),+| $files),
            DType::Bf16 => by_dtype!(2, concat!($stem, "_bf16"), $resources, |$($name = $of),+| $files),
            DType::F8E4M3Fn => by_dtype!(3, concat!($stem, "_f8_e4m3fn"), $resources, |$($name = $of),+| $files),
            DType::F8E5M2 => by_dtype!(4, concat!($stem, "_f8_e5m2"), $resources, |$($name = $of),+| $files),
        }
    };
    ($at:literal, $called:expr, $resources:expr, |$($name:ident = $of:ident),+| [$($files:expr),* $(,)?]) => {{
        $(const $name: &[File] = $of[$at];)+
        tiled($called, &[$($files),*], $resources)
    }};
}

/// A view of a uniform or normal law: the table's and the law's files, and what is written.
macro_rules! view_affine {
    ($dtype:expr, $stem:literal, $resources:expr, [$table:ident, $law:ident], $writes:ident) => {
        by_dtype!($dtype, $stem, $resources, |VIEW = $writes, ELEMENT = ELEMENTS| [
            WORDS,
            WIDE,
            $table,
            FINISH,
            $law,
            ELEMENT,
            VIEW_AFFINE,
            VIEW,
        ])
    };
}

const fn tiled(name: &'static str, files: &'static [&'static [File]], resources: &'static [Resource]) -> Shader {
    Shader { name, files, resources, workgroup: Workgroup::Tiled }
}

const fn step(
    name: &'static str,
    size: u32,
    files: &'static [&'static [File]],
    resources: &'static [Resource],
) -> Shader {
    Shader { name, files, resources, workgroup: Workgroup::Fixed(size) }
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
            Self::FillUniform(dtype) => by_dtype!(dtype, "fill_uniform", PLAIN, |GROUP = GROUPS, LOOP = MAINS| [
                WORDS,
                FINISH,
                NO_TABLE,
                PHASE,
                LAW_UNIFORM,
                GROUP,
                LOOP,
            ]),
            Self::FillNormal(dtype) => by_dtype!(dtype, "fill_normal", WITH_TABLE, |GROUP = GROUPS, LOOP = MAINS| [
                WORDS,
                FINISH,
                TABLE,
                PHASE,
                LAW_NORMAL,
                GROUP,
                LOOP,
            ]),
            Self::FillTruncated(dtype) => {
                by_dtype!(dtype, "fill_truncated", WITH_TABLE, |GROUP = GROUPS, LOOP = MAINS| [
                    WORDS,
                    FINISH,
                    TABLE,
                    PHASE,
                    LAW_TRUNCATED,
                    GROUP,
                    LOOP,
                ])
            }
            Self::FillSparse(dtype) => by_dtype!(dtype, "fill_sparse", WITH_TABLE, |STORE = SPARSE, WORD = PACKING| [
                WORDS,
                WIDE,
                &[File::Is(file::affine), File::Is(file::narrow_product), File::Is(file::draw_sparse)],
                TABLE,
                PHASE,
                NORMAL,
                &[File::Is(file::sparse)],
                STORE,
                WORD,
                &[File::Is(file::fill_sparse)],
                MAIN,
            ]),
            Self::OrthogonalGaussians => step(
                "orthogonal_gaussians",
                256,
                &[WORDS, NORMAL, &[File::Is(file::table_storage)], STEP, &[File::Is(file::orthogonal_gaussians)]],
                &[Resource::Records, REFLECTORS, MATRICES, Resource::Table],
            ),
            Self::OrthogonalReflectors => step(
                "orthogonal_reflectors",
                256,
                &[&[MULHI], WIDE, STEP, SMALL_PART, &[File::Is(file::orthogonal_reflectors)]],
                &[Resource::Records, REFLECTORS, SMALL],
            ),
            Self::OrthogonalTriangular => step(
                "orthogonal_triangular",
                256,
                &[TILES, QUARTERS, STEP, SMALL_PART, FOUR, &[File::Is(file::orthogonal_triangular)]],
                &[Resource::Records, REFLECTORS, SMALL],
            ),
            Self::OrthogonalProject => step(
                "orthogonal_project",
                256,
                &[TILES, QUARTERS, STEP, SMALL_PART, FOUR, &[File::Is(file::orthogonal_project)]],
                &[Resource::Records, REFLECTORS, SMALL, MATRICES],
            ),
            Self::OrthogonalUpdate => step(
                "orthogonal_update",
                64,
                &[TILES, STEP, SMALL_PART, &[File::Is(file::orthogonal_update)]],
                &[Resource::Records, REFLECTORS, SMALL, MATRICES],
            ),
            Self::FillOrthogonal => step(
                "fill_orthogonal",
                256,
                &[&[File::Is(file::narrow_product), File::Is(file::orthogonal_entry), File::Is(file::fill_orthogonal)]],
                ENTRIES,
            ),
            Self::ViewConstant(dtype) => {
                by_dtype!(dtype, "view_constant", PLAIN, |VIEW = UNITS| [WORDS, WIDE, NO_TABLE, &[File::Is(file::view_constant)], VIEW])
            }
            Self::ViewUniform(dtype) => {
                view_affine!(dtype, "view_uniform", PLAIN, [NO_TABLE, LAW_UNIFORM], DRAWN_UNITS)
            }
            Self::ViewNormal(dtype) => {
                view_affine!(dtype, "view_normal", WITH_TABLE, [BESIDE, LAW_NORMAL], DRAWN_UNITS)
            }
            Self::ViewTruncated(dtype) => {
                view_affine!(dtype, "view_truncated", WITH_TABLE, [BESIDE, LAW_TRUNCATED], DRAWN_UNITS)
            }
            Self::ViewListed(dtype) => {
                by_dtype!(dtype, "view_listed", WITH_LIST, |VIEW = UNITS| [WORDS, WIDE, NO_TABLE, &[File::Is(file::view_listed)], VIEW])
            }
            Self::ViewDelta(dtype) => {
                by_dtype!(dtype, "view_delta", PLAIN, |VIEW = UNITS| [WORDS, WIDE, NO_TABLE, &[File::Is(file::view_delta)], VIEW])
            }
            Self::ViewSparse(dtype) => by_dtype!(dtype, "view_sparse", WITH_TABLE, |VIEW = UNITS, ELEMENT = SPARSE| [
                WORDS,
                WIDE,
                TABLE,
                &[File::Is(file::affine), File::Is(file::narrow_product), File::Is(file::draw_sparse)],
                NORMAL,
                ELEMENT,
                &[File::Is(file::sparse), File::Is(file::view_sparse)],
                VIEW,
            ]),
            Self::ViewOrthogonal(dtype) => {
                by_dtype!(dtype, "view_orthogonal", ENTRIES, |VIEW = UNITS| [WORDS, WIDE, NO_TABLE, &[File::Is(file::narrow_product), File::Is(file::orthogonal_entry), File::Is(file::view_orthogonal)], VIEW])
            }
            Self::RowsConstant(dtype) => {
                by_dtype!(dtype, "rows_constant", PLAIN, |VIEW = ROWS| [WORDS, WIDE, NO_TABLE, &[File::Is(file::view_constant)], VIEW])
            }
            Self::RowsUniform(dtype) => {
                view_affine!(dtype, "rows_uniform", PLAIN, [NO_TABLE, LAW_UNIFORM], DRAWN_ROWS)
            }
            Self::RowsNormal(dtype) => {
                view_affine!(dtype, "rows_normal", WITH_TABLE, [BESIDE, LAW_NORMAL], DRAWN_ROWS)
            }
            Self::RowsTruncated(dtype) => {
                view_affine!(dtype, "rows_truncated", WITH_TABLE, [BESIDE, LAW_TRUNCATED], DRAWN_ROWS)
            }
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
