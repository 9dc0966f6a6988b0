// The product of two tiles in workgroup memory: sixteen rows of two matrices with 32 columns each, split as exact_dot.wgsl does; each
// of 256 threads adds to the dot products of two columns of the one with two of the other. Depends on: Dots, add_four, split.

var<workgroup> left_tile: array<vec2<i32>, 512>;
var<workgroup> right_tile: array<vec2<i32>, 512>;

fn multiply_tiles(before: Dots, left: u32, right: u32) -> Dots {
    var dots = before;
    for (var row = 0u; row < 16u; row += 4u) {
        var high = vec4<i32>();
        var mixed_left = vec4<i32>();
        var mixed_right = vec4<i32>();
        var low = vec4<i32>();
        for (var at = row; at < row + 4u; at += 1u) {
            let a = left_tile[at * 32u + left];
            let b = left_tile[at * 32u + left + 1u];
            let c = right_tile[at * 32u + right];
            let d = right_tile[at * 32u + right + 1u];
            let left_high = vec4<i32>(a.x, a.x, b.x, b.x);
            let left_low = vec4<i32>(a.y, a.y, b.y, b.y);
            let right_high = vec4<i32>(c.x, d.x, c.x, d.x);
            let right_low = vec4<i32>(c.y, d.y, c.y, d.y);
            high += left_high * right_high;
            mixed_left += left_high * right_low;
            mixed_right += left_low * right_high;
            low += left_low * right_low;
        }
        dots = add_four(dots, high, mixed_left, mixed_right, low);
    }
    return dots;
}
