// Firefox, which has no WebGPU on Linux without a real device: every case by the CPU executor, and the page without a device.
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { pageTensor } from './page.mjs';
import { serve } from './serve.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Runs in the page: the cases whose bytes have another hash. */
async function onCpu(cases) {
  const { fillArray } = await import('/package/index.js');
  const differences = [];
  for (const { options, length, sha256 } of cases) {
    const hash = await crypto.subtle.digest('SHA-256', fillArray(new Uint8Array(length), options));
    const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (hex !== sha256) differences.push(`the CPU executor differs: ${JSON.stringify(options)}`);
  }
  return differences;
}

export async function firefox(cases) {
  const server = await serve({ '/package/': path('../dist/package'), '/test/': path('.'), '/page/': path('../dist/page') });
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr', headless: true });
  try {
    const page = await browser.newPage();
    const said = [];
    page.on('console', (message) => ['error', 'warn'].includes(message.type()) && said.push(`the console says: ${message.text()}`));
    page.on('pageerror', (error) => said.push(`an uncaught error: ${error.message}`));
    await page.goto(`${server.address}/test/empty.html`);
    const differences = await page.evaluate(onCpu, cases);
    await page.goto(`${server.address}/page/`);
    await page.waitForSelector('html[data-ready]');
    await page.focus('#name');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#verdict')?.textContent, { timeout: 120_000 });
    const facts = await page.$eval('#facts', (element) => element.textContent);
    const tensor = pageTensor();
    if (!facts.includes(tensor)) differences.push(`the page says “${facts}”, not “${tensor}”`);
    console.log(await browser.version());
    return [...differences, ...said];
  } finally {
    await browser.close();
    server.close();
  }
}
