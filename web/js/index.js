// wgpu-init: neural-network parameters, written by a GPUDevice or by the CPU, with the same bits everywhere.

import * as glue from './wgpu_init.js';
import { library } from './library.js';
import { load } from './load.js';

const loaded = await load(glue, new URL('./wgpu_init_bg.wasm', import.meta.url), new URL('./wgpu_init_simd_bg.wasm', import.meta.url));

export const { fill, prepare, fillArray, plan, digest, bytes, distribution, valuesVersion } = library(loaded);
