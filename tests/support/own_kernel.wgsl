@group(0) @binding(0) var<storage, read> table: array<vec2<u32>, 2048>;
@group(0) @binding(1) var<storage, read> draw: Draw;
@group(0) @binding(2) var<storage, read_write> noise: array<vec3<f32>>;

fn quantile_entry(row: u32) -> vec2<u32> {
    return table[row];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    noise[id.x] = vec3<f32>(uniform_f32(draw, id.x), normal_f32(draw, id.x), truncated_normal_f32(draw, id.x));
}
