// The package's calls, over a compiled module (`glue`): the package has one of the library, the page another with models too.

import { prepare as preparePlan } from './runner.js';

const WHOLE = 2n ** 64n;

/** A whole number below 2^64 as a BigInt. */
function whole(value, what) {
  const fits = typeof value === 'bigint' ? value >= 0n && value < WHOLE : Number.isSafeInteger(value) && value >= 0;
  if (!fits) throw new Error(`${what} is ${String(value)}, it must be a whole number from 0 to 2^53 - 1, or a BigInt below 2^64`);
  return BigInt(value);
}

function wholes(values, what) {
  if (!values?.[Symbol.iterator]) throw new Error(`${what} must be an array of whole numbers`);
  return BigUint64Array.from(Array.from(values, (value) => whole(value, what)));
}

const OPTIONS = ['shape', 'init', 'dtype', 'seed', 'name', 'stream', 'elements', 'part', 'shard', 'permute', 'pitch', 'strides', 'offset'];
const ARRAYS = { f32: ['Float32Array'], f16: ['Uint16Array', 'Float16Array'], bf16: ['Uint16Array'], f8_e4m3fn: [], f8_e5m2: [] };

/** The calls over a compiled module. */
export function library(glue) {
  const hasLayout = ({ part, shard, permute, pitch, strides }) => Boolean(part || shard || permute || pitch !== undefined || strides);

  /** The layout that some options ask for. */
  function layoutOf({ shape, part, shard, permute, pitch, strides }) {
    const layout = new glue.Layout(wholes(shape, 'shape'));
    part?.forEach((range, axis) => range && layout.part(axis, whole(range[0], 'part'), whole(range[1], 'part')));
    for (const { axis, index, of } of [shard ?? []].flat()) {
      layout.shard(Number(whole(axis, 'axis')), whole(index, 'index'), whole(of, 'of'));
    }
    if (permute) layout.permute(Uint32Array.from(wholes(permute, 'permute'), Number));
    if (pitch !== undefined) layout.pitch(whole(pitch, 'pitch'));
    if (strides) layout.strides(BigInt64Array.from(strides, BigInt));
    return layout;
  }

  /** A tensor of the module. Its memory is given back by `free`. */
  function tensor(options) {
    for (const option in options) if (!OPTIONS.includes(option)) throw new Error(`there is no option ${JSON.stringify(option)}`);
    const { shape, init, dtype = 'f32', seed = 0, name, stream = 0, elements } = options;
    const of = name === undefined ? whole(stream, 'stream') : glue.stream_of(String(name));
    const tensor = new glue.Tensor(wholes(shape, 'shape'), String(init), String(dtype), whole(seed, 'seed'), of);
    let layout;
    try {
      if (elements) tensor.elements(whole(elements[0], 'elements'), whole(elements[1], 'elements'));
      if (hasLayout(options)) tensor.view((layout = layoutOf(options)));
      return tensor;
    } catch (error) {
      tensor.free();
      throw error;
    } finally {
      layout?.free();
    }
  }

  /** Calls `work` with the tensor of some options, or with a tensor. */
  function using(options, work) {
    if (options instanceof glue.Tensor) return work(options);
    const made = tensor(options);
    try {
      return work(made);
    } finally {
      made.free();
    }
  }

  const table = glue.quantile_table();

  function plan(fills, { limits = {}, emulated = false } = {}) {
    fills = [fills].flat();
    const largest = Math.min(limits.maxComputeInvocationsPerWorkgroup ?? 256, limits.maxComputeWorkgroupSizeX ?? 256);
    const made = new glue.Plan(
      BigInt(limits.maxStorageBufferBindingSize ?? 128 * 2 ** 20), BigInt(limits.maxBufferSize ?? 256 * 2 ** 20),
      BigInt(limits.minStorageBufferOffsetAlignment ?? 256), limits.maxComputeWorkgroupsPerDimension ?? 65535, largest, emulated,
    );
    try {
      const targets = [...new Set(fills.map(({ buffer }) => buffer))];
      const ends = targets.map(() => 0n);
      const add = (add) => fills.forEach(({ buffer, tensor, ...options }) => {
        const [at, byte] = [targets.indexOf(buffer), whole(options.offset ?? 0, 'offset')];
        using(tensor ?? options, (tensor) => add(at, byte, tensor));
      });
      // A buffer that is not there yet has the size that its fills need.
      add((at, byte, tensor) => { ends[at] = [ends[at], byte + tensor.bytes()].reduce((a, b) => (a > b ? a : b)); });
      targets.forEach((buffer, at) => made.buffer(buffer ? BigInt(buffer.size) : (ends[at] + 3n) / 4n * 4n));
      add((at, byte, tensor) => made.add(at, byte, tensor));
      made.make();
      const named = Object.fromEntries(targets.map((buffer, at) => [at ? `output${at}` : 'output', buffer]));
      const pairs = made.shaders();
      const shaders = {};
      for (let at = 0; at < pairs.length; at += 2) shaders[pairs[at]] = pairs[at + 1];
      const data = { values_version: glue.values_version(), ...JSON.parse(made.json()), shaders, contents: { records: made.records(), table } };
      return { data, targets: named };
    } finally {
      made.free();
    }
  }

  async function prepare(device, fills) {
    for (const { buffer } of fills) {
      if (!buffer) throw new Error('a fill needs a buffer');
      if (!(buffer.usage & 0x80)) throw new Error(`the buffer ${buffer.label || 'to fill'} needs the usage GPUBufferUsage.STORAGE`);
    }
    const info = device.adapterInfo;
    const emulated = Boolean(info?.isFallbackAdapter) || /swiftshader|llvmpipe|basic render/i.test(`${info?.architecture} ${info?.description}`);
    const { data, targets } = plan(fills, { limits: device.limits, emulated });
    return preparePlan(device, data, targets);
  }

  /** Draws a tensor piece by piece: `take` gets each stretch as bytes of the module's memory. */
  function draw(tensor, take) {
    const [all, step] = [tensor.bytes(), tensor.step()];
    const most = Number(step < all ? step : all);
    const memory = new glue.Memory(most);
    try {
      for (let at = 0; at < Number(all); at += most) {
        const length = Math.min(most, Number(all) - at);
        tensor.draw(BigInt(at), length, memory);
        take(at, glue.bytes(memory.address(), length), memory);
      }
      if (all === 0n) tensor.draw(0n, 0, memory);
    } finally {
      memory.free();
    }
  }

  function fillArray(array, options) {
    const { dtype = 'f32', offset = 0, ...of } = options;
    const kind = Object.prototype.toString.call(array).slice(8, -1);
    if (kind !== 'Uint8Array' && !ARRAYS[dtype]?.includes(kind)) {
      const takes = ['Uint8Array', ...(ARRAYS[dtype] ?? [])].join(' or ');
      throw new Error(`${kind} does not hold ${dtype}: give a ${takes}`);
    }
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    using({ ...of, dtype }, (tensor) => {
      const [start, length] = [Number(whole(offset, 'offset')), Number(tensor.bytes())];
      if (start + length > bytes.length) throw new Error(`the array has ${bytes.length} bytes, bytes ${start}..${start + length} are to be filled`);
      // The bytes between the rows of a view stay what they are: it is drawn over a copy of what is there.
      if (hasLayout(of)) return drawOver(tensor, bytes.subarray(start, start + length));
      draw(tensor, (at, drawn) => bytes.set(drawn, start + at));
    });
    return array;
  }

  function drawOver(tensor, bytes) {
    const memory = new glue.Memory(bytes.length);
    try {
      glue.bytes(memory.address(), bytes.length).set(bytes);
      tensor.draw(0n, bytes.length, memory);
      bytes.set(glue.bytes(memory.address(), bytes.length));
    } finally {
      memory.free();
    }
  }

  /** Takes bytes to a digest, piece by piece. */
  function update(digest, bytes) {
    const most = Math.min(bytes.length, 4 << 20);
    const memory = new glue.Memory(most);
    try {
      for (let at = 0; at < bytes.length; at += most) {
        const stretch = bytes.subarray(at, at + most);
        glue.bytes(memory.address(), stretch.length).set(stretch);
        digest.update(memory, stretch.length);
      }
    } finally {
      memory.free();
    }
  }

  function digest(data) {
    const digest = new glue.Digest();
    try {
      update(digest, ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));
      return digest.text();
    } finally {
      digest.free();
    }
  }

  return {
    prepare,
    fillArray,
    digest,
    update,
    /** All bytes of a tensor of the module. */
    draw(tensor) {
      const bytes = new Uint8Array(Number(tensor.bytes()));
      draw(tensor, (at, drawn) => bytes.set(drawn, at));
      return bytes;
    },
    async fill(device, encoder, buffer, options) {
      (await prepare(device, [{ buffer, ...options }])).record(encoder);
    },
    plan: (options, device) => plan(options, device).data,
    bytes: (options) => Number(using(options, (tensor) => tensor.bytes())),
    distribution: (options) => using(options, (tensor) => tensor.distribution()),
    valuesVersion: glue.values_version(),
  };
}
