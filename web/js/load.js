// Loads a compiled module: the one with vector instructions where they are there.

/** A module whose one function uses a vector of 128 bits. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Whether the host has WebAssembly's vectors. */
export const simd = () => WebAssembly.validate(Uint8Array.from(SIMD));

/** Starts the module of this glue from one of two addresses. */
export async function load(glue, plain, vectors) {
  const url = simd() ? vectors : plain;
  const isFile = url.protocol === 'file:' && typeof process === 'object';
  const module_or_path = isFile ? await (await import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:fs/promises')).readFile(url) : fetch(url);
  const { memory } = await glue.default({ module_or_path });
  return { ...glue, bytes: (address, length) => new Uint8Array(memory.buffer, address, length) };
}
