// The quantile table, read from its storage buffer: for a kernel whose sums take the workgroup memory.
// Rows are (A, B) of src/value/normal_quantile_v1.bin.

@group(0) @binding(3) var<storage, read> quantile_table: array<vec2<u32>, 2048>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}
