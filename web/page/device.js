// The device of the page, if there is one, and fills of it that are read back.

/** The first device that WebGPU gives, with as large buffers as it has. */
export async function open() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  const { vendor, architecture, description } = adapter.info;
  const name = [vendor, architecture, description].filter(Boolean).join(', ') || 'a device without a name';
  return { device, name };
}

/** Fills a tensor, twice for a time without compiling, and reads it back. */
export async function fillOnDevice(device, library, options, length, again = true) {
  const size = Math.ceil(length / 4) * 4;
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size, usage: STORAGE | COPY_SRC });
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  try {
    const start = performance.now();
    const prepared = await library.prepare(device, [{ buffer, ...options }]);
    const run = async () => {
      const encoder = device.createCommandEncoder();
      prepared.record(encoder);
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
    };
    await run();
    const first = performance.now() - start;
    const warm = performance.now();
    if (again) await run();
    const milliseconds = again ? performance.now() - warm : first;
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const bytes = new Uint8Array(staging.getMappedRange()).slice(0, length);
    return { bytes, first, milliseconds };
  } finally {
    buffer.destroy();
    staging.destroy();
  }
}
