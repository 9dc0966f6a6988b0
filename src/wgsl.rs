//! The shaders: WGSL files put together, in order, as they stand in `shaders/`.
//!
//! Every file is included at compile time; a module is the concatenation of the files its kernel lists. Nothing is
//! substituted: what a tool reads in `shaders/` is what a device gets.

use crate::DType;

/// How a shader multiplies 32 × 32 → 64 bits. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Products {
    /// One 64-bit multiply: needs `wgpu::Features::SHADER_INT64`, which browsers lack.
    Native,
    /// 16-bit halves: core WGSL.
    #[default]
    Portable,
}

/// Where a shader reads the quantile table of the normal distribution. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Table {
    /// From a storage buffer: no limit of a device stands against it.
    #[default]
    Storage,
    /// From a uniform buffer (16 KiB): best on CPUs that emulate a GPU.
    Uniform,
    /// From a copy in workgroup memory (16 KiB): meant for hardware GPUs, not measured on one yet.
    Workgroup,
}

/// Where in its Philox block the first word of a 16-byte group lies. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// At its start, as in every whole tensor at a multiple of 16 bytes: all words of a block are used.
    #[default]
    Zero,
    /// Anywhere: four words come from two blocks. Half the speed where drawing is what takes the time.
    Any,
}

/// Whether the values of a fill are clamped to its bounds. Rounding may move a value past a bound, but seldom does: the planner looks at
/// the least and the greatest value. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clamp {
    /// For fills whose values all lie inside.
    None,
    /// For any fill.
    #[default]
    Bounds,
}

/// A compute kernel. Its entry point is [`Kernel::ENTRY_POINT`], its bindings stand in group 0.
///
/// | binding | fills | what |
/// | --- | --- | --- |
/// | 0 | all | read-only storage: jobs (64 bytes each), edges (64 bytes each), or the check's request |
/// | 1 | all | storage: the output |
/// | 2 | where [`Kernel::uses_table`] | [`value::normal::TABLE_BYTES`](crate::value::normal::TABLE_BYTES): read-only storage, or uniform with [`Table::Uniform`] in kernels without a workspace |
/// | 2 | [`Kernel::FillListed`] | read-only storage: the values, sixteen bytes at a time |
/// | 1 | the steps of orthogonal matrices | storage: the reflectors of the workspace |
/// | 2 | the steps that have no table, [`Kernel::FillOrthogonal`] | storage: the matrices of the workspace |
/// | 3 | all of these | storage: signs, blocks and products of the workspace |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kernel {
    /// One storage word everywhere, in any dtype.
    FillConstant,
    /// Uniform values.
    FillUniform(DType, Phase, Clamp),
    /// Normal values.
    FillNormal(DType, Phase),
    /// Truncated normal values.
    FillTruncated(DType, Phase, Clamp),
    /// Values that the host has computed, in any dtype.
    FillListed,
    /// A constant at some places and zeros at the others, in any dtype.
    FillDelta,
    /// Normal values, zero at some places.
    FillSparse(DType, Phase),
    /// Orthogonal matrices, first step: reflectors from Gaussians.
    OrthogonalReflectors,
    /// Second step: the triangular matrix of each block of reflectors.
    OrthogonalTriangular,
    /// Third step: identities.
    OrthogonalIdentity,
    /// For each block from the last: what its reflectors take away.
    OrthogonalProject,
    /// After each projection: taking it away.
    OrthogonalUpdate,
    /// Last step: the elements, in any dtype.
    FillOrthogonal,
    /// The ragged ends of fills, of any kind and dtype.
    FillEdge,
    /// Normal unit values of chosen words: for self-tests.
    CheckNormal,
    /// Philox blocks of chosen counters and keys: for known answers.
    CheckPhilox,
}

macro_rules! files {
    ($($name:ident),* $(,)?) => {
        $(pub(super) const $name: &str = include_str!(concat!("../shaders/", stringify!($name), ".wgsl"));)*
    };
}

#[expect(non_upper_case_globals, reason = "each constant is called like its file")]
mod file {
    files!(
        affine,
        check_normal,
        check_philox,
        clamp,
        clamp_bounds,
        clamp_none,
        draw,
        draw_normal,
        draw_truncated,
        draw_uniform,
        exact_dot,
        fill_constant,
        fill_delta,
        fill_edge,
        fill_listed,
        fill_main,
        fill_normal,
        fill_orthogonal,
        fill_sparse,
        fill_truncated,
        fill_uniform,
        finish,
        group_bf16,
        group_f16,
        group_f32,
        group_half,
        mulhi_native,
        mulhi_portable,
        narrow,
        normal,
        orthogonal_identity,
        orthogonal_project,
        orthogonal_reflectors,
        orthogonal_step,
        orthogonal_tile,
        orthogonal_triangular,
        orthogonal_update,
        phase_any,
        phase_zero,
        philox,
        sparse,
        sparse_bf16,
        sparse_f16,
        sparse_f32,
        store_native,
        store_portable,
        table_none,
        table_storage,
        table_uniform_native,
        table_uniform_portable,
        table_workgroup,
        truncated,
        uniform,
        wide,
        word,
    );
}

impl Kernel {
    /// The entry point of every kernel.
    pub const ENTRY_POINT: &'static str = "main";

    /// Every kernel there is.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = vec![Self::FillConstant, Self::FillListed, Self::FillEdge, Self::CheckNormal, Self::CheckPhilox];
        all.extend([Self::FillDelta, Self::FillOrthogonal, Self::OrthogonalReflectors, Self::OrthogonalTriangular]);
        all.extend([Self::OrthogonalIdentity, Self::OrthogonalProject, Self::OrthogonalUpdate]);
        for dtype in DType::ALL {
            for phase in [Phase::Zero, Phase::Any] {
                all.extend([Self::FillNormal(dtype, phase), Self::FillSparse(dtype, phase)]);
                for clamp in [Clamp::None, Clamp::Bounds] {
                    all.extend([Self::FillUniform(dtype, phase, clamp), Self::FillTruncated(dtype, phase, clamp)]);
                }
            }
        }
        all
    }

    /// Whether the kernel reads the quantile table at binding 2.
    #[must_use]
    pub const fn uses_table(self) -> bool {
        matches!(
            self,
            Self::FillNormal(..)
                | Self::FillTruncated(..)
                | Self::FillSparse(..)
                | Self::FillEdge
                | Self::CheckNormal
                | Self::OrthogonalReflectors
        )
    }

    /// Whether the kernel works in the workspace of orthogonal matrices. Its workgroups have 256 invocations, always.
    #[must_use]
    pub const fn uses_workspace(self) -> bool {
        matches!(
            self,
            Self::OrthogonalReflectors
                | Self::OrthogonalTriangular
                | Self::OrthogonalIdentity
                | Self::OrthogonalProject
                | Self::OrthogonalUpdate
                | Self::FillOrthogonal
        )
    }

    /// The name, as in labels: the stem of the kernel's file, the dtype, and what makes it slower: a clamp, any phase.
    #[must_use]
    pub fn name(self) -> String {
        let of = |stem: &str, dtype: DType, phase, clamp| {
            let clamp = if clamp == Clamp::Bounds { "_clamped" } else { "" };
            let phase = if phase == Phase::Any { "_any_phase" } else { "" };
            format!("{stem}_{dtype}{clamp}{phase}")
        };
        match self {
            Self::FillConstant => "fill_constant".to_owned(),
            Self::FillUniform(dtype, phase, clamp) => of("fill_uniform", dtype, phase, clamp),
            Self::FillNormal(dtype, phase) => of("fill_normal", dtype, phase, Clamp::None),
            Self::FillTruncated(dtype, phase, clamp) => of("fill_truncated", dtype, phase, clamp),
            Self::FillListed => "fill_listed".to_owned(),
            Self::FillDelta => "fill_delta".to_owned(),
            Self::FillSparse(dtype, phase) => of("fill_sparse", dtype, phase, Clamp::None),
            Self::OrthogonalReflectors => "orthogonal_reflectors".to_owned(),
            Self::OrthogonalTriangular => "orthogonal_triangular".to_owned(),
            Self::OrthogonalIdentity => "orthogonal_identity".to_owned(),
            Self::OrthogonalProject => "orthogonal_project".to_owned(),
            Self::OrthogonalUpdate => "orthogonal_update".to_owned(),
            Self::FillOrthogonal => "fill_orthogonal".to_owned(),
            Self::FillEdge => "fill_edge".to_owned(),
            Self::CheckNormal => "check_normal".to_owned(),
            Self::CheckPhilox => "check_philox".to_owned(),
        }
    }

    /// The value of the override constant `workgroup_size` unless the host sets another.
    #[must_use]
    pub const fn default_workgroup_size(self) -> u32 {
        match self {
            Self::FillEdge | Self::CheckPhilox => 64,
            _ => 256,
        }
    }

    /// The complete WGSL module.
    #[must_use]
    pub fn source(self, products: Products, table: Table) -> String {
        let mulhi = mulhi(products);
        let store = match products {
            Products::Native => file::store_native,
            Products::Portable => file::store_portable,
        };
        let table = match table {
            _ if !self.uses_table() => file::table_none,
            // Its workgroup memory is for sums.
            _ if self.uses_workspace() => file::table_storage,
            Table::Storage => file::table_storage,
            Table::Uniform if products == Products::Native => file::table_uniform_native,
            Table::Uniform => file::table_uniform_portable,
            Table::Workgroup => file::table_workgroup,
        };
        // The elementwise kernels: dependencies, one distribution, one dtype, the common entry point.
        let elementwise = |dtype, phase, clamp, distribution: &[&'static str]| {
            let mut parts = vec![mulhi, file::philox, file::word, file::affine, file::clamp, file::narrow, file::draw];
            parts.extend([file::finish, table, words_of(phase), clamp_of(clamp)]);
            parts.extend(distribution);
            parts.extend(group(dtype));
            parts.extend([store, file::fill_main]);
            parts
        };
        let parts = match self {
            Self::FillConstant => vec![file::draw, table, file::fill_constant, store, file::fill_main],
            Self::FillListed => vec![file::draw, table, file::fill_listed, store, file::fill_main],
            Self::FillUniform(dtype, phase, clamp) => {
                elementwise(dtype, phase, clamp, &[file::uniform, file::draw_uniform, file::fill_uniform])
            }
            Self::FillNormal(dtype, phase) => {
                elementwise(dtype, phase, Clamp::None, &[file::normal, file::draw_normal, file::fill_normal])
            }
            Self::FillTruncated(dtype, phase, clamp) => elementwise(
                dtype,
                phase,
                clamp,
                &[file::normal, file::draw_normal, file::truncated, file::draw_truncated, file::fill_truncated],
            ),
            Self::FillDelta => {
                vec![
                    mulhi,
                    file::philox,
                    file::word,
                    file::wide,
                    file::draw,
                    table,
                    file::fill_delta,
                    store,
                    file::fill_main,
                ]
            }
            Self::FillSparse(dtype, phase) => {
                let mut parts =
                    vec![mulhi, file::philox, file::word, file::wide, file::affine, file::narrow, file::draw];
                parts.extend([table, words_of(phase), file::normal, file::sparse, sparse_of(dtype)]);
                parts.extend([file::fill_sparse, store, file::fill_main]);
                parts
            }
            Self::OrthogonalReflectors => {
                let mut parts = vec![mulhi, file::philox, file::word, file::wide, file::normal, table];
                parts.extend([file::orthogonal_step, file::orthogonal_reflectors]);
                parts
            }
            Self::OrthogonalTriangular => step_of_products(mulhi, file::orthogonal_triangular),
            Self::OrthogonalIdentity => vec![file::orthogonal_step, file::orthogonal_identity],
            Self::OrthogonalProject => step_of_products(mulhi, file::orthogonal_project),
            Self::OrthogonalUpdate => step_of_products(mulhi, file::orthogonal_update),
            Self::FillOrthogonal => vec![file::narrow, file::fill_orthogonal],
            Self::FillEdge => {
                let mut parts = shared_parts(products);
                parts.extend([table, file::fill_edge]);
                parts
            }
            Self::CheckNormal => vec![mulhi, file::normal, table, file::check_normal],
            Self::CheckPhilox => vec![mulhi, file::philox, file::check_philox],
        };
        parts.join("\n")
    }
}

/// The functions of the value contract without entry points or bindings, for engines that draw inside their own kernels.
///
/// `value_words(block, stream, seed)` gives the words, `draw_uniform`, `draw_normal`, `draw_truncated` the f32 bits and
/// `finish_f32`, `finish_f16`, `finish_bf16` the stored bits; a `Draw` is filled from [`Constants`](crate::Constants).
/// The engine's module must define `fn quantile_entry(row: u32) -> vec2<u32>`, a row (0 … 2047) of
/// [`value::normal::TABLE`](crate::value::normal::TABLE), e.g. from a storage buffer of
/// [`value::normal::TABLE_BYTES`](crate::value::normal::TABLE_BYTES).
#[must_use]
pub fn shared(products: Products) -> String {
    shared_parts(products).join("\n")
}

fn shared_parts(products: Products) -> Vec<&'static str> {
    vec![
        mulhi(products),
        file::philox,
        file::word,
        file::uniform,
        file::normal,
        file::affine,
        file::truncated,
        file::narrow,
        file::clamp,
        file::draw,
        file::draw_uniform,
        file::draw_normal,
        file::draw_truncated,
        file::finish,
    ]
}

const fn mulhi(products: Products) -> &'static str {
    match products {
        Products::Native => file::mulhi_native,
        Products::Portable => file::mulhi_portable,
    }
}

fn step_of_products(mulhi: &'static str, step: &'static str) -> Vec<&'static str> {
    vec![mulhi, file::wide, file::exact_dot, file::orthogonal_step, file::orthogonal_tile, step]
}

const fn words_of(phase: Phase) -> &'static str {
    match phase {
        Phase::Zero => file::phase_zero,
        Phase::Any => file::phase_any,
    }
}

const fn clamp_of(clamp: Clamp) -> &'static str {
    match clamp {
        Clamp::None => file::clamp_none,
        Clamp::Bounds => file::clamp_bounds,
    }
}

const fn sparse_of(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 => file::sparse_f32,
        DType::F16 => file::sparse_f16,
        DType::Bf16 => file::sparse_bf16,
    }
}

fn group(dtype: DType) -> Vec<&'static str> {
    match dtype {
        DType::F32 => vec![file::group_f32],
        DType::F16 => vec![file::group_f16, file::group_half],
        DType::Bf16 => vec![file::group_bf16, file::group_half],
    }
}
