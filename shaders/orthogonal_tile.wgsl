// Products of two tiles in workgroup memory: sixteen rows of two matrices with 32 columns each. A thread adds to the dot products of four
// columns of the one with four of the other, so that what it reads is used four times. Depends on: Dots, split.

// Fours of columns: eight in a row, and one more, so that a column of fours lies in many banks.
const STRIDE = 9u;

var<workgroup> left_tile: array<vec4<i32>, 144>;
var<workgroup> right_tile: array<vec4<i32>, 144>;

// Of each of four columns of the left tile with four of the right one.
struct Square {
    rows: array<Dots, 4>,
}

// Adds the products of four rows of the tiles.
fn multiply_rows(before: Square, first: u32, left: u32, right: u32) -> Square {
    var square = before;
    var terms: array<Terms, 4>;
    for (var row = first; row < first + 4u; row += 1u) {
        let a = split(left_tile[row * STRIDE + left]);
        let b = split(right_tile[row * STRIDE + right]);
        terms[0] = add_products(terms[0], a.high.x, a.low.x, b);
        terms[1] = add_products(terms[1], a.high.y, a.low.y, b);
        terms[2] = add_products(terms[2], a.high.z, a.low.z, b);
        terms[3] = add_products(terms[3], a.high.w, a.low.w, b);
    }
    square.rows[0] = add_terms(square.rows[0], terms[0]);
    square.rows[1] = add_terms(square.rows[1], terms[1]);
    square.rows[2] = add_terms(square.rows[2], terms[2]);
    square.rows[3] = add_terms(square.rows[3], terms[3]);
    return square;
}
