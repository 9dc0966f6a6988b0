// A unit of any view: each of its elements goes where it belongs. Elements that share a word with others replace their part of it by
// two atomic operations that leave the other part alone. Depends on: Draw, Unit, block_of, draw_four.

struct Place {
    run: u32,
    run_stride: u32,
    dtype: u32,
    halves: u32,
    wide: u32,
    wide_step: vec2<u32>,
}

@group(0) @binding(1) var<storage, read_write> output: array<atomic<u32>>;

fn store_word(word: u32, bits: u32, mask: u32) {
    if mask == 0xFFFFFFFFu {
        atomicStore(&output[word], bits);
    } else {
        atomicAnd(&output[word], ~mask);
        atomicOr(&output[word], bits);
    }
}

fn write_unit(draw: Draw, place: Place, number: u32, unit: Unit) {
    let size = 32u >> place.halves;  // bits of an element
    var four = draw_four(draw, place.dtype, number, add_wide(block_of(unit.index), unit.block));
    // Words of elements that are neighbours in memory and no neighbours in the tensor: equal places in blocks of their own.
    var index = unit.index;
    for (var other = 1u; other < place.wide; other += 1u) {
        index = add_wides(index, place.wide_step);
        four |= draw_four(draw, place.dtype, number, add_wide(block_of(index), unit.block)) << vec4<u32>(other * size);
    }
    let mask = 0xFFFFFFFFu >> (32u - size * place.wide);
    var word = 0u;
    var bits = 0u;
    var filled = 0u;
    for (var element = 0u; element < 4u; element += 1u) {
        // Below the first neighbour this wraps to a large number.
        let neighbour = unit.block * 4u + element - (unit.index.x & 3u);
        if neighbour < place.run {
            let position = unit.position + neighbour * place.run_stride;
            if filled != 0u && position >> place.halves != word {
                store_word(word, bits, filled);
                bits = 0u;
                filled = 0u;
            }
            word = position >> place.halves;
            let shift = (position & ((1u << place.halves) - 1u)) * size;
            bits |= four[element] << shift;
            filled |= mask << shift;
        }
    }
    if filled != 0u {
        store_word(word, bits, filled);
    }
}
