// Sparse matrices of 16-bit elements: two to a word, by finish_element of group_f16.wgsl or group_bf16.wgsl.

const SPARSE_HALVES = 1u;
