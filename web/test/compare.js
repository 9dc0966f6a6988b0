// Runs cases on a device and on the CPU, in Node and in a page alike. `host` has the device, the package's module and its runner, `sha256` and
// `read(folder)(file)`. Gives a line for each difference.

const BEFORE = 20;
const AFTER = 12;

async function readBack(device, encoder, buffer) {
  const staging = device.createBuffer({ size: buffer.size, usage: 0x1 | 0x8 /* MAP_READ, COPY_DST */ });
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(1 /* READ */);
  const bytes = new Uint8Array(staging.getMappedRange()).slice();
  staging.destroy();
  buffer.destroy();
  return bytes;
}

/** A buffer of bytes that no fill leaves as they are. */
function target(device, size) {
  const buffer = device.createBuffer({ size, usage: 0x80 | 0x4 /* STORAGE, COPY_SRC */, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).fill(0xa5);
  buffer.unmap();
  return buffer;
}

export async function compare(host, cases) {
  const { device, library, runner, sha256, read } = host;
  const differences = [];
  for (const of of cases) {
    const { options, length } = of;
    const expect = async (who, bytes) => {
      if ((await sha256(bytes)) !== of.sha256) differences.push(`${who} differs: ${JSON.stringify(options)}`);
    };
    // On the device, between bytes of others.
    const size = Math.ceil((BEFORE + length + AFTER) / 4) * 4;
    const buffer = target(device, size);
    let encoder = device.createCommandEncoder();
    await library.fill(device, encoder, buffer, { ...options, offset: BEFORE });
    const bytes = await readBack(device, encoder, buffer);
    await expect('the device', bytes.subarray(BEFORE, BEFORE + length));
    const others = [...bytes.subarray(0, BEFORE), ...bytes.subarray(BEFORE + length)];
    if (others.some((byte) => byte !== 0xa5)) differences.push(`the device wrote beside ${JSON.stringify(options)}`);
    // On the CPU.
    await expect('the CPU executor', library.fillArray(new Uint8Array(length), options));
    // The folder that the command has exported.
    const plan = await runner.readExport(read(of.folder));
    const output = target(device, plan.buffers.output.size);
    encoder = device.createCommandEncoder();
    (await runner.prepare(device, plan, { output })).record(encoder);
    await expect('the exported folder', (await readBack(device, encoder, output)).subarray(0, length));
    // The package plans what the command plans, and digests as it does.
    const [own, hardware] = [library.plan(options), await runner.readExport(read(`${of.folder}/hardware`))];
    for (const field of ['buffers', 'dispatches']) {
      const plain = (value) => JSON.stringify(value, (key, value) => (key === 'file' ? undefined : sorted(value)));
      if (plain(own[field]) !== plain(hardware[field])) differences.push(`${field} differ: ${JSON.stringify(options)}`);
    }
    for (const [name, code] of Object.entries(hardware.shaders)) {
      if (own.shaders[name] !== code) differences.push(`${name} differs`);
    }
    if (library.digest(plan.contents.records) !== plan.files['records.bin']) differences.push('digests differ');
  }
  return differences;
}

function sorted(value) {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
