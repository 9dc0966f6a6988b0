// Check kernel: Philox4x32-10 of given counters and keys, for published known answers. Depends on: philox4x32_10.

struct Input {
    counter: vec4<u32>,
    key: vec2<u32>,
}

override workgroup_size: u32 = 64u;

@group(0) @binding(0) var<storage, read> inputs: array<Input>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4<u32>>;

@compute @workgroup_size(workgroup_size)
fn main(@builtin(global_invocation_id) thread: vec3<u32>) {
    if thread.x < arrayLength(&inputs) {
        output[thread.x] = philox4x32_10(inputs[thread.x].counter, inputs[thread.x].key);
    }
}
