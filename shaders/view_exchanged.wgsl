// The units of an invocation, two at a time, whose elements of 32 bits are passed on where neighbours in the tensor are neighbours in memory:
// invocations then store elements that lie beside each other instead of four each. For hardware GPUs, which join such stores.
// Same bytes as view_by_one.wgsl. Depends on: Draw, Place, unit_at, draw_unit, store_unit, output.

// Of each unit: its elements; the position of the first, and how many neighbours lie before it.
var<workgroup> elements: array<vec4<u32>, 512>;
var<workgroup> places: array<vec2<u32>, 512>;

fn pass_on(draw: Draw, place: Place, number: u32, slot: u32) {
    let unit = unit_at(place, number);
    elements[slot] = draw_unit(draw, place, number, unit);
    // Before the first neighbour both wrap.
    let neighbour = unit.block * 4u - (unit.index.x & 3u);
    places[slot] = vec2<u32>(unit.position + neighbour, neighbour);
}

fn write_units(draw: Draw, place: Place, first: u32, end: u32, local_index: u32, stride: u32) {
    if place.run_stride != 1u {
        for (var number = first + local_index; number < end; number += stride) {
            let unit = unit_at(place, number);
            store_unit(place, unit, draw_unit(draw, place, number, unit));
        }
        return;
    }
    for (var round = first; round < end; round += 2u * stride) {
        // Past the end they are not stored.
        pass_on(draw, place, min(round + local_index, end - 1u), local_index);
        pass_on(draw, place, min(round + stride + local_index, end - 1u), stride + local_index);
        workgroupBarrier();
        for (var turn = 0u; turn < 8u; turn += 1u) {
            let slot = (turn * stride + local_index) >> 2u;
            let element = (turn * stride + local_index) & 3u;
            let at = places[slot];
            if round + slot < end && at.y + element < place.run {
                output[at.x + element] = elements[slot][element];
            }
        }
        workgroupBarrier();
    }
}
