//! The shaders: WGSL files put together, in order, as they stand in `shaders/`.
//!
//! Every file is included at compile time; a module is the concatenation of the files its kernel lists. Nothing is
//! substituted: what a tool reads in `shaders/` is what a device gets.
//!
//! ```
//! use wgpu_init::wgsl::{Kernel, Products, Resource, Table};
//! let kernel = Kernel::FillListed;
//! assert_eq!(kernel.name(), "fill_listed");
//! assert_eq!(kernel.bindings(Table::Workgroup).len(), 3);
//! assert_eq!(kernel.bindings(Table::Workgroup)[2].resource, Resource::List);
//! assert!(kernel.source(Products::Portable, Table::Workgroup).contains("@compute"));
//! ```

mod files;
mod shader;

use crate::DType;
pub use shader::{Access, Binding, Resource};

/// How a shader multiplies 32 × 32 → 64 bits. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Products {
    /// One 64-bit multiply: needs `wgpu::Features::SHADER_INT64`, which browsers lack.
    Native,
    /// 16-bit halves: core WGSL.
    #[default]
    Portable,
}

/// Where a shader reads the quantile table of the normal distribution, 16 KiB. Same bits, different speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Table {
    /// From a uniform buffer: measured best on llvmpipe, a CPU that emulates a GPU.
    Uniform,
    /// From a copy in workgroup memory: for hardware GPUs. With native products, invocations also draw about four Philox blocks at a time
    /// then, and views read the table where it lies.
    #[default]
    Workgroup,
}

/// A compute kernel. Its entry point is [`Kernel::ENTRY_POINT`], its [bindings](Kernel::bindings) stand in group 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kernel {
    /// One storage word everywhere, in any dtype.
    FillConstant,
    /// Uniform values.
    FillUniform(DType),
    /// Normal values.
    FillNormal(DType),
    /// Truncated normal values.
    FillTruncated(DType),
    /// Values that the host has computed, in any dtype.
    FillListed,
    /// A constant at some places and zeros at the others, in any dtype.
    FillDelta,
    /// Normal values, zero at some places.
    FillSparse(DType),
    /// Orthogonal matrices, first step: Gaussians and identities.
    OrthogonalGaussians,
    /// Second step: reflectors from Gaussians.
    OrthogonalReflectors,
    /// Third step: the triangular matrix of each block of reflectors.
    OrthogonalTriangular,
    /// For each block from the last: what its reflectors take away.
    OrthogonalProject,
    /// After each projection: taking it away.
    OrthogonalUpdate,
    /// Last step: the elements, in any dtype.
    FillOrthogonal,
    /// The ragged ends of fills, of any law and dtype: words that the host has computed.
    FillEdge,
    /// One value at a view's places.
    ViewConstant(DType),
    /// Uniform values at a view's places.
    ViewUniform(DType),
    /// Normal values at a view's places.
    ViewNormal(DType),
    /// Truncated normal values at a view's places.
    ViewTruncated(DType),
    /// Values that the host has computed, at a view's places.
    ViewListed(DType),
    /// A constant at some of a view's places and zeros at the others.
    ViewDelta(DType),
    /// Normal values, zero at some of a view's places.
    ViewSparse(DType),
    /// Orthogonal matrices at a view's places, after their steps.
    ViewOrthogonal(DType),
    /// One value in a view of whole, aligned 16-byte groups.
    RowsConstant(DType),
    /// Uniform values in a view of whole, aligned 16-byte groups.
    RowsUniform(DType),
    /// Normal values in a view of whole, aligned 16-byte groups.
    RowsNormal(DType),
    /// Truncated normal values in a view of whole, aligned 16-byte groups.
    RowsTruncated(DType),
    /// Normal unit values of chosen words: for self-tests.
    CheckNormal,
    /// Philox blocks of chosen counters and keys: for known answers.
    CheckPhilox,
}

impl Kernel {
    /// The entry point of every kernel.
    pub const ENTRY_POINT: &'static str = "main";

    /// Every kernel there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let one = [
            Self::FillConstant,
            Self::FillListed,
            Self::FillDelta,
            Self::FillEdge,
            Self::FillOrthogonal,
            Self::OrthogonalGaussians,
            Self::OrthogonalReflectors,
            Self::OrthogonalTriangular,
            Self::OrthogonalProject,
            Self::OrthogonalUpdate,
            Self::CheckNormal,
            Self::CheckPhilox,
        ];
        let each = |dtype| {
            [
                Self::FillUniform(dtype),
                Self::FillNormal(dtype),
                Self::FillTruncated(dtype),
                Self::FillSparse(dtype),
                Self::ViewConstant(dtype),
                Self::ViewUniform(dtype),
                Self::ViewNormal(dtype),
                Self::ViewTruncated(dtype),
                Self::ViewListed(dtype),
                Self::ViewDelta(dtype),
                Self::ViewSparse(dtype),
                Self::ViewOrthogonal(dtype),
                Self::RowsConstant(dtype),
                Self::RowsUniform(dtype),
                Self::RowsNormal(dtype),
                Self::RowsTruncated(dtype),
            ]
        };
        one.into_iter().chain(DType::ALL.iter().flat_map(move |dtype| each(*dtype)))
    }

    /// The name, as in labels: the stem of the kernel's file, and the dtype where there is a kernel for each.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.shader().name
    }

    /// What is bound in group 0, by binding number from 0 on.
    #[must_use]
    pub fn bindings(self, table: Table) -> Vec<Binding> {
        self.shader().bindings(table)
    }

    /// The value of the override constant `workgroup_size` unless the host sets another; for kernels whose workgroups are of one size,
    /// which have no such constant, that size.
    #[must_use]
    pub const fn default_workgroup_size(self) -> u32 {
        self.shader().workgroup.size()
    }

    /// Whether the shader has the override constant `workgroup_size`.
    #[must_use]
    pub const fn has_workgroup_size(self) -> bool {
        !matches!(self.shader().workgroup, shader::Workgroup::Fixed(_))
    }

    /// Whether the kernel writes tiles of 16-byte groups, in workgroups of any size.
    #[must_use]
    pub(crate) const fn is_tiled(self) -> bool {
        matches!(self.shader().workgroup, shader::Workgroup::Tiled)
    }

    /// Whether the shader has the override constant `aligned`: that each job's first element is the first of its Philox block, as in
    /// every whole tensor at a multiple of 16 bytes. Where it is false four words come from two blocks, at up to half the speed.
    #[must_use]
    pub const fn has_aligned(self) -> bool {
        matches!(self, Self::FillUniform(_) | Self::FillNormal(_) | Self::FillTruncated(_) | Self::FillSparse(_))
    }

    /// Whether the shader has the override constant `clamped`: that values may leave the bounds of their distribution, by rounding, and
    /// are put back. It may be false where the least and the greatest value of every job are inside.
    #[must_use]
    pub const fn has_clamped(self) -> bool {
        matches!(
            self,
            Self::FillUniform(_)
                | Self::FillNormal(_)
                | Self::FillTruncated(_)
                | Self::ViewUniform(_)
                | Self::ViewNormal(_)
                | Self::ViewTruncated(_)
                | Self::RowsUniform(_)
                | Self::RowsNormal(_)
                | Self::RowsTruncated(_)
        )
    }

    /// Whether the shader has the override constant `axes`: that no view of the dispatch has more of them.
    #[must_use]
    pub const fn has_axes(self) -> bool {
        matches!(
            self,
            Self::ViewConstant(_)
                | Self::ViewUniform(_)
                | Self::ViewNormal(_)
                | Self::ViewTruncated(_)
                | Self::ViewListed(_)
                | Self::ViewDelta(_)
                | Self::ViewSparse(_)
                | Self::ViewOrthogonal(_)
        ) || self.writes_groups()
    }

    /// Whether a kernel of views writes whole 16-byte groups.
    pub(crate) const fn writes_groups(self) -> bool {
        matches!(self, Self::RowsConstant(_) | Self::RowsUniform(_) | Self::RowsNormal(_) | Self::RowsTruncated(_))
    }

    /// Whether the kernel works in the workspace of orthogonal matrices.
    #[must_use]
    pub fn uses_workspace(self) -> bool {
        self.shader().binds(|resource| matches!(resource, Resource::Workspace(_)))
    }

    /// Whether the kernel reads the quantile table.
    #[must_use]
    pub fn uses_table(self) -> bool {
        self.shader().binds(|resource| resource == Resource::Table)
    }

    /// The complete WGSL module.
    #[must_use]
    pub fn source(self, products: Products, table: Table) -> String {
        self.shader().source(products, table)
    }
}

/// The functions of the value contract without entry points or bindings, for engines that draw inside their own kernels.
///
/// A kernel that just wants numbers calls one of these. They give the bits that the same fill has in memory, as f32; laws must match,
/// since `draw` does not say which law it is of:
///
/// | function | element `index` of the slice that `draw` describes |
/// | --- | --- |
/// | `uniform_f32(draw: Draw, index: u32) -> f32` | of a uniform fill |
/// | `normal_f32(draw: Draw, index: u32) -> f32` | of a normal fill |
/// | `truncated_normal_f32(draw: Draw, index: u32) -> f32` | of a truncated normal fill |
///
/// `Draw` has the memory layout of [`DrawRecord`](crate::plan::DrawRecord), which makes one of a [`Fill`](crate::Fill); bind its bytes
/// in a uniform or storage buffer. The module around the functions must define where they find the quantile table: a function
/// `quantile_entry` that returns a row of [`value::normal::TABLE_BYTES`](crate::value::normal::TABLE_BYTES).
///
/// ```
/// use wgpu_init::wgsl::{self, Products};
/// const KERNEL: &str = "
///     @group(0) @binding(0) var<storage, read> draw: Draw;                               // bytes of a DrawRecord
///     @group(0) @binding(1) var<storage, read> quantile_table: array<vec2<u32>, 2048>;   // TABLE_BYTES
///     @group(0) @binding(2) var<storage, read_write> noisy: array<f32>;
///
///     fn quantile_entry(row: u32) -> vec2<u32> {
///         return quantile_table[row];
///     }
///
///     @compute @workgroup_size(64)
///     fn main(@builtin(global_invocation_id) id: vec3<u32>) {
///         if id.x < arrayLength(&noisy) {
///             noisy[id.x] += normal_f32(draw, id.x);
///         }
///     }
/// ";
/// let source = wgsl::shared(Products::Portable) + KERNEL;
/// # assert!(naga::front::wgsl::parse_str(&source).is_ok());
/// ```
///
/// `examples/own_kernel.rs` is that kernel in a whole program. Below these three lie the steps that they are made of. A kernel that
/// draws neighbouring elements, or stores 16 or 8 bits, takes them one by one: four elements share one call of `value_words`. Numbers of
/// 64 bits are `vec2<u32>(low, high)`; floats pass between the steps as their bits.
///
/// | function | what it gives |
/// | --- | --- |
/// | `element_word(draw: Draw, index: u32) -> u32` | the word of element `draw.index + index` |
/// | `add_wide(a: vec2<u32>, b: u32) -> vec2<u32>` | a sum of 64 bits |
/// | `block_of(index: vec2<u32>) -> vec2<u32>` | the Philox block of an element: `index >> 2` |
/// | `value_words(block: vec2<u32>, stream: vec2<u32>, seed: vec2<u32>) -> vec4<u32>` | the words of the block's four elements; element `index` has `[index.x & 3u]` |
/// | `words_from(phase: u32, first: vec4<u32>, second: vec4<u32>) -> vec4<u32>` | four consecutive words out of two blocks |
/// | `draw_uniform(draw: Draw, word: u32) -> u32` | f32 bits of a uniform value, before it is clamped |
/// | `draw_normal(draw: Draw, word: u32) -> u32` | f32 bits of a normal value |
/// | `draw_truncated(draw: Draw, word: u32) -> u32` | f32 bits of a truncated normal value, before it is clamped |
/// | `finish_f32(draw: Draw, bits: u32) -> u32` | the stored bits: clamped |
/// | `finish_f16(draw: Draw, bits: u32) -> u32` | the stored bits in the low half: rounded to f16, then clamped |
/// | `finish_bf16(draw: Draw, bits: u32) -> u32` | the same for bf16 |
/// | `finish_f8_e4m3fn(draw: Draw, bits: u32) -> u32`, `finish_f8_e5m2` | the stored bits in the lowest byte: rounded, then clamped |
///
/// A `Draw` holds bounds in the format that is stored, so `finish_f16` needs the record of a fill with
/// [`dtype`](crate::Fill::dtype) f16. Its fields:
///
/// | field | meaning |
/// | --- | --- |
/// | `index: vec2<u32>` | index in the whole tensor of the slice's first element |
/// | `stream: vec2<u32>` | stream |
/// | `seed: vec2<u32>` | seed |
/// | `scale: u32` | f32 bits of the standard deviation; for a uniform of half the width · 2^-24 |
/// | `shift: u32` | f32 bits of the mean, or of a uniform's midpoint |
/// | `low_key: u32`, `high_key: u32` | least and greatest value as [order keys](crate::value::clamp::order_key) |
/// | `window_low: u32`, `window_range: u32` | the words of a truncated normal's window; a range of 0 stands for all 2^32 |
///
/// What else the text defines (`philox4x32_10`, `mulhi`, `affine`, …) serves these; avoid its names.
#[must_use]
pub fn shared(products: Products) -> String {
    shader::join(shader::SHARED, products, Table::default())
}
