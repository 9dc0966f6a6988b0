//! Everything that can be wrong with a request.

use crate::DType;

/// What was wrong with a request, with what was got, what was expected and what to do.
///
/// Every check runs before anything is written or recorded: after an `Err` the caller's encoder and bytes are as they
/// were.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More dimensions than [`Shape::MAX_RANK`](crate::Shape::MAX_RANK).
    #[error("a shape of rank {rank} was given, at most {max} dimensions are supported: flatten some")]
    RankTooLarge {
        /// Dimensions given.
        rank: usize,
        /// Dimensions supported.
        max: usize,
    },
    /// The product of the dimensions does not fit 64 bits.
    #[error("the shape {dims:?} has more than 2^64 - 1 elements")]
    TooManyElements {
        /// Dimensions given.
        dims: Vec<u64>,
    },
    /// A parameter of a distribution is NaN or infinite.
    #[error("{distribution}: {parameter} is {value}, it must be finite")]
    NotFinite {
        /// The distribution's name.
        distribution: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// Value given.
        value: f64,
    },
    /// A parameter of a distribution that has to be above zero.
    #[error("{distribution}: {parameter} is {}, it must be above zero", figure(*value))]
    NotPositive {
        /// The distribution's name.
        distribution: &'static str,
        /// The parameter's name.
        parameter: &'static str,
        /// Value given.
        value: f64,
    },
    /// A last axis, along which a law runs, of a length that the law is not defined for.
    #[error("{distribution}: the last axis of the shape has {length} elements, {expected}")]
    UnsuitableLastAxis {
        /// The distribution's name.
        distribution: &'static str,
        /// Length of the last axis; 0 for a shape without axes.
        length: u64,
        /// What is needed.
        expected: &'static str,
    },
    /// A standard deviation below zero.
    #[error("{distribution}: std is {}, it must be zero or more", figure(*std))]
    NegativeStd {
        /// The distribution's name.
        distribution: &'static str,
        /// Value given.
        std: f64,
    },
    /// The bounds are in the wrong order, or equal where an interval is needed.
    #[error("{distribution}: low = {} and high = {}, low must be below high", figure(*low), figure(*high))]
    BoundsOutOfOrder {
        /// The distribution's name.
        distribution: &'static str,
        /// Lower bound given.
        low: f64,
        /// Upper bound given.
        high: f64,
    },
    /// A std or half-width above zero so small that f32 subnormals, which devices may flush to zero, would matter.
    #[error(
        "{distribution}: a {parameter} of {value:e} is below the smallest supported, 2^-96 = 1.3e-29; use 0 for a constant"
    )]
    ScaleTooSmall {
        /// The distribution's name.
        distribution: &'static str,
        /// `std` or `(high - low) / 2`.
        parameter: &'static str,
        /// Value given.
        value: f64,
    },
    /// A mean or midpoint so close to zero, without being zero, that f32 subnormals would matter.
    #[error("{distribution}: a {parameter} of {value:e} is neither 0 nor at least 2^-96 = 1.3e-29 in magnitude; use 0")]
    ShiftTooSmall {
        /// The distribution's name.
        distribution: &'static str,
        /// `mean` or `(low + high) / 2`.
        parameter: &'static str,
        /// Value given.
        value: f64,
    },
    /// A value that the distribution can produce is not finite in the dtype; for a dtype of 8 bits, which saturates, a parameter beyond it.
    #[error("{distribution}: values reach {value:e}, past the largest finite {dtype}, {max:e}; choose a wider dtype or a smaller scale", max = dtype.max_finite())]
    Overflow {
        /// The distribution's name.
        distribution: &'static str,
        /// An extreme value, or the parameter.
        value: f64,
        /// The dtype that cannot hold it.
        dtype: DType,
    },
    /// No number of the dtype lies between the bounds.
    #[error(
        "{distribution}: no {dtype} number lies between low = {} and high = {}; widen the bounds or choose a wider dtype",
        figure(*low),
        figure(*high)
    )]
    NoValueBetween {
        /// The distribution's name.
        distribution: &'static str,
        /// Lower bound given.
        low: f64,
        /// Upper bound given.
        high: f64,
        /// The dtype without a number in between.
        dtype: DType,
    },
    /// A truncation window whose probability under the normal is too small.
    #[error(
        "trunc_normal: the window [{low}, {high}] has a probability of {probability} under the normal, at least 1.5e-5 (2^-16) is needed; widen it or move it nearer to the mean",
        low = figure(*low),
        high = figure(*high),
        probability = probability(*words)
    )]
    WindowTooNarrow {
        /// Lower bound given.
        low: f64,
        /// Upper bound given.
        high: f64,
        /// How many of the 2^32 equally likely values of the normal are inside.
        words: u64,
    },
    /// A factor of a scheme below zero.
    #[error("{scheme}: {parameter} is {}, it must be zero or more", figure(*value))]
    NegativeScale {
        /// The scheme's name.
        scheme: &'static str,
        /// `gain` or `scale`.
        parameter: &'static str,
        /// Value given.
        value: f64,
    },
    /// Fans of a shape that lacks the axes for inputs and outputs.
    #[error(
        "fan_in and fan_out of a shape of rank {rank}: separate axes for inputs and outputs are needed, as in a weight of rank 2 or more; give vectors an initializer without fans"
    )]
    FansNeedRank {
        /// Dimensions of the shape.
        rank: usize,
    },
    /// Fans of a shape with a size of zero.
    #[error("fan_in and fan_out of the shape {dims:?}: a size is zero")]
    ZeroFan {
        /// The shape.
        dims: Vec<u64>,
    },
    /// A number of layers, channels or classes that is zero.
    #[error("{scheme}: {parameter} is 0, it must be at least 1")]
    ZeroCount {
        /// The scheme's name.
        scheme: &'static str,
        /// The parameter's name.
        parameter: &'static str,
    },
    /// A base model's shape that a scheme by widths cannot start from.
    #[error("the shape {dims:?} over the base shape {base:?}: {reason}")]
    InvalidBaseShape {
        /// The shape.
        dims: Vec<u64>,
        /// The base model's shape.
        base: Vec<u64>,
        /// What is needed.
        reason: &'static str,
    },
    /// A nonlinearity without a known gain.
    #[error(
        "no gain is known for the nonlinearity {text:?}: write linear, sigmoid, tanh, relu, leaky_relu, leaky_relu=SLOPE, selu or gain=NUMBER"
    )]
    UnknownNonlinearity {
        /// Text given.
        text: String,
    },
    /// Sizes of a layer that PyTorch refuses, or an override of a parameter that the layer lacks.
    #[error("{layer}: {reason}")]
    InvalidLayer {
        /// The builder's name.
        layer: &'static str,
        /// What was got and what is expected.
        reason: String,
    },
    /// An initializer expression that cannot be read.
    #[error(
        "cannot read the initializer {text:?}: {reason}; write e.g. normal(0,0.02), uniform(-0.1,0.1), trunc_normal(0,0.02,-0.04,0.04), xavier_uniform(1), kaiming_normal(fan_in,relu), constant(1), zeros or ones"
    )]
    ParseInitializer {
        /// Text given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A dtype name that is not one of ours.
    #[error("unknown dtype {text:?}: write f32, f16, bf16, f8_e4m3fn or f8_e5m2")]
    ParseDType {
        /// Text given.
        text: String,
    },
    /// A [`Tuning`](crate::gpu::Tuning) that cannot be read.
    #[cfg(feature = "gpu")]
    #[error(
        "cannot read the tuning {text:?}: write e.g. native workgroup 256x64x1024 (products, table, workgroup size x groups x workgroups)"
    )]
    ParseTuning {
        /// Text given.
        text: String,
    },
    /// A random fill without seed and stream.
    #[error("{distribution} draws random numbers: say which with .named(seed, name) or .keyed(seed, stream)")]
    MissingKey {
        /// The distribution's name.
        distribution: &'static str,
    },
    /// A slice of elements that is not inside the tensor.
    #[error("elements {start}..{end} were asked for, the tensor has {elements}")]
    SliceOutOfBounds {
        /// First element asked for.
        start: u64,
        /// One past the last element asked for.
        end: u64,
        /// Elements of the whole tensor.
        elements: u64,
    },
    /// Elements of a law whose values depend on their place, and which has no such place: another tensor's law, or a part that is not
    /// the one it was made for.
    #[error(
        "elements {start}..{end} were asked for of {distribution}, which was made for elements {first}..{last}; resolve the initializer with the shape of the tensor or of the rows"
    )]
    OutsideDistribution {
        /// The distribution's name.
        distribution: &'static str,
        /// First element asked for.
        start: u64,
        /// One past the last element asked for.
        end: u64,
        /// First element that the law describes.
        first: u64,
        /// One past the last element that it describes.
        last: u64,
    },
    /// An axis that a view's tensor does not have.
    #[error("axis {axis} of a tensor of rank {rank}: {}", axes_expected(*rank))]
    NoSuchAxis {
        /// Axis given.
        axis: usize,
        /// The tensor's dimensions.
        rank: usize,
    },
    /// Positions of an axis that a view does not have.
    #[error("positions {start}..{end} of axis {axis}: they must be in order and inside 0..{size}")]
    PartOutOfBounds {
        /// The axis.
        axis: usize,
        /// First position.
        start: u64,
        /// One past the last position.
        end: u64,
        /// Positions that the view has.
        size: u64,
    },
    /// A shard beyond the last.
    #[error("shard {index} of {of}: there must be one shard at least, and they are counted from 0")]
    NoSuchShard {
        /// Shard asked for.
        index: u64,
        /// Shards there are.
        of: u64,
    },
    /// Stretches of a view's memory are asked for that has gaps between its elements.
    #[error(
        "the view has a pitch or strides: only packed views are cut into stretches; leave these out, or cut it by View::part"
    )]
    NotPacked,
    /// An order of axes that leaves one out or names one twice.
    #[error("the order {order:?} of a tensor of rank {rank}: each axis from 0 on must be in it once")]
    NotAPermutation {
        /// Order given.
        order: Vec<usize>,
        /// The tensor's dimensions.
        rank: usize,
    },
    /// Rows of memory that are longer than the distance between them.
    #[error("a pitch of {pitch} elements: rows have {row}, the next must begin behind them")]
    PitchTooSmall {
        /// Distance given.
        pitch: u64,
        /// Elements of a row.
        row: u64,
    },
    /// More or fewer strides than axes.
    #[error("{strides} strides for a tensor of rank {rank}: give one for each axis")]
    StridesNeedRank {
        /// Strides given.
        strides: usize,
        /// The tensor's dimensions.
        rank: usize,
    },
    /// Strides with which elements would share memory, run backwards, or lie inside the span of another row.
    #[error(
        "the strides {strides:?} for a box of {dims:?}: each must be above zero, and no smaller than what one position spans with all axes of smaller strides; copy broadcast or reversed tensors first"
    )]
    UnsuitableStrides {
        /// Strides given, in elements.
        strides: Vec<i64>,
        /// The box's sizes.
        dims: Vec<u64>,
    },
    /// A view of a tensor that is not the fill's.
    #[error("the view is of a tensor of {view} elements, the fill of one of {tensor}: make both from one shape")]
    OtherTensor {
        /// Elements of the view's tensor.
        view: u64,
        /// Elements of the fill's.
        tensor: u64,
    },
    /// Rows, that is, positions of the first axis, that a shape does not have.
    #[error("rows {start}..{end} of the shape {dims:?}: {}", rows_expected(dims))]
    RowsOutOfBounds {
        /// First row.
        start: u64,
        /// One past the last row.
        end: u64,
        /// The shape's sizes.
        dims: Vec<u64>,
    },
    /// Two blocks of rows that have a row in common.
    #[error("row {row} is in two parts (the padding row is a part too)")]
    RowsOverlap {
        /// The first such row.
        row: u64,
    },
    /// A byte offset that is not a multiple of the element size.
    #[error("the byte offset {offset} is not a multiple of {dtype}'s {needed} bytes")]
    Misaligned {
        /// Byte offset given.
        offset: u64,
        /// Alignment needed.
        needed: u64,
        /// The dtype.
        dtype: DType,
    },
    /// Offset plus length does not fit 64 bits.
    #[error("{elements} elements of {dtype} at byte offset {offset} end past 2^64")]
    OffsetOverflow {
        /// Byte offset given.
        offset: u64,
        /// Elements to write.
        elements: u64,
        /// The dtype.
        dtype: DType,
    },
    /// Host memory that holds numbers of one dtype, and a fill that writes another.
    #[error(
        "the target holds {target} and the fill writes {fill}: give the fill `dtype(DType::{target:?})`, or a target of bytes"
    )]
    OtherDType {
        /// What the memory holds.
        target: DType,
        /// What the fill writes.
        fill: DType,
    },
    /// The range to write ends past the target.
    #[error("bytes {start}..{end} are to be written, the target has {size} bytes")]
    TargetTooSmall {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
        /// The target's size.
        size: u64,
    },
    /// An element of 16 or 8 bits in the last, incomplete 32-bit word of a buffer cannot be bound.
    #[error(
        "bytes {start}..{end} end in the incomplete last word of a buffer of {size} bytes, which shaders cannot bind; make the buffer's size a multiple of 4"
    )]
    IncompleteWord {
        /// First byte.
        start: u64,
        /// One past the last byte.
        end: u64,
        /// The buffer's size.
        size: u64,
    },
    /// Two fills of one record write the same bytes.
    #[error(
        "fills {first} and {second} both write bytes {start}..{end} of one target; record them one after the other in two calls if that is meant"
    )]
    Overlap {
        /// Index of one fill.
        first: usize,
        /// Index of the other.
        second: usize,
        /// First byte written twice.
        start: u64,
        /// One past the last byte written twice.
        end: u64,
    },
    /// A plan's region of a buffer that is not in the list of buffers.
    #[error("a region of buffer {buffer} was given, there are {buffers}, counted from 0")]
    NoSuchBuffer {
        /// The buffer asked for.
        buffer: usize,
        /// Buffers there are.
        buffers: usize,
    },
    /// The buffer cannot be bound for writing.
    #[error("the buffer's usage is {usage}, which lacks STORAGE; add it when the buffer is made")]
    MissingStorageUsage {
        /// The buffer's usage flags.
        usage: String,
    },
    /// A device limit too small for the kernels.
    #[error("{}the device's {limit} is {got}, at least {needed} is needed; request it with requirements(&adapter)", purpose.map(|purpose| format!("{purpose}: ")).unwrap_or_default())]
    DeviceLimit {
        /// Name of the field of `wgpu::Limits`, or `Features::SHADER_INT64`.
        limit: &'static str,
        /// What needs it, where that is not any fill.
        purpose: Option<&'static str>,
        /// The device's value.
        got: u64,
        /// The least value that works.
        needed: u64,
    },
    /// The device computes other bits than the contract pins.
    #[error(
        "the device fails the self-test: {check} differs from the CPU at item {at} (got {got:#010x}, expected {expected:#010x}); use the CPU executor on this machine and report the driver"
    )]
    SelfTest {
        /// Which check.
        check: &'static str,
        /// First item that differs.
        at: u64,
        /// Bits of the device.
        got: u32,
        /// Bits of the contract.
        expected: u32,
    },
    /// The device was lost, or a buffer could not be read back.
    #[error("the device did not finish the work: {reason}")]
    DeviceFailed {
        /// What wgpu said.
        reason: String,
    },
    /// The host has no memory for what one matrix needs while it is made.
    #[error("the host has no memory for {purpose}: {bytes} bytes are needed")]
    NoHostMemory {
        /// What for.
        purpose: &'static str,
        /// How much.
        bytes: u64,
    },
    /// The device has no memory for a table, a workspace or a pipeline.
    #[cfg(feature = "gpu")]
    #[error("the device is out of memory: {reason}; record fewer tensors in one call, or free buffers")]
    OutOfMemory {
        /// What wgpu said.
        reason: String,
    },
    /// wgpu refused an object or its driver could not make it, e.g. a pipeline.
    #[cfg(feature = "gpu")]
    #[error(
        "the device refused what the fills need: {reason}; use the CPU executor on this machine and report the driver"
    )]
    DeviceRefused {
        /// What wgpu said.
        reason: String,
    },
    /// A fill of a list is at fault.
    #[error("fill {index}{}: {cause}", name.as_deref().map(|n| format!(" ({n})")).unwrap_or_default())]
    Fill {
        /// Index in the list.
        index: usize,
        /// The parameter's name, if the fill has one.
        name: Option<String>,
        /// What is wrong with it. The message has it, so it is no `source`: a chain of errors would print it twice.
        cause: Box<Error>,
    },
    /// A shape that a structured initializer cannot be made for.
    #[error("{initializer} for the shape {dims:?}: {expected}")]
    UnsuitableShape {
        /// The initializer.
        initializer: &'static str,
        /// The shape's sizes.
        dims: Vec<u64>,
        /// What is needed.
        expected: String,
    },
    /// A number outside of what has a meaning.
    #[error("{distribution}: {parameter} is {}, it must be {expected}", figure(*value))]
    OutOfRange {
        /// The distribution.
        distribution: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
}

fn axes_expected(rank: usize) -> String {
    if rank == 0 { "a scalar has no axes".to_owned() } else { format!("axes are 0 to {}", rank - 1) }
}

fn rows_expected(dims: &[u64]) -> String {
    match dims.first() {
        Some(rows) => format!("they must be in order and inside 0..{rows}"),
        None => "a scalar has no rows".to_owned(),
    }
}

/// A number as one would write it: 1e300 has no 301 digits.
fn figure(value: f64) -> String {
    let is_short = value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs());
    if is_short { value.to_string() } else { format!("{value:e}") }
}

/// Of so many of the normal's 2^32 equally likely values.
#[expect(clippy::cast_precision_loss, reason = "a figure for a person")]
fn probability(words: u64) -> String {
    if words == 0 { "0".to_owned() } else { format!("{:.1e}", words as f64 / (1u64 << 32) as f64) }
}

impl Error {
    /// Says which fill of a list is at fault.
    pub(crate) fn in_fill(self, index: usize, name: Option<&str>) -> Self {
        Self::Fill { index, name: name.map(str::to_owned), cause: Box::new(self) }
    }

    /// The cause without the position in a list.
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::Fill { cause, .. } => cause.root(),
            other => other,
        }
    }
}

/// Result of this crate's calls.
pub type Result<T, E = Error> = core::result::Result<T, E>;
