// Kernel: values that the host has computed, copied from a list. Runs in fill_main.wgsl. Twin: src/plan/record.rs (layout).

struct Draw {
    first_group: u32,  // where the job's groups begin in the list
}

@group(0) @binding(2) var<storage, read> list: array<vec4<u32>>;

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    return list[draw.first_group + group];
}
