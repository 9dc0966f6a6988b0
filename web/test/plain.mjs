// The module without vector instructions, which no host of these tests would choose: the CPU executor's bytes.
import { library } from '../dist/package/library.js';
import { load } from '../dist/package/load.js';
import { sha256 } from './native.mjs';

export async function plain(cases) {
  // A second copy of the glue, which holds one module.
  const glue = await import('../dist/package/wgpu_init.js?plain');
  const url = new URL('../dist/package/wgpu_init_bg.wasm', import.meta.url);
  const { fillArray } = library(await load(glue, url, url));
  const differs = ({ options, length, ...of }) => sha256(fillArray(new Uint8Array(length), options)) !== of.sha256;
  return cases.filter(differs).map(({ options }) => `the CPU executor differs: ${JSON.stringify(options)}`);
}
