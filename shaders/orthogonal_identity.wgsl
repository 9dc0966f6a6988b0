// Kernel: Q starts as the first columns of the identity. Depends on: Step.

@group(0) @binding(2) var<storage, read_write> frame: array<i32>;

@compute @workgroup_size(256)
fn main(
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) grid: vec3<u32>,
    @builtin(local_invocation_index) local_index: u32,
) {
    let step = steps[0];
    for (var at = (workgroup.y * grid.x + workgroup.x) * 256u + local_index; at < step.entries; at += grid.x * grid.y * 256u) {
        let row = (at / step.columns) % step.rows;
        frame[at] = select(0, 0x40000000, row == at % step.columns);
    }
}
