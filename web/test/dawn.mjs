// Dawn, the WebGPU of Chromium, in Node, on SwiftShader.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import * as library from '../dist/package/index.js';
import * as runner from '../dist/package/runner.js';
import { compare } from './compare.js';
import { sha256 } from './native.mjs';

export async function dawn(cases, folder) {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('Dawn has no adapter: SwiftShader comes with Debian\'s package chromium');
  const device = await adapter.requestDevice();
  const errors = [];
  device.onuncapturederror = ({ error }) => errors.push(`an error of the device: ${error.message}`);
  const host = { device, library, runner, sha256, read: (name) => (file) => readFile(join(folder, name, file)) };
  const { vendor, architecture, description } = adapter.info;
  console.log(`Dawn in Node ${process.version}: ${vendor} ${architecture}, ${description}`);
  const differences = await compare(host, cases);
  device.destroy();
  return [...differences, ...errors];
}
