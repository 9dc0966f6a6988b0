// Ones at fixed places, any dtype. Twin: src/value/delta.rs, src/plan/record.rs (`DrawRecord::delta`).
// Depends on: Draw, divide_wide, add_wide.

// Draw holds: index, the first element's place in the structure; stream, inner and period; seed, stride and centre; scale, the
// storage word of a one; shift, limit; low_key, 1 for 16-bit elements.
fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    let halves = draw.low_key;
    let inner = draw.stream.x;
    let period = draw.stream.y;
    let place = divide_wide(add_wide(draw.index, group * (4u << halves)), inner);
    var row = divide_wide(place.xy, period).z;
    var column = place.z;
    var words = vec4<u32>();
    for (var element = 0u; element < (4u << halves); element += 1u) {
        if row < draw.shift && column == row * draw.seed.x + draw.seed.y {
            let shift = (element & halves) << 4u;
            let mask = select(0xFFFFFFFFu, 0xFFFFu << shift, halves == 1u);
            words[element >> halves] |= draw.scale & mask;
        }
        column += 1u;
        if column == inner {
            column = 0u;
            row += 1u;
            if row == period {
                row = 0u;
            }
        }
    }
    return words;
}
