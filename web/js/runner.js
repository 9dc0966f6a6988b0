// Runs plans on a GPUDevice: those of `plan`, and the folders that the command `wgpu-init export` writes. It needs no WebAssembly.

/** What is kept for a device: compiled pipelines and layouts by their text, constant buffers by their contents, and the workspace. */
const devices = new WeakMap();

function kept(device) {
  if (!devices.has(device)) {
    devices.set(device, { modules: new Map(), layouts: new Map(), pipelines: new Map(), constants: new WeakMap(), workspace: {} });
  }
  return devices.get(device);
}

function once(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/** The layout of a dispatch's bindings. It is explicit: a layout made from a shader lacks what a step does not use. */
function layout(device, bindings) {
  const entries = bindings.map(({ binding, type }) => ({ binding, visibility: 4 /* COMPUTE */, buffer: { type } }));
  return once(kept(device).layouts, JSON.stringify(entries), () => device.createBindGroupLayout({ entries }));
}

/** A promise of the pipeline of a dispatch, which is compiled once for a device, in the background. */
function pipeline(device, plan, dispatch) {
  const { modules, pipelines } = kept(device);
  const { shader, entry_point: entryPoint, constants, bindings } = dispatch;
  const code = plan.shaders[shader];
  const key = JSON.stringify([code, constants, bindings.map(({ type }) => type)]);
  return once(pipelines, key, () => {
    const module = once(modules, code, () => device.createShaderModule({ label: shader, code }));
    const compiled = device.createComputePipelineAsync({
      label: shader,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout(device, bindings)] }),
      compute: { module, entryPoint, constants },
    });
    compiled.catch(() => pipelines.delete(key)); // so that it can be tried again
    return compiled;
  });
}

const [STORAGE, UNIFORM] = [0x80, 0x40];

/** A buffer with these bytes. They are written while it is mapped: nothing is put on the queue. */
function filled(device, size, usage, contents) {
  const buffer = device.createBuffer({ size, usage, mappedAtCreation: true });
  new Uint8Array(buffer.getMappedRange()).set(contents);
  buffer.unmap();
  return buffer;
}

/** The buffers of a plan by their names. The workspace is the device's, since passes of one queue use it one after the other. */
function buffers(device, plan, targets) {
  const { constants, workspace } = kept(device);
  const named = {};
  for (const [name, of] of Object.entries(plan.buffers)) {
    const contents = plan.contents[name];
    if (targets[name]) {
      named[name] = targets[name];
    } else if (name === 'table') {
      named[name] = once(constants, contents, () => filled(device, of.size, STORAGE | UNIFORM, contents)); // bound as either
    } else if (contents) {
      named[name] = filled(device, of.size, STORAGE, contents);
    } else if (name.startsWith('workspace')) {
      if (!(workspace[name]?.size >= of.size)) workspace[name] = device.createBuffer({ size: of.size, usage: STORAGE });
      named[name] = workspace[name];
    } else {
      throw new Error(`the plan writes to the buffer ${name}, which was not given`);
    }
  }
  return named;
}

/** Calls `make` and rejects with the first error that the device reports of it. */
async function checked(device, make) {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  // Popped before anything is awaited: scopes of others are never in between.
  const pop = () => Promise.all([device.popErrorScope(), device.popErrorScope()]);
  let made;
  try {
    made = make();
  } catch (error) {
    await pop();
    throw error;
  }
  for (const error of await pop()) if (error) throw new Error(error.message);
  return made;
}

/**
 * Makes a plan ready for a device: compiles its pipelines and makes its buffers. Nothing is submitted.
 * @param {GPUDevice} device
 * @param {import('./runner.js').Plan} plan
 * @param {Record<string, GPUBuffer>} targets the buffers to fill by their names in the plan
 */
export async function prepare(device, plan, targets) {
  const pipelines = await Promise.all(plan.dispatches.map((dispatch) => pipeline(device, plan, dispatch)));
  const groups = await checked(device, () => {
    const named = buffers(device, plan, targets);
    return plan.dispatches.map(({ bindings }) => device.createBindGroup({
      layout: layout(device, bindings),
      entries: bindings.map(({ binding, buffer, offset, size }) => ({ binding, resource: { buffer: named[buffer], offset, size } })),
    }));
  });
  const recordInPass = (pass) => plan.dispatches.forEach(({ grid }, at) => {
    pass.setPipeline(pipelines[at]);
    pass.setBindGroup(0, groups[at]);
    pass.dispatchWorkgroups(...grid);
  });
  const record = (encoder) => {
    if (!groups.length) return;
    const pass = encoder.beginComputePass({ label: 'wgpu-init' });
    recordInPass(pass);
    pass.end();
  };
  return { record, recordInPass };
}

/**
 * Reads the folder of an export: `read` gives the contents of one of its files.
 * @param {(file: string) => Promise<Uint8Array>} read
 * @returns {Promise<import('./runner.js').Plan>}
 */
export async function readExport(read) {
  const text = async (file) => new TextDecoder().decode(await read(file));
  const description = JSON.parse(await text('dispatch.json'));
  const [shaders, contents] = [{}, {}];
  for (const { shader } of description.dispatches) shaders[shader] ??= await text(shader);
  for (const [name, { file }] of Object.entries(description.buffers)) if (file) contents[name] = await read(file);
  return { ...description, shaders, contents };
}
