// The page in headless Chromium: a tensor and a model, by the device and without one, with the digests that the command gives.
// With WGPU_INIT_SCREENSHOTS=FOLDER it leaves pictures there.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digest } from '../dist/package/index.js';
import { launch } from './chromium.mjs';
import { serve } from './serve.mjs';

const MODEL = 'llama-tiny';
const pictures = process.env.WGPU_INIT_SCREENSHOTS;
const native = (...line) => execFileSync(process.env.WGPU_INIT_COMMAND, line, { maxBuffer: 1 << 28 });

/** What the command says of the page's first tensor. */
export function pageTensor() {
  return digest(native('sample', '--init', 'normal(0,0.02)', '--shape', '768,3072', '--seed', '42', '--name', 'h.0.mlp.up.weight', '--device', 'cpu', '--format', 'raw'));
}

/** And of a model. */
function known() {
  const tensor = pageTensor();
  const model = /digest\s+([0-9a-f]{32})/.exec(native('init', MODEL, '--seed', '0', '--device', 'cpu', '--no-write').toString())[1];
  return { tensor, model };
}

async function visit(browser, address, { tensor, model }, { name, hasDevice, ...view }) {
  const differences = [];
  const page = await (await browser.newContext(view)).newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && differences.push(`${name}: the console says: ${message.text()}`));
  page.on('pageerror', (error) => differences.push(`${name}: an uncaught error: ${error.message}`));
  if (!hasDevice) await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined }));
  await page.goto(`${address}/page/`);
  const expect = async (selector, ...texts) => {
    await page.waitForFunction((selector) => document.querySelector(selector)?.textContent, selector, { timeout: 120_000 });
    const text = await page.textContent(selector);
    for (const wanted of texts) if (!text.includes(wanted)) differences.push(`${name}: ${selector} says “${text}”, not “${wanted}”`);
  };
  await page.waitForSelector('html[data-ready]');
  // By the keyboard: Enter in a field.
  await page.focus('#name');
  await page.keyboard.press('Enter');
  await expect('#verdict', hasDevice ? 'the same bits' : 'the CPU has drawn');
  await expect('#facts', tensor);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  // What cannot be is said, and nothing else happens.
  await page.fill('#init', 'normal(0)');
  await page.click('#fill');
  await expect('#error', 'normal');
  // An orthogonal matrix in halves.
  await page.selectOption('#law', 'orthogonal(1)');
  await page.fill('#shape', '96x64');
  await page.selectOption('#dtype', 'bf16');
  await page.click('#fill');
  await page.waitForFunction(() => document.querySelector('#facts').textContent.includes('orthogonal') && !document.querySelector('#fill').disabled, null, { timeout: 120_000 });
  await expect('#verdict', hasDevice ? 'the same bits' : 'the CPU has drawn');
  const saved = page.waitForEvent('download');
  await page.click('#save');
  if (!(await saved).suggestedFilename().endsWith('.safetensors')) differences.push(`${name}: another file was saved`);
  await page.selectOption('#config', MODEL);
  await page.click('#run');
  await expect('#model-verdict', model);
  if (pictures) await page.screenshot({ path: join(pictures, `${name}-model.png`), fullPage: true });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) differences.push(`${name}: the page is ${wide} pixels wider than the screen`);
  await page.context().close();
  return differences;
}

export async function page() {
  const expected = known();
  const server = await serve({ '/page/': fileURLToPath(new URL('../dist/page', import.meta.url)) });
  const browser = await launch();
  try {
    const desktop = { viewport: { width: 1200, height: 900 } };
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    const visits = [
      { name: 'desktop', hasDevice: true, ...desktop },
      { name: 'phone-dark', hasDevice: true, colorScheme: 'dark', ...phone },
      { name: 'phone-without-webgpu', hasDevice: false, ...phone },
    ];
    const differences = [];
    for (const of of visits) differences.push(...(await visit(browser, server.address, expected, of)));
    return differences;
  } finally {
    await browser.close();
    server.close();
  }
}
