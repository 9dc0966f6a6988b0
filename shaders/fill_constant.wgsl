// Kernel: one storage word everywhere. Runs in fill_main.wgsl. Twin: src/plan/record.rs (layout).

struct Draw {
    word: u32,  // a smaller element stands in it two or four times
}

fn draw_group(draw: Draw, group: u32) -> vec4<u32> {
    return vec4<u32>(draw.word);
}
