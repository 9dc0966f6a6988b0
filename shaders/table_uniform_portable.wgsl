// The quantile table, read from a uniform buffer: best on CPUs that emulate a GPU, whose storage buffers are read lane by lane.
// Rows are (A, B) of src/value/normal_quantile_v1.bin, two in each vector.

@group(0) @binding(2) var<uniform> quantile_table: array<vec4<u32>, 1024>;

fn prepare_table(local_index: u32, workgroup_size: u32) {}

fn quantile_entry(row: u32) -> vec2<u32> {
    let place = (row & 1u) << 1u;
    return vec2<u32>(quantile_table[row >> 1u][place], quantile_table[row >> 1u][place + 1u]);
}
