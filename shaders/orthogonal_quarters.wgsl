// Long sums by 256 threads: each quarter of them takes four of a tile's sixteen rows, and what the quarters have is added at the end, which
// is the same sum, as integers have no order. Depends on: Square, wide_dots, round_wides.

// 32 rows of 32 numbers: fours of columns, eight in a row.
var<workgroup> product: array<vec4<i32>, 256>;

// Puts the dot products of all quarters, rounded, into `product`: those of columns 4 · left … of the left tile are rows there.
fn add_quarters(square: Square, local_index: u32, shift: u32) {
    let quarter = local_index >> 6u;
    let place = local_index & 63u;
    var sums = array<Wides, 4>(
        wide_dots(square.rows[0]),
        wide_dots(square.rows[1]),
        wide_dots(square.rows[2]),
        wide_dots(square.rows[3]),
    );
    for (var other = 1u; other < 4u; other += 1u) {
        workgroupBarrier();
        if quarter == other {
            for (var row = 0u; row < 2u; row += 1u) {
                product[row * 128u + place] = bitcast<vec4<i32>>(sums[row * 2u].low);
                product[row * 128u + 64u + place] = bitcast<vec4<i32>>(sums[row * 2u].high);
                left_tile[row * 64u + place] = bitcast<vec4<i32>>(sums[row * 2u + 1u].low);
                right_tile[row * 64u + place] = bitcast<vec4<i32>>(sums[row * 2u + 1u].high);
            }
        }
        workgroupBarrier();
        if quarter == 0u {
            for (var row = 0u; row < 2u; row += 1u) {
                let even = array<vec4<i32>, 2>(product[row * 128u + place], product[row * 128u + 64u + place]);
                let odd = array<vec4<i32>, 2>(left_tile[row * 64u + place], right_tile[row * 64u + place]);
                sums[row * 2u] = add_four(sums[row * 2u], bitcast<vec4<u32>>(even[0]), bitcast<vec4<u32>>(even[1]));
                sums[row * 2u + 1u] = add_four(sums[row * 2u + 1u], bitcast<vec4<u32>>(odd[0]), bitcast<vec4<u32>>(odd[1]));
            }
        }
    }
    workgroupBarrier();
    if quarter == 0u {
        let at = (place >> 3u) * 32u + (place & 7u);
        product[at] = round_wides(sums[0], shift);
        product[at + 8u] = round_wides(sums[1], shift);
        product[at + 16u] = round_wides(sums[2], shift);
        product[at + 24u] = round_wides(sums[3], shift);
    }
    workgroupBarrier();
}
