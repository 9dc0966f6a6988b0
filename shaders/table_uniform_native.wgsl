// The quantile table, read from a uniform buffer by 64 bits: one gather for a row on CPUs that emulate a GPU. Needs SHADER_INT64.
// Rows are (A, B) of src/value/normal_quantile_v1.bin, A in the low half, two in each vector.

@group(0) @binding(2) var<uniform> quantile_table: array<vec2<u64>, 1024>;

fn prepare_table(local_index: u32, workgroup_size: u32) {}

fn quantile_entry(row: u32) -> vec2<u32> {
    let entry = quantile_table[row >> 1u][row & 1u];
    return vec2<u32>(u32(entry), u32(entry >> 32u));
}
