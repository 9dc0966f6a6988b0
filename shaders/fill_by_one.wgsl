// The groups of an invocation, one after the other: for CPUs that emulate a GPU, for portable products, and for groups of many blocks.
// `origin` is the position of the job's first group in the output. Depends on: Draw, draw_group, store_group.

fn fill_groups(draw: Draw, origin: u32, first: u32, end: u32, stride: u32) {
    for (var group = first; group < end; group += stride) {
        store_group(origin + group, draw_group(draw, group));
    }
}
