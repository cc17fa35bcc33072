import { type CipherGCM, createCipheriv, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { concatBytes } from '../../src/bytes.ts';
import { type ChipStream, connect, type Dongle } from '../../src/index.ts';
import { plugDongle, testTrust } from '../support/rig.ts';
import { createRandom, seed } from '../support/seed.ts';

const trust = await testTrust();
const random = createRandom(seed);
const refusal = (code: string) => expect.objectContaining({ code });

const secret = random.bytes(32);
const iv = random.bytes(16);

const modes = [
  { mode: 'ecb', iv: undefined },
  { mode: 'cbc', iv },
  { mode: 'ctr', iv },
  { mode: 'cfb', iv },
  { mode: 'gcm', iv: random.bytes(12) },
] as const;

/** What OpenSSL makes of it. */
function reference(mode: string, vector: Uint8Array | undefined, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-256-${mode}`, secret, vector ?? null).setAutoPadding(false);
  const out = concatBytes(cipher.update(data), cipher.final());
  return mode === 'gcm' ? concatBytes(out, (cipher as CipherGCM).getAuthTag()) : out;
}

async function openDongle(face: 'hid' | 'vendor' = 'vendor') {
  const { port } = await plugDongle();
  const open = () => connect(port.source(face), { trust });
  const dongle = await open();
  const { key } = await dongle.keys.load({ type: 'aes256', key: secret });
  return { dongle, key, open };
}

/** As if the dongle had no stream any more. */
async function expectOver(stream: ChipStream): Promise<void> {
  await expect(stream.update(new Uint8Array(16))).rejects.toEqual(refusal('STREAM_NOT_FOUND'));
  await expect(stream.finish()).rejects.toEqual(refusal('STREAM_NOT_FOUND'));
}

/** How many streams there is room for. */
async function roomOf(dongle: Dongle, key: number): Promise<number> {
  const streams: ChipStream[] = [];
  for (;;) {
    try {
      streams.push(await dongle.aes.stream({ key, mode: 'ctr', iv, direction: 'encrypt' }));
    } catch (error) {
      expect(error).toEqual(refusal('NO_SPACE'));
      break;
    }
  }
  for (const stream of streams) await stream.finish();
  return streams.length;
}

test.each(modes.flatMap((one) => (['hid', 'vendor'] as const).map((face) => ({ ...one, face }))))(
  `a mebibyte in $mode goes through the chip by $face as through OpenSSL, SEED=${seed}`,
  async ({ mode, iv: vector, face }) => {
    const { dongle, key } = await openDongle(face);
    const data = random.bytes(2 ** 20);
    const setup = { key, mode, ...(vector && { iv: vector }) };
    const expected = reference(mode, vector, data);
    const out = await dongle.aes.process({ ...setup, direction: 'encrypt' }, data);
    expect(Buffer.compare(out, expected)).toBe(0);
    if (mode === 'gcm') return;
    const back = await dongle.aes.process({ ...setup, direction: 'decrypt' }, out);
    expect(Buffer.compare(back, data)).toBe(0);
  },
);

test(`whatever pieces a source gives, the bytes are the same, SEED=${seed}`, async () => {
  const { dongle, key } = await openDongle('hid');
  const data = random.bytes(50_000);
  async function* pieces() {
    for (let at = 0; at < data.length; ) {
      const to = at + random.below(9_000);
      yield data.subarray(at, to);
      at = to;
    }
  }
  for (const { mode, iv: vector } of modes) {
    const whole = mode === 'ecb' || mode === 'cbc' ? data.subarray(0, 49_984) : data;
    const source =
      mode === 'ecb' || mode === 'cbc' ? [whole.subarray(0, 7), whole.subarray(7)] : pieces();
    const setup = { key, mode, direction: 'encrypt', ...(vector && { iv: vector }) } as const;
    const out: Uint8Array[] = [];
    for await (const piece of dongle.aes.pipe(setup, source)) out.push(piece);
    expect(Buffer.compare(concatBytes(...out), reference(mode, vector, whole)), mode).toBe(0);
  }
});

test('whoever stops to listen gives the stream up, and so does a source that fails', async () => {
  const { dongle, key } = await openDongle('hid');
  const setup = { key, mode: 'ctr', iv, direction: 'encrypt' } as const;
  const pieces = Array.from({ length: 4 }, () => new Uint8Array(10_000));
  for (let i = 0; i < 10; i++) {
    for await (const piece of dongle.aes.pipe(setup, pieces)) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  }
  async function* failing() {
    yield new Uint8Array(10_000);
    throw new Error('no more');
  }
  const all = async () => {
    for await (const _ of dongle.aes.pipe(setup, failing()));
  };
  for (let i = 0; i < 10; i++) await expect(all()).rejects.toThrow('no more');
  expect(await roomOf(dongle, key)).toBe(8);
});

test('a MAC of a mebibyte is that of OpenSSL', async () => {
  const { dongle } = await openDongle();
  const { key } = await dongle.keys.load({ type: 'secret', key: secret });
  const data = random.bytes(2 ** 20);
  await using stream = await dongle.mac.stream({ key, algorithm: 'hmacSha512' });
  expect((await stream.update(data)).length).toBe(0);
  const expected = createHmac('sha512', secret).update(data).digest();
  expect(Buffer.compare(await stream.finish(), expected)).toBe(0);
});

test('a stream that failed is over, and makes room', async () => {
  const { dongle, key } = await openDongle();
  const setup = { key, mode: 'cbc', iv, direction: 'encrypt' } as const;
  for (let i = 0; i < 10; i++) {
    const stream = await dongle.aes.stream(setup);
    await stream.update(new Uint8Array(32));
    await expect(stream.update(new Uint8Array(17))).rejects.toEqual(refusal('INVALID_ARGUMENT'));
    await expectOver(stream);
  }
  const controller = new AbortController();
  const stream = await dongle.aes.stream(setup);
  const updating = stream.update(new Uint8Array(2 ** 20), { signal: controller.signal });
  controller.abort();
  await expect(updating).rejects.toEqual(refusal('ABORTED'));
  await expectOver(stream);
  expect(await roomOf(dongle, key)).toBe(8);
});

test('a stream that is disposed of makes room, and one that is over is over', async () => {
  const { dongle, key } = await openDongle();
  for (let i = 0; i < 10; i++) {
    await using stream = await dongle.aes.stream({ key, mode: 'ctr', iv, direction: 'encrypt' });
    await stream.update(new Uint8Array(1));
  }
  const stream = await dongle.aes.stream({ key, mode: 'ctr', iv, direction: 'encrypt' });
  expect((await stream.finish()).length).toBe(0);
  await expectOver(stream);
  expect(await roomOf(dongle, key)).toBe(8);
});

test('a stream goes on beside other commands and other streams, in its own session', async () => {
  const { dongle, key, open } = await openDongle('hid');
  await using other = await open();
  const data = random.bytes(3_000);
  const expected = reference('ctr', iv, data);
  const setup = { key, mode: 'ctr', iv, direction: 'encrypt' } as const;
  const streams = await Promise.all([dongle.aes.stream(setup), dongle.aes.stream(setup)]);
  const outs: Uint8Array[][] = [[], []];
  for (let at = 0; at < data.length; at += 300) {
    for (const [i, stream] of streams.entries()) {
      outs[i]?.push(await stream.update(data.subarray(at, at + 300)));
      await other.aes.encrypt({ mode: 'ctr', iv, data });
    }
  }
  for (const out of outs) expect(Buffer.compare(concatBytes(...out), expected)).toBe(0);
});

test('streams go with their session', async () => {
  const { dongle, key, open } = await openDongle('hid');
  await using other = await open();
  for (let i = 0; i < 8; i++) {
    await dongle.aes.stream({ key, mode: 'ctr', iv, direction: 'encrypt' });
  }
  expect(await roomOf(other, 1)).toBe(0);
  await dongle.close();
  expect(await roomOf(other, 1)).toBe(8);
});

test('GCM is not decrypted in a stream', async () => {
  const { dongle, key } = await openDongle();
  await expect(dongle.aes.stream({ key, mode: 'gcm', iv, direction: 'decrypt' })).rejects.toEqual(
    refusal('INVALID_ARGUMENT'),
  );
});
