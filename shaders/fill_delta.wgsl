// Kernel: a constant at fixed places and zeros at the others, any dtype. Runs in fill_main.wgsl.
// Twins: src/value/delta.rs, src/plan/record.rs (layout). Depends on: divide_wide, add_wide.

struct Draw {
    place: vec2<u32>,  // of the first element, from where the law begins
    inner: u32,
    period: u32,
    limit: u32,
    stride: u32,
    centre: u32,
    word: u32,         // a 16-bit value stands in both halves
    halves: u32,       // 1 for 16-bit elements
    padding: u32,
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let halves = draw.halves;
    let place = divide_wide(add_wide(draw.place, group * (4u << halves)), draw.inner);
    var row = divide_wide(place.xy, draw.period).z;
    var column = place.z;
    var words = vec4<u32>();
    for (var element = 0u; element < (4u << halves); element += 1u) {
        if row < draw.limit && column == row * draw.stride + draw.centre {
            let shift = (element & halves) << 4u;
            let mask = select(0xFFFFFFFFu, 0xFFFFu << shift, halves == 1u);
            words[element >> halves] |= draw.word & mask;
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
