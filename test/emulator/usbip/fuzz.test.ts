import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { fromHex, toHex } from '../../../src/bytes.ts';
import { createRandom, long, type Random, seed } from '../../support/seed.ts';
import type { Importer, ImporterTransfer } from '../../support/usbip-importer.ts';
import { startServer } from '../../support/usbip-server.ts';

const inputs = long ? 1_000_000 : 100_000;

const setups = [
  '8006000100001200',
  '800600020000ff00',
  '0009010000000000',
  '0009000000000000',
  '0203000081000000',
  '0201000081000000',
  '2303040001000000',
  '010b000000000000',
  '2109000200004000',
  'a101000100004000',
  '8000000000000200',
];

function transfer(random: Random): ImporterTransfer {
  const flags = random.pick([0, 0, 1, 0x40, 0x200]);
  if (random.below(6) === 0) {
    const setup = fromHex(random.pick(setups));
    while (random.below(2) === 0) setup[random.below(8)] = random.below(256);
    const length = (setup[6] as number) | ((setup[7] as number) << 8);
    const isIn = ((setup[0] as number) & 0x80) !== 0;
    return {
      endpoint: 0,
      flags,
      setup,
      ...(isIn ? { room: length } : { data: random.bytes(length) }),
    };
  }
  const endpoint = random.pick([1, 1, 2, 2, 3]);
  const byteCount = random.pick([0, 1, 63, 64, 64, 512, 512, 700]);
  if (random.below(2) === 0) return { endpoint, flags, room: byteCount };
  const data = random.bytes(byteCount);
  // INIT, PING or nothing the dongle knows, on a channel that is often one.
  data.set(fromHex('ffffffff').subarray(0, byteCount));
  if (byteCount > 7)
    data.set([0x80 | random.pick([0x01, 0x06, 0x3f, 0x41]), 0, random.below(20)], 4);
  return { endpoint, flags, data };
}

/** A request as bytes: a transfer or an unlink, often of something that waits. */
function request(random: Random, importer: Importer, sequence: number): Uint8Array {
  if (random.below(4) > 0) return importer.encode(sequence, transfer(random));
  const bytes = importer.encode(sequence, { endpoint: 0 });
  const at = new DataView(bytes.buffer);
  at.setUint32(0, 2);
  at.setUint32(20, Math.max(0, sequence - random.below(20)));
  return bytes;
}

test(`${inputs} requests of nonsense at a whole dongle: the next importer works (SEED=${seed})`, {
  timeout: 3_600_000,
}, async () => {
  const random = createRandom(seed);
  const { dongles, connectInside } = await startServer();
  let answers = 0;
  for (let done = 0; done < inputs; ) {
    const importer = connectInside();
    const imports = random.below(20) > 0;
    if (imports) await importer.import('1-1');
    // Whatever comes back is read, and not understood.
    importer.stream.removeAllListeners('data');
    importer.stream.on('data', (chunk: Uint8Array) => {
      answers += chunk.length;
    });
    for (let sequence = 1; sequence < 1000 && !importer.closed; sequence++, done++) {
      const bytes = request(random, importer, sequence);
      while (random.below(100) === 0) bytes[random.below(bytes.length)] = random.below(256);
      const cut = random.below(bytes.length + 1);
      importer.stream.write(bytes.subarray(0, cut));
      importer.stream.write(bytes.subarray(cut));
      if (sequence % 16 === 0) await turn();
    }
    importer.stream.destroy();
    await vi.waitUntil(() => dongles[0]?.on === false, { interval: 1 });
    if (random.below(10) === 0) await works(connectInside());
  }
  await works(connectInside());
  expect(answers).toBeGreaterThan(48 * (inputs / 4));
});

async function works(importer: Importer): Promise<void> {
  expect(await importer.import('1-1')).toBeDefined();
  await importer.configure();
  const answer = importer.transfer({ endpoint: 1, room: 64 });
  const packet = new Uint8Array(64);
  packet.set(fromHex('ffffffff8600080102030405060708'));
  await importer.transfer({ endpoint: 1, data: packet });
  expect(toHex((await answer).data.subarray(0, 15))).toBe('ffffffff8600110102030405060708');
  importer.stream.destroy();
  await vi.waitUntil(() => importer.closed, { interval: 1 });
}
