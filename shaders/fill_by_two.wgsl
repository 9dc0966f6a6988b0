// The groups of an invocation, two at a time: a hardware GPU makes the keys of the rounds once for both, and counts
// and bounds half of the iterations.
// Same bytes as fill_by_one.wgsl. Depends on: Draw, draw_group, store_group.

fn fill_groups(draw: Draw, origin: u32, first: u32, end: u32, stride: u32) {
    var group = first;
    for (; group + stride < end; group += 2u * stride) {
        let a = draw_group(draw, group);
        let b = draw_group(draw, group + stride);
        store_group(origin + group, a);
        store_group(origin + group + stride, b);
    }
    for (; group < end; group += stride) {
        store_group(origin + group, draw_group(draw, group));
    }
}
