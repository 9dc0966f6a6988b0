// The page: one tensor, filled by the device and by the CPU.

import * as library from './package/index.js';
import { fillOnDevice, open } from './device.js';
import { LAWS, density } from './laws.js';
import { setUpModel } from './model.js';
import { numbers, short, summary } from './numbers.js';
import { plot } from './plot.js';
import { header, save } from './safetensors.js';

const $ = (id) => document.getElementById(id);
const MOST = 256 * 2 ** 20;

for (const [law] of LAWS) $('law').append(new Option(law));
$('init').value = LAWS[0][0];

/** What the form says. */
function asked() {
  const shape = $('shape').value.split(/[,x×\s]+/).filter(Boolean).map(Number);
  if (!/^\d+$/.test($('seed').value.trim())) throw new Error('the seed must be a whole number from 0 to 2^64 - 1');
  return { shape, init: $('init').value, dtype: $('dtype').value, seed: BigInt($('seed').value.trim()), name: $('name').value };
}

function fans(shape) {
  if (shape.length < 2) return '';
  const field = shape.slice(2).reduce((product, size) => product * size, 1);
  return ` As a weight [out, in] of PyTorch, it has fan_in ${shape[1] * field} and fan_out ${shape[0] * field}.`;
}

function explain() {
  const known = LAWS.find(([law]) => law === $('init').value);
  try {
    const options = asked();
    $('error').textContent = '';
    $('formula').textContent = `${known ? `${known[1]} ` : ''}Here: ${library.distribution(options)}.${fans(options.shape)}`;
  } catch (error) {
    $('formula').textContent = error.message;
  }
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const RUST = { f32: 'F32', f16: 'F16', bf16: 'Bf16', f8_e4m3fn: 'F8E4M3Fn', f8_e5m2: 'F8E5M2' };

function lines({ shape, init, dtype, seed, name }) {
  const rust = `let fill = Fill::new(Shape::new([${shape.join(', ')}])?, ${JSON.stringify(init)}.parse()?)?
    .named(Seed::new(${seed}), ${JSON.stringify(name)})
    .dtype(DType::${RUST[dtype]});
gpu.record(&mut encoder, [(&buffer, &fill)])?; // or CpuExecutor::new().run([(&mut bytes[..], &fill)])?`;
  const command = `wgpu-init sample --init ${quoted(init)} --shape ${shape.join(',')} --dtype ${dtype} --seed ${seed} --name ${quoted(name)} --format raw | xxh128sum`;
  return { rust, command };
}

const speed = (length, milliseconds) => `${milliseconds < 10 ? milliseconds.toFixed(2) : milliseconds.toFixed(0)} ms, ${short(length / milliseconds / 1e6)} GB/s`;

function show(facts) {
  $('facts').replaceChildren(...facts.flatMap(([term, text]) => {
    const [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
    [dt.textContent, dd.textContent] = [term, text];
    return [dt, dd];
  }));
}

let file;

async function fill(found) {
  const options = asked();
  const length = library.bytes(options);
  if (length > MOST) throw new Error('this page draws at most 256 MiB of one tensor');
  if (!length) throw new Error('the tensor has no elements');
  const onDevice = found && (await fillOnDevice(found.device, library, options, length));
  const cpu = new Uint8Array(length);
  const [, milliseconds] = [0, 1].map(() => {
    // The second time, the module is compiled for speed.
    const start = performance.now();
    library.fillArray(cpu, options);
    return performance.now() - start;
  });
  const [ours, theirs] = [library.digest(cpu), onDevice && library.digest(onDevice.bytes)];
  const bytes = onDevice?.bytes ?? cpu;
  const values = numbers(bytes, options.dtype);
  const of = summary(values);
  const law = density(library.distribution(options), options.shape);

  const verdict = $('verdict');
  verdict.className = !onDevice || ours === theirs ? 'same' : 'other';
  verdict.textContent = !onDevice
    ? 'Your browser has no WebGPU: the CPU has drawn the tensor.'
    : ours === theirs ? 'Device and CPU have written the same bits.' : 'Device and CPU differ. Please report it.';
  show([
    ['Law', library.distribution(options)],
    ...(onDevice ? [['Digest, device', theirs]] : []),
    ['Digest, CPU', ours],
    ...(onDevice ? [['Time, device', `${speed(length, onDevice.milliseconds)}; the first time, with compiling, ${onDevice.first.toFixed(0)} ms`]] : []),
    ['Time, CPU', `${speed(length, milliseconds)}, one thread of WebAssembly`],
  ]);
  $('plot-text').textContent = plot($('plot'), values, of, law);
  $('values').textContent = Array.from(values.subarray(0, 8), short).join(', ');
  const { rust, command } = lines(options);
  [$('rust').textContent, $('command').textContent] = [rust, command];
  $('result').hidden = false;
  const name = options.name || 'tensor';
  file = { name: `${name}.safetensors`, parts: [header(name, options, length), bytes] };
  $('save').disabled = false;
}

$('law').addEventListener('change', () => {
  $('init').value = $('law').value;
  explain();
});
for (const id of ['init', 'shape', 'dtype', 'seed', 'name']) $(id).addEventListener('input', explain);
$('save').addEventListener('click', () => save(file.name, file.parts));

const found = await open().catch(() => undefined);
$('device').textContent = found
  ? `The device: ${found.name}.`
  : 'This browser has no WebGPU, or no device for it: the CPU executor, in WebAssembly, draws everything.';

$('tensor').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('error').textContent = '';
  $('fill').disabled = true;
  try {
    await fill(found);
  } catch (error) {
    $('error').textContent = error.message;
  } finally {
    $('fill').disabled = false;
  }
});
setUpModel(found);
explain();
document.documentElement.dataset.ready = 'true';
