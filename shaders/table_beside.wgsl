// The quantile table, read where it lies: for views on hardware GPUs, where it is faster than a copy for each workgroup.
// Rows are (A, B) of src/value/normal_quantile_v1.bin.

@group(0) @binding(2) var<storage, read> quantile_table: array<vec2<u32>, 2048>;

fn prepare_table(local_index: u32, workgroup_size: u32) {}

fn quantile_entry(row: u32) -> vec2<u32> {
    return quantile_table[row];
}
