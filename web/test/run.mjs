// Compares every case with the command's bytes, in Dawn and in Chromium. `node test/run.mjs [dawn|chromium]`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from './cases.mjs';
import { withNative } from './native.mjs';

const hosts = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'wgpu-init-web-'));
let failed = 0;
try {
  const known = withNative(cases, folder);
  for (const host of hosts.length ? hosts : ['dawn', 'chromium']) {
    const start = performance.now();
    const differences = await (await import(`./${host}.mjs`))[host](known, folder);
    for (const difference of differences) console.error(difference);
    failed += differences.length;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${host}: ${known.length} cases, each on the device, on the CPU and from an export: ${differences.length} differences, ${seconds} s`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
