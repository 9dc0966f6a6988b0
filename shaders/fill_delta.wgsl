// Kernel: a constant at fixed places and zeros at the others, any dtype. Runs in fill_main.wgsl.
// Twins: src/value/delta.rs, src/plan/record.rs (layout). Depends on: divide_wide, add_wide.

struct Draw {
    place: vec2<u32>,  // of the first element, from where the law begins
    inner: u32,
    period: u32,
    limit: u32,
    stride: u32,
    centre: u32,
    word: u32,         // a smaller element stands in it two or four times
    packing: u32,      // log2 of the elements in a word
    padding: u32,
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let packing = draw.packing;
    let bits = 32u >> packing;
    let place = divide_wide(add_wide(draw.place, group * (4u << packing)), draw.inner);
    var row = divide_wide(place.xy, draw.period).z;
    var column = place.z;
    var words = vec4<u32>();
    for (var element = 0u; element < (4u << packing); element += 1u) {
        if row < draw.limit && column == row * draw.stride + draw.centre {
            let shift = (element & ((1u << packing) - 1u)) * bits;
            words[element >> packing] |= draw.word & ((0xFFFFFFFFu >> (32u - bits)) << shift);
        }
        column += 1u;
        if column == draw.inner {
            column = 0u;
            row += 1u;
            if row == draw.period {
                row = 0u;
            }
        }
    }
    return words;
}
