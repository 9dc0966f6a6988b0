// Time of the CPU executor in WebAssembly: 64 MiB of f32, least of 7. Called by nothing else; `node web/test/speed.mjs [plain]`.
if (process.argv[2] === 'plain') WebAssembly.validate = () => false;
const { fillArray, digest } = await import('../dist/package/index.js');
const array = new Float32Array(16 << 20);
for (const init of ['normal(0,0.02)', 'uniform(-0.1,0.1)', 'trunc_normal(0,0.02,-0.04,0.04)', 'zeros']) {
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now();
    fillArray(array, { shape: [4096, 4096], init, seed: 42, name: 'w' });
    return performance.now() - start;
  });
  console.log(`${init}: ${Math.min(...times).toFixed(0)} ms, ${digest(array)}`);
}
