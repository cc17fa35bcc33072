import { expect, test, vi } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.ts';
import type { Importer } from '../../support/usbip-importer.ts';
import { startServer } from '../../support/usbip-server.ts';

const hid = 1;

function init(nonce: string): Uint8Array {
  const packet = new Uint8Array(64);
  packet.set(fromHex(`ffffffff860008${nonce}`));
  return packet;
}

async function plugIn(importer: Importer, busId: string): Promise<void> {
  expect(await importer.import(busId)).toMatchObject({ busId });
  await importer.configure();
}

/** Sends an INIT and gives the first 15 bytes of what comes. */
async function greet(importer: Importer, nonce: string): Promise<string> {
  const answer = importer.transfer({ endpoint: hid, room: 64 });
  await importer.transfer({ endpoint: hid, data: init(nonce) });
  return toHex((await answer).data.subarray(0, 15));
}

const answerTo = (nonce: string) => `ffffffff860011${nonce}`;
const nonceA = '0a0a0a0a0a0a0a0a';
const nonceB = '0b0b0b0b0b0b0b0b';

test('a dongle for two hosts has two bus ids, and is at the first', async () => {
  const { server, connect } = await startServer({ hosts: 2 });
  expect(server.busIds).toEqual(['1-1', '1-2']);
  expect((await (await connect()).list()).map(({ busId }) => busId)).toEqual(['1-1']);
  const second = await connect();
  expect(await second.import('1-2')).toBeUndefined();
  const first = await connect();
  await plugIn(first, '1-1');
  expect(await greet(first, nonceA)).toBe(answerTo(nonceA));
});

test('a switch throws the importer out, cuts the power and lets the other host in', async () => {
  const { server, dongles, events, connect } = await startServer({ hosts: 2 });
  const first = await connect();
  await plugIn(first, '1-1');
  server.switchTo('1-2');
  await vi.waitUntil(() => first.closed);
  expect(dongles[0]?.on).toBe(false);
  expect(await (await connect()).import('1-1')).toBeUndefined();
  const second = await connect();
  await plugIn(second, '1-2');
  expect(await greet(second, nonceB)).toBe(answerTo(nonceB));
  await vi.waitUntil(() => events.length === 3);
  expect(events).toEqual(['1-1 attached', '1-1 detached', '1-2 attached']);
  // To where it is: that is a replug.
  server.switchTo('1-2');
  await vi.waitUntil(() => second.closed);
});

test('shared, both have it, and each gets what the dongle says to either', async () => {
  const { server, connect } = await startServer({ hosts: 2 });
  const first = await connect();
  await plugIn(first, '1-1');
  const channel = first.transfer({ endpoint: hid, room: 64 });
  await first.transfer({ endpoint: hid, data: init(nonceA) });
  const id = (await channel).data.slice(15, 19);
  server.share('1-1');
  const second = await connect();
  await plugIn(second, '1-2');

  // What was on the first host's channels goes on: a ping there is answered, to both.
  const ping = new Uint8Array(64);
  ping.set(id);
  ping.set(fromHex('8100024869'), 4);
  const here = first.transfer({ endpoint: hid, room: 64 });
  const there = second.transfer({ endpoint: hid, room: 64 });
  await first.transfer({ endpoint: hid, data: ping });
  const pong = `${toHex(id)}8100024869`;
  expect(toHex((await here).data.subarray(0, 9))).toBe(pong);
  expect(toHex((await there).data.subarray(0, 9))).toBe(pong);

  const overheard = first.transfer({ endpoint: hid, room: 64 });
  expect(await greet(second, nonceB)).toBe(answerTo(nonceB));
  expect(toHex((await overheard).data.subarray(0, 15))).toBe(answerTo(nonceB));
});

test('who leaves a shared dongle takes nothing from the other, and the last one takes its power', async () => {
  const { server, dongles, connect } = await startServer({ hosts: 2 });
  const first = await connect();
  await plugIn(first, '1-1');
  server.share('1-2');
  const second = await connect();
  await plugIn(second, '1-2');
  server.unplug('1-1');
  await vi.waitUntil(() => first.closed);
  expect(dongles[0]?.on).toBe(true);
  expect(await greet(second, nonceB)).toBe(answerTo(nonceB));
  server.unplug('1-2');
  await vi.waitUntil(() => second.closed);
  expect(dongles[0]?.on).toBe(false);
});

test('a whole message in over the vendor interface reaches both', async () => {
  const { server, connect } = await startServer({ hosts: 2 });
  const first = await connect();
  await plugIn(first, '1-1');
  server.share('1-1');
  const second = await connect();
  await plugIn(second, '1-2');
  const packet = new Uint8Array(512);
  packet.set(fromHex(`ffffffff860008${nonceA}`));
  const answers = [first, second].map((each) => each.transfer({ endpoint: 2, room: 1024 }));
  await first.transfer({ endpoint: 2, data: packet });
  for (const answer of answers) {
    const { status, data } = await answer;
    expect(status).toBe(0);
    expect(data).toHaveLength(512);
    expect(toHex(data.subarray(0, 15))).toBe(answerTo(nonceA));
  }
});

test('there is no switching to a bus id that is not there', async () => {
  const { server } = await startServer({ hosts: 2 });
  expect(() => server.switchTo('1-3')).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});
