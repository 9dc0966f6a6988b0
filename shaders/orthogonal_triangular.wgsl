// Kernel, third step: a workgroup makes T of one block from VᵀV, and keeps its transpose. Depends on: Step, multiply_rows, add_quarters,
// four_of_reflectors.

// Rows as those of `product`, which holds VᵀV.
var<workgroup> triangular: array<vec4<i32>, 256>;

fn add_term(before: Dots, factor: i32, others: vec4<i32>) -> Dots {
    let high = (factor + 0x4000) >> 15u;
    return add_terms(before, add_products(Terms(), high, factor - (high << 15u), split(others)));
}

// Entries of row i and the four columns `four` of T, from those in front of them. A row needs no other row.
fn make_four(i: u32, four: u32) {
    var dots = Dots();
    for (var before = i >> 2u; before < four; before += 1u) {
        let entries = triangular[i * 8u + before];
        let row = before * 32u + four;
        dots = add_term(dots, entries.x, product[row]);
        dots = add_term(dots, entries.y, product[row + 8u]);
        dots = add_term(dots, entries.z, product[row + 16u]);
        dots = add_term(dots, entries.w, product[row + 24u]);
    }
    // Where the row begins in these four, what is in front of its diagonal stays zero.
    var entries = vec4<i32>();
    for (var way = 0u; way < 4u; way += 1u) {
        let j = four * 4u + way;
        if j == i {
            entries[way] = 0x20000000;
        } else if j > i {
            entries[way] = -round_dots(dots, 29u)[way];
        }
        dots = add_term(dots, entries[way], product[j * 8u + four]);
    }
    triangular[i * 8u + four] = entries;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_index) local_index: u32) {
    let step = steps[workgroup.z];
    let first = workgroup.x * BLOCK;
    let at = local_index & 127u;
    var square = Square();
    for (var start = first; start < step.rows; start += 16u) {
        if local_index < 128u {
            let four = four_of_reflectors(step, start + (at >> 3u), first + (at & 7u) * 4u);
            left_tile[(at >> 3u) * STRIDE + (at & 7u)] = four;
            right_tile[(at >> 3u) * STRIDE + (at & 7u)] = four;
        }
        workgroupBarrier();
        square = multiply_rows(square, (local_index >> 6u) * 4u, (local_index >> 3u) & 7u, local_index & 7u);
        workgroupBarrier();
    }
    add_quarters(square, local_index, 30u);
    if local_index < BLOCK {
        for (var four = 0u; four < 8u; four += 1u) {
            if four < (local_index >> 2u) {
                triangular[local_index * 8u + four] = vec4<i32>();
            } else {
                make_four(local_index, four);
            }
        }
    }
    workgroupBarrier();
    for (var at = local_index; at < 1024u; at += 256u) {
        let i = at & 31u;
        let j = at >> 5u;
        small[small_triangular(step, step.matrix, workgroup.x) + at] = triangular[i * 8u + (j >> 2u)][j & 3u];
    }
}
