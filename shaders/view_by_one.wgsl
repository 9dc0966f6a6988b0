// The units of an invocation, one after the other: for CPUs that emulate a GPU, for portable products, and for long laws.
// Depends on: Draw, Place, unit_at, draw_unit, store_unit.

fn write_units(draw: Draw, place: Place, first: u32, end: u32, local_index: u32, stride: u32) {
    for (var number = first + local_index; number < end; number += stride) {
        let unit = unit_at(place, number);
        store_unit(place, unit, draw_unit(draw, place, number, unit));
    }
}
