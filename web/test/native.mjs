// What the command says of the cases: the bytes that its CPU executor draws, and folders that it exports: the default one, and one for hardware.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const command = process.env.WGPU_INIT_COMMAND;
const run = (line) => execFileSync(command, line, { maxBuffer: 1 << 28 });

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The cases with the native bytes, their SHA-256, and a folder for each. */
export function withNative(cases, folder) {
  return cases.map((of, at) => {
    const bytes = run(['sample', '--device', 'cpu', '--format', 'raw', ...of.arguments]);
    const name = String(at);
    mkdirSync(join(folder, name), { recursive: true });
    run(['export', '-o', join(folder, name), ...of.arguments]);
    run(['export', '-o', join(folder, name, 'hardware'), '--table', 'workgroup', ...of.arguments]);
    return { options: of.options, sha256: sha256(bytes), length: bytes.length, folder: name };
  });
}
