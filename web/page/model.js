// A whole model by its tensors. The module that knows models is loaded when it is wanted.

import { library } from './package/library.js';
import { load } from './package/load.js';
import { fillOnDevice } from './device.js';
import { short, summary } from './numbers.js';
import { spark } from './plot.js';
import { save } from './safetensors.js';

const $ = (id) => document.getElementById(id);
/** Lets the page draw and answer. */
const pause = () => new Promise((resume) => setTimeout(resume));

async function modelLibrary() {
  const glue = await import('./wgpu_init_models.js');
  const url = (name) => new URL(name, import.meta.url);
  return load(glue, url('./wgpu_init_models_bg.wasm'), url('./wgpu_init_models_bg.wasm'));
}

let loading;
let checkpoint;

function row([name, shape, law]) {
  const row = document.createElement('tr');
  const cells = [name, shape, law, ''].map((text) => {
    const cell = document.createElement('td');
    cell.textContent = text;
    return cell;
  });
  row.append(...cells);
  return row;
}

async function run(found) {
  const glue = await (loading ??= modelLibrary());
  const calls = library(glue);
  const answer = await fetch(`models/${$('config').value}.json`);
  if (!answer.ok) throw new Error('the configuration could not be loaded');
  if (!/^\d+$/.test($('model-seed').value.trim())) throw new Error('the seed must be a whole number from 0 to 2^64 - 1');
  const seed = $('model-seed').value.trim();
  const model = new glue.Model(await answer.text(), BigInt(seed));
  const digest = new glue.Digest();
  const kept = [model.header()];
  let [elements, onCpu] = [0, 0];
  try {
    const count = model.count();
    const rows = Array.from({ length: count }, (_, at) => row(model.describe(at)));
    $('layers').replaceChildren(...rows);
    [$('progress').max, $('progress').value] = [count, 0];
    $('model-result').hidden = false;
    const start = performance.now();
    for (let at = 0; at < count; at += 1) {
      const tensor = model.tensor(at);
      const length = Number(tensor.bytes());
      let bytes;
      if (found && length <= found.device.limits.maxBufferSize) {
        bytes = (await fillOnDevice(found.device, calls, { tensor }, length, false)).bytes;
      } else {
        bytes = calls.draw(tensor);
        onCpu += 1;
        await pause();
      }
      tensor.free();
      calls.update(digest, bytes);
      elements += length / 4;
      if ($('keep').checked) kept.push(bytes);
      const values = new Float32Array(bytes.buffer, bytes.byteOffset, length / 4);
      const of = summary(values);
      const cell = rows[at].lastChild;
      cell.append(spark(values, of), `σ\u00a0${short(of.std)}`);
      $('progress').value = at + 1;
    }
    const seconds = (performance.now() - start) / 1000;
    const where = !found ? 'by the CPU' : onCpu ? `by the device, ${onCpu} tensors by the CPU` : 'by the device';
    const command = `wgpu-init init ${$('config').value} --seed ${seed}`;
    $('model-verdict').textContent = `${count} tensors, ${elements.toLocaleString('en')} parameters, ${where} in ${seconds.toFixed(1)} s, read back and digested. Digest ${digest.text()}, which “${command}” prints too.`;
    checkpoint = $('keep').checked ? { name: `${$('config').value}.safetensors`, parts: kept } : undefined;
    $('save-model').disabled = !checkpoint;
  } finally {
    digest.free();
    model.free();
  }
}

/** Makes the section work. */
export function setUpModel(found) {
  $('save-model').addEventListener('click', () => save(checkpoint.name, checkpoint.parts));
  $('model').addEventListener('submit', async (event) => {
    event.preventDefault();
    $('model-error').textContent = '';
    $('run').disabled = true;
    try {
      await run(found);
    } catch (error) {
      $('model-error').textContent = error.message;
    } finally {
      $('run').disabled = false;
    }
  });
}
