// Sixteen bytes of output stored as two 64-bit numbers: half as many stores on a CPU that emulates a GPU, one on a GPU.
// Needs SHADER_INT64. Same bytes as store_portable.wgsl.

@group(0) @binding(1) var<storage, read_write> output: array<vec2<u64>>;

fn store_group(group: u32, words: vec4<u32>) {
    output[group] = vec2<u64>(u64(words.x) | (u64(words.y) << 32u), u64(words.z) | (u64(words.w) << 32u));
}
