// Sixteen bytes of output stored as four words: core WGSL. Same bytes as store_native.wgsl.

@group(0) @binding(1) var<storage, read_write> output: array<vec4<u32>>;

fn store_group(group: u32, words: vec4<u32>) {
    output[group] = words;
}
