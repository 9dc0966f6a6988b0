// Kernel: Q starts as the first columns of the identity. Depends on: Step.

@group(0) @binding(1) var<storage, read_write> frame: array<i32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let step = steps[workgroup.z];
    let entries = step.rows * step.columns;
    for (var at = workgroup.x * 256u + local_index; at < entries; at += grid.x * 256u) {
        frame[step.matrix * entries + at] = select(0, 0x40000000, at / step.columns == at % step.columns);
    }
}
