// The units of an invocation, four at a time: a hardware GPU makes the keys of the rounds once for all of them, and
// counts and bounds a fourth of the iterations.
// Same bytes as view_by_one.wgsl. Depends on: Draw, Place, unit_at, draw_unit, store_unit.

fn write_units(draw: Draw, place: Place, first: u32, end: u32, local_index: u32, stride: u32) {
    var number = first + local_index;
    for (; number + 3u * stride < end; number += 4u * stride) {
        let unit_a = unit_at(place, number);
        let unit_b = unit_at(place, number + stride);
        let unit_c = unit_at(place, number + 2u * stride);
        let unit_d = unit_at(place, number + 3u * stride);
        let a = draw_unit(draw, place, number, unit_a);
        let b = draw_unit(draw, place, number + stride, unit_b);
        let c = draw_unit(draw, place, number + 2u * stride, unit_c);
        let d = draw_unit(draw, place, number + 3u * stride, unit_d);
        store_unit(place, unit_a, a);
        store_unit(place, unit_b, b);
        store_unit(place, unit_c, c);
        store_unit(place, unit_d, d);
    }
    for (; number < end; number += stride) {
        let unit = unit_at(place, number);
        store_unit(place, unit, draw_unit(draw, place, number, unit));
    }
}
