// A box of a tensor and its places in memory. A unit is one Philox block of it, or a group of 16 bytes where all of its rows are whole
// groups. Neighbouring units lie along memory. Twins: src/plan/view.rs, src/plan/record.rs (layout).
// Depends on: Draw, mulhi, mul_wide, add_wide, add_wides.

struct Axis {
    count: u32,
    magic: u32,        // n / count = mulhi(n, magic) >> shift, for n < 2^31
    shift: u32,
    stride: u32,       // from one position to the next in the output, in elements or groups
    step: vec2<u32>,   // and in the tensor, in elements (low word, high word)
}

struct View {
    first_tile: u32,
    tile_units: u32,     // units per tile
    units: u32,          // units in all
    position: u32,       // of the first element in the output, in elements or groups
    index: vec2<u32>,    // logical index of the first element (low word, high word)
    run: u32,            // neighbours in the tensor that units share out
    run_stride: u32,     // from one of them to the next in the output, in elements
    run_axis: u32,       // which axis counts their blocks; 8 if they are in one block each
    wide: u32,           // positions of the first axis that a unit takes at a time
    wide_step: vec2<u32>,
    axes: array<Axis, 8>,  // the fastest of memory first; those that are missing are zero
    draw: Draw,
}

override workgroup_size: u32 = 256u;
// No view has more of them: less to compute where branches cost as much as what is behind them.
override axes: u32 = 8u;

@group(0) @binding(0) var<storage, read> jobs: array<View>;

// What a unit is made of: the element that it begins with but for its block, and where that goes.
struct Unit {
    index: vec2<u32>,
    position: u32,
    block: u32,  // of the run
    rest: u32,   // what is left of its number for the axes to come
}

// What units share, read once.
struct Place {
    first: Unit,
    run_axis: u32,
    axis_0: Axis,  // most views have three axes or fewer
    axis_1: Axis,
    axis_2: Axis,
    job: u32,
    run: u32,
    run_stride: u32,
    wide: u32,
    wide_step: vec2<u32>,
}

// A unit with one axis' part, that of the last axis there is.
fn along_last(unit: Unit, axis: Axis, is_run: bool) -> Unit {
    let at = unit.rest;
    let position = unit.position + at * axis.stride;
    if is_run {
        return Unit(unit.index, position, at, 0u);
    }
    let low = mul_wide(at, axis.step.x);
    let index = add_wides(unit.index, vec2<u32>(low.x, low.y + at * axis.step.y));
    return Unit(index, position, unit.block, 0u);
}

// The same for one before others.
fn along(unit: Unit, axis: Axis, is_run: bool) -> Unit {
    let left = mulhi(unit.rest, axis.magic) >> axis.shift;
    let first = Unit(unit.index, unit.position, unit.block, unit.rest - left * axis.count);
    let next = along_last(first, axis, is_run);
    return Unit(next.index, next.position, next.block, left);
}
