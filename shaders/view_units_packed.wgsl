// A unit of any view: each of its elements of 16 or 8 bits goes where it belongs. One that shares a word with others replaces its part by
// two atomic operations that leave the others alone. Depends on: Draw, Unit, block_of, draw_four, PACKING.

@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;

fn store_word(word: u32, bits: u32, mask: u32) {
    if mask == 0xFFFFFFFFu {
        atomicStore(&output[word], bits);
    } else {
        atomicAnd(&output[word], ~mask);
        atomicOr(&output[word], bits);
    }
}

fn is_run(axis: u32, run_axis: u32) -> bool {
    return axis == run_axis;
}

// Elements in the low bits.
fn draw_unit(draw: Draw, place: Place, number: u32, unit: Unit) -> vec4<u32> {
    let element_bits = 32u >> PACKING;
    var four = draw_four(draw, number, add_wide(block_of(unit.index), unit.block));
    // Words of elements that are neighbours in memory and no neighbours in the tensor: equal places in several blocks.
    var index = unit.index;
    for (var other = 1u; other < place.wide; other += 1u) {
        index = add_wides(index, place.wide_step);
        four |= draw_four(draw, number, add_wide(block_of(index), unit.block)) << vec4<u32>(other * element_bits);
    }
    return four;
}

fn store_unit(place: Place, unit: Unit, four: vec4<u32>) {
    let element_bits = 32u >> PACKING;
    let inside = (1u << PACKING) - 1u;
    var stored = four;
    let mask = 0xFFFFFFFFu >> select(32u - element_bits, 0u, place.wide > 1u);
    var word = 0u;
    var bits = 0u;
    var filled = 0u;
    for (var element = 0u; element < 4u; element += 1u) {
        // Below the first neighbour this wraps to a large number.
        let neighbour = unit.block * 4u + element - (unit.index.x & 3u);
        if neighbour < place.run {
            let position = unit.position + neighbour * place.run_stride;
            if filled != 0u && position >> PACKING != word {
                store_word(word, bits, filled);
                bits = 0u;
                filled = 0u;
            }
            word = position >> PACKING;
            bits |= stored[element] << ((position & inside) * element_bits);
            filled |= mask << ((position & inside) * element_bits);
        }
    }
    if filled != 0u {
        store_word(word, bits, filled);
    }
}
