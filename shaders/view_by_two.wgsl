// The units of an invocation, two at a time: a hardware GPU makes the keys of the rounds once for both.
// Same bytes as view_by_one.wgsl. Depends on: Draw, Place, unit_at, draw_unit, store_unit.

fn write_units(draw: Draw, place: Place, first: u32, end: u32, local_index: u32, stride: u32) {
    var number = first + local_index;
    for (; number + stride < end; number += 2u * stride) {
        let unit_a = unit_at(place, number);
        let unit_b = unit_at(place, number + stride);
        let a = draw_unit(draw, place, number, unit_a);
        let b = draw_unit(draw, place, number + stride, unit_b);
        store_unit(place, unit_a, a);
        store_unit(place, unit_b, b);
    }
    for (; number < end; number += stride) {
        let unit = unit_at(place, number);
        store_unit(place, unit, draw_unit(draw, place, number, unit));
    }
}
