// Check kernel: the normal unit value of chosen words, start + i * stride. Used by the self-test and by the
// exhaustive run over all 2^32 words. Depends on: normal_unit, prepare_table.

struct Request {
    start: u32,
    stride: u32,
    count: u32,
}

override workgroup_size: u32 = 256u;

@group(0) @binding(0) var<storage, read> request: Request;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(workgroup_size)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    prepare_table(local_index, workgroup_size);
    let i = (workgroup.y * grid.x + workgroup.x) * workgroup_size + local_index;
    if i < request.count {
        output[i] = normal_unit(request.start + i * request.stride);
    }
}
