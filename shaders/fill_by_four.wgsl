// The groups of an invocation, four at a time: a hardware GPU makes the keys of the rounds once for all of them, and
// counts and bounds a fourth of the iterations.
// Same bytes as fill_by_one.wgsl. Depends on: Draw, draw_group, store_group.

fn fill_groups(draw: Draw, origin: u32, first: u32, end: u32, stride: u32) {
    var group = first;
    for (; group + 3u * stride < end; group += 4u * stride) {
        let a = draw_group(draw, group);
        let b = draw_group(draw, group + stride);
        let c = draw_group(draw, group + 2u * stride);
        let d = draw_group(draw, group + 3u * stride);
        store_group(origin + group, a);
        store_group(origin + group + stride, b);
        store_group(origin + group + 2u * stride, c);
        store_group(origin + group + 3u * stride, d);
    }
    for (; group < end; group += stride) {
        store_group(origin + group, draw_group(draw, group));
    }
}
