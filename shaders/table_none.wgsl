// For kernels that draw no normal values.

fn prepare_table(local_index: u32, workgroup_size: u32) {}
