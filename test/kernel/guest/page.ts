import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Page as BrowserPage, chromium } from 'playwright-core';
import { detach } from '../../../src/host/vhci.ts';
import { connect } from '../../../src/node.ts';
import { usbIds } from '../../../src/protocol/usb/index.ts';
import { pageChecks } from '../checks.ts';
import type { Page } from '../page/page.ts';
import { found, outsideAddress, plug, unplugAll, until } from './plugs.ts';
import { check } from './report.ts';
import { trustEmulated } from './trust.ts';

// The program of the guest that drives a browser: a page reaches dongles by WebUSB.

const address = outsideAddress();
const [first, second] = ['LK-1', 'LK-2'] as const;

/** Everything in the browser takes its time on an emulated processor. */
const patienceMs = 90_000;

const script = readFileSync(new URL('kernel-page.js', import.meta.url));
const server = createServer(({ url }, response) => {
  const isScript = url === '/page.js';
  response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
  response.end(
    isScript ? script : '<!doctype html><title>latchkey</title><script src="page.js"></script>',
  );
});
server.listen(8_000, '127.0.0.1');
await once(server, 'listening');
const origin = 'http://localhost:8000';

// What an administrator does for the pages of a company: no chooser asks the person.
mkdirSync('/etc/chromium/policies/managed', { recursive: true });
writeFileSync(
  '/etc/chromium/policies/managed/latchkey.json',
  JSON.stringify({
    WebUsbAllowDevicesForUrls: [
      {
        devices: [{ vendor_id: usbIds.vendorId, product_id: usbIds.productId }],
        urls: [origin],
      },
    ],
  }),
);

console.log('starting Chromium');
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  timeout: patienceMs,
  args: [
    '--headless',
    '--no-sandbox',
    // Fewer processes to start, each of which takes an emulated processor seconds.
    '--no-zygote',
    '--in-process-gpu',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
/** Calls a function of the page. */
function call<Name extends keyof Page>(
  tab: BrowserPage,
  name: Name,
  ...args: Parameters<Page[Name]>
): Promise<Awaited<ReturnType<Page[Name]>>> {
  return tab.evaluate(
    ([key, values]) =>
      (globalThis as unknown as { page: Record<string, (...all: unknown[]) => never> }).page[
        key as string
      ]?.(...(values as unknown[])) as never,
    [name, args] as const,
  );
}

/** Waits until the page sees these dongles, and no others. */
function listed(tab: BrowserPage, ...serials: string[]) {
  return until(
    () => `the page to see ${serials}`,
    async () => {
      const seen = await call(tab, 'list');
      return seen.join() === serials.join() ? seen : undefined;
    },
  );
}

let tab!: BrowserPage;
await check(
  pageChecks.starts,
  async () => {
    tab = await browser.newPage();
    tab.on('pageerror', (error) => console.log(`page: ${error.stack}`));
    await tab.goto(`${origin}/`, { timeout: patienceMs });
    assert.equal(await tab.evaluate('isSecureContext && "usb" in navigator'), true);
  },
  patienceMs,
);
await check(pageChecks.noDongle, async () => {
  assert.equal(await call(tab, 'connectFails'), 'NOT_FOUND');
});

await found(await plug(address, '1-1'));
let attachment = await plug(address, '1-2');
await found(attachment);

await check(pageChecks.found, async () => {
  await listed(tab, first, second);
});
await check(pageChecks.ambiguous, async () => {
  assert.equal(await call(tab, 'connectFails'), 'AMBIGUOUS_DONGLE');
});
await check(pageChecks.connects, async () => {
  const { serial, face, test } = await call(tab, 'connect', second);
  assert.deepEqual({ serial, face, test }, { serial: second, face: 'vendor', test: true });
});
await check(pageChecks.echo, async () => {
  assert.equal(await call(tab, 'echo', 32), true);
  assert.equal(await call(tab, 'echo', 60_000), true);
});
await check(pageChecks.keys, async () => {
  const outcomes = await call(tab, 'exportKeys');
  // Its static key and its ephemeral one, in three formats each.
  assert.ok(outcomes.length >= 6, `${outcomes.length} attempts`);
  assert.deepEqual(new Set(outcomes), new Set(['InvalidAccessError']));
});
await check(pageChecks.claimed, async () => {
  await using owner = await connect({
    trust: await trustEmulated(),
    serial: first,
    face: 'vendor',
  });
  assert.equal(await call(tab, 'connectFails', owner.identity.serial), 'LINK_FAILED');
  assert.equal(await call(tab, 'echo', 32), true);
});
await check(pageChecks.unplug, async () => {
  const code = call(tab, 'echoUntilGone');
  await delay(700);
  await detach(attachment.port);
  assert.equal(await code, 'DETACHED');
});
await check(pageChecks.again, async () => {
  await call(tab, 'close');
  attachment = await plug(address, '1-2');
  await listed(tab, first, second);
  const { serial } = await call(tab, 'connect', second);
  assert.equal(serial, second);
  assert.equal(await call(tab, 'echo', 32), true);
  await call(tab, 'close');
});
await check(
  pageChecks.reloaded,
  async () => {
    const epochs: number[] = [];
    // More often than another runtime each time could have it without a lockout.
    for (let round = 0; round < 5; round++) {
      await tab.reload({ timeout: patienceMs });
      await listed(tab, first, second);
      epochs.push((await call(tab, 'connect', second)).epoch);
      assert.equal(await call(tab, 'echo', 32), true);
    }
    assert.deepEqual(
      epochs,
      epochs.map((_, round) => (epochs[0] as number) + round),
    );
    await call(tab, 'close');
  },
  patienceMs,
);

await unplugAll();
// The browser goes with the machine: to close in good order would take it longer than all of this.
process.exit();
