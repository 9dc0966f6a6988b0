// The quantile table, copied to workgroup memory (16 KiB) before the first draw: for hardware GPUs.
// Rows are (A, B) of src/value/normal_quantile_v1.bin.

@group(0) @binding(2) var<storage, read> quantile_table: array<vec2<u32>, 2048>;

var<workgroup> local_table: array<vec2<u32>, 2048>;

fn prepare_table(local_index: u32, workgroup_size: u32) {
    for (var row = local_index; row < 2048u; row += workgroup_size) {
        local_table[row] = quantile_table[row];
    }
    workgroupBarrier();
}

fn quantile_entry(row: u32) -> vec2<u32> {
    return local_table[row];
}
