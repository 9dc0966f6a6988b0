// Compares every case with the command's bytes, by either module, in Dawn, Chromium and Firefox, and visits the page.
// `node test/run.mjs [plain|dawn|chromium|firefox|page]`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from './cases.mjs';
import { withNative } from './native.mjs';

const asked = process.argv.slice(2);
const hosts = asked.length ? asked : ['plain', 'dawn', 'chromium', 'firefox', 'page'];
const folder = mkdtempSync(join(tmpdir(), 'wgpu-init-web-'));
let failed = 0;
try {
  const known = hosts.some((host) => host !== 'page') ? withNative(cases, folder) : [];
  for (const host of hosts) {
    const start = performance.now();
    const differences = await (await import(`./${host}.mjs`))[host](known, folder);
    for (const difference of differences) console.error(difference);
    failed += differences.length;
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const what = host === 'page' ? 'visited' : `${known.length} cases, ${['plain', 'firefox'].includes(host) ? 'on the CPU' : 'each on the device, on the CPU and from an export'}`;
    console.log(`${host}: ${what}: ${differences.length} differences, ${seconds} s`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(failed ? 1 : 0);
