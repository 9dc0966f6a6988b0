// A page in headless Chromium, on SwiftShader.
import { fileURLToPath } from 'node:url';
import { chromium as playwright } from 'playwright-core';
import { serve } from './serve.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const FLAGS = ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan', '--use-vulkan=swiftshader'];

/** Debian's Chromium with WebGPU. */
export const launch = () => playwright.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

/** Runs in the page. */
async function inPage(cases) {
  const library = await import('/package/index.js');
  const runner = await import('/package/runner.js');
  const { compare } = await import('/test/compare.js');
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error('the page has no WebGPU adapter');
  const device = await adapter.requestDevice();
  const errors = [];
  device.onuncapturederror = ({ error }) => errors.push(`an error of the device: ${error.message}`);
  const hex = (hash) => Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const host = {
    device,
    library,
    runner,
    sha256: async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes)),
    read: (name) => async (file) => new Uint8Array(await (await fetch(`/exports/${name}/${file}`)).arrayBuffer()),
  };
  const { vendor, architecture } = adapter.info;
  return { adapter: `${vendor} ${architecture}`, differences: [...(await compare(host, cases)), ...errors] };
}

export async function chromium(cases, folder) {
  const server = await serve({ '/package/': path('../dist/package'), '/test/': path('.'), '/exports/': folder });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(`the console says: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`an uncaught error: ${error.message}`));
    await page.goto(`${server.address}/test/empty.html`);
    const { adapter, differences } = await page.evaluate(inPage, cases);
    console.log(`Chromium ${browser.version()}: ${adapter}`);
    return [...differences, ...said];
  } finally {
    await browser.close();
    server.close();
  }
}
