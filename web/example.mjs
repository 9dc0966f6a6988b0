// An engine in a hundred lines that initialises its parameters with wgpu-init: a network of two layers, in one buffer, on its own device.
// It runs in Node, with Dawn (`npm install webgpu`), after `web/build`:
//   node web/example.mjs
// In a page, `navigator.gpu` takes the place of Dawn, and 'wgpu-init' that of the path.

import { digest, fillArray, bytes as bytesOf, prepare } from './dist/package/index.js';

const gpu = globalThis.navigator?.gpu ?? (await dawn());

async function dawn() {
  const { create, globals } = await import(process.env.DAWN ?? 'webgpu');
  Object.assign(globalThis, globals);
  return create([]);
}

/** The parameters of the network: names and shapes as PyTorch has them, and how each is initialised. */
const parameters = [
  { name: 'up.weight', shape: [256, 64], init: 'kaiming_normal(fan_in,relu)' },
  { name: 'up.bias', shape: [256], init: 'zeros' },
  { name: 'down.weight', shape: [64, 256], init: 'orthogonal(1)' },
  { name: 'down.bias', shape: [64], init: 'zeros' },
];

/** Places every parameter in one buffer, each at a multiple of 256 bytes, so that each can be bound by itself. */
function arena(seed) {
  let end = 0;
  const placed = parameters.map((parameter) => {
    const options = { ...parameter, seed, offset: end };
    const size = bytesOf(parameter);
    const place = { options, offset: end, size };
    end = Math.ceil((end + size) / 256) * 256;
    return place;
  });
  return { placed, size: end };
}

/** y = down(relu(up(x))), one invocation for each output. Nothing is trained: this shows how the parameters get there. */
const NETWORK = /* wgsl */ `
  @group(0) @binding(0) var<storage, read> weight: array<f32>;
  @group(0) @binding(1) var<storage, read> bias: array<f32>;
  @group(0) @binding(2) var<storage, read> x: array<f32>;
  @group(0) @binding(3) var<storage, read_write> y: array<f32>;
  override relu: bool;

  @compute @workgroup_size(64)
  fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let inputs = arrayLength(&x);
    if id.x >= arrayLength(&y) { return; }
    var sum = bias[id.x];
    for (var i = 0u; i < inputs; i++) { sum += weight[id.x * inputs + i] * x[i]; }
    y[id.x] = select(sum, max(sum, 0.0), relu);
  }`;

const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice();
const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;

const { placed, size } = arena(42);
const weights = device.createBuffer({ size, usage: STORAGE | COPY_SRC });

// All parameters in one pass of the engine's own encoder, together with its first forward pass.
const initialise = await prepare(device, placed.map(({ options }) => ({ buffer: weights, ...options })));
const encoder = device.createCommandEncoder();
initialise.record(encoder);

const module = device.createShaderModule({ code: NETWORK });
const vector = (length, usage = 0) => device.createBuffer({ size: 4 * length, usage: STORAGE | usage });
const [x, hidden, y] = [vector(64, COPY_DST), vector(256), vector(64, COPY_SRC)];
device.queue.writeBuffer(x, 0, Float32Array.from({ length: 64 }, (_, at) => Math.sin(at)));

function layer(weight, bias, input, output, relu) {
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, constants: { relu } } });
  const bound = (place) => ({ buffer: weights, offset: place.offset, size: place.size });
  const resources = [bound(weight), bound(bias), { buffer: input }, { buffer: output }];
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  const entries = resources.map((resource, binding) => ({ binding, resource }));
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(Math.ceil(output.size / 4 / 64));
  pass.end();
}
const [upWeight, upBias, downWeight, downBias] = placed;
layer(upWeight, upBias, x, hidden, 1);
layer(downWeight, downBias, hidden, y, 0);

const staging = device.createBuffer({ size: size + y.size, usage: COPY_DST | MAP_READ });
encoder.copyBufferToBuffer(weights, 0, staging, 0, size);
encoder.copyBufferToBuffer(y, 0, staging, size, y.size);
device.queue.submit([encoder.finish()]);

// The same parameters by the CPU, to show that they are the same.
const expected = new Uint8Array(size);
for (const { options } of placed) fillArray(expected, options);
await staging.mapAsync(GPUMapMode.READ);
const got = new Uint8Array(staging.getMappedRange()).slice();
console.log('device', digest(got.subarray(0, size)));
console.log('CPU   ', digest(expected));
console.log('y', new Float32Array(got.buffer, size, 4));
device.destroy();
