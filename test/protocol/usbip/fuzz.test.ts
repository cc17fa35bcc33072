import { expect, test } from 'vitest';
import { concatBytes, fromHex } from '../../../src/bytes.ts';
import { maxTransferBytes, RequestReader } from '../../../src/protocol/usbip/index.ts';
import { createRandom, long, type Random, seed } from '../../support/seed.ts';

const inputs = long ? 4_000_000 : 400_000;

/** A request that is right, or of which a few bytes are wrong. */
function request(random: Random, imported: boolean): Uint8Array {
  const bytes = imported ? transfer(random) : operation(random);
  while (random.below(3) === 0) {
    bytes[random.below(bytes.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  return bytes;
}

function operation(random: Random): Uint8Array {
  if (random.below(2) === 0) return fromHex('0111800500000000');
  return concatBytes(fromHex('0111800300000000'), random.bytes(32));
}

function transfer(random: Random): Uint8Array {
  const header = new Uint8Array(48);
  const at = new DataView(header.buffer);
  const isIn = random.below(2);
  const byteCount = random.pick([0, 1, 64, random.below(600)]);
  const fields = [1 + random.below(2), random.below(9), 0x10001, isIn, random.below(4)];
  fields.push(random.pick([0, 1, 0x40, random.below(2 ** 32)]), byteCount);
  for (const [i, value] of fields.entries()) at.setUint32(4 * i, value);
  return fields[0] === 1 && isIn === 0 ? concatBytes(header, new Uint8Array(byteCount)) : header;
}

test(`${inputs} requests of nonsense end in requests within bounds, or nothing (SEED=${seed})`, {
  timeout: 3_600_000,
}, () => {
  const random = createRandom(seed);
  let reader = new RequestReader();
  let imported = false;
  const seen = new Map<string, number>();
  for (let i = 0; i < inputs; i++) {
    const bytes =
      random.below(50) === 0 ? random.bytes(random.below(100)) : request(random, imported);
    const cut = random.below(bytes.length + 1);
    reader.push(bytes.subarray(0, cut));
    reader.push(bytes.subarray(cut));
    for (let left = 4; left > 0; left--) {
      const next = reader.next();
      if (next === undefined) break;
      seen.set(next.kind, (seen.get(next.kind) ?? 0) + 1);
      if (next.kind === 'submit') {
        const { direction, byteCount, data, endpoint, setup } = next;
        if (byteCount > maxTransferBytes || endpoint > 15 || setup.length !== 8) throw new Error();
        if (data.length !== (direction === 'out' ? byteCount : 0)) throw new Error();
      } else if (next.kind === 'import') {
        if (next.busId.length > 32) throw new Error();
      } else if (next.kind === 'malformed') {
        expect(reader.next()).toBe(next);
        reader = new RequestReader();
        imported = random.below(4) > 0;
        if (imported) reader.imported();
        break;
      }
    }
    // A length made large swallows what follows; begin anew now and then.
    if (random.below(200) === 0) {
      reader = new RequestReader();
      imported = true;
      reader.imported();
    }
  }
  for (const kind of ['list', 'import', 'submit', 'unlink', 'malformed']) {
    expect(seen.get(kind), kind).toBeGreaterThan(inputs / 10_000);
  }
});
