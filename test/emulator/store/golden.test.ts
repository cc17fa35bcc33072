import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../../../src/bytes.ts';
import { MemoryFlash } from '../../../src/emulator/board/flash.ts';
import { Store, type StoreKey } from '../../../src/emulator/firmware/store/store.ts';

// Pages put together here by hand, from the descriptions at the top of page-header.ts, frame.ts and
// entry.ts, with the checksums of zlib.

const geometry = { pageBytes: 256, pageCount: 6 };

const label: StoreKey = { id: 0x0102, name: 'label', kind: 'value', maxBytes: 40 };
const hits: StoreKey = { id: 0x0304, name: 'hits', kind: 'counter', maxBytes: 6 };
const pin: StoreKey = { id: 0xfffe, name: 'pin', kind: 'secret', maxBytes: 32 };

const check = (bytes: Uint8Array, place = 0) =>
  fromHex(crc32(bytes, place).toString(16).padStart(8, '0'));

function header(olderInUse: number, sequence: number): Uint8Array {
  const body = fromHex(
    `4c5301${toHex(Uint8Array.of(olderInUse))}${sequence.toString(16).padStart(8, '0')}`,
  );
  return concatBytes(body, check(body));
}

/** A frame whose secrets are left out of the checksum: `checked` is what it covers. */
function frame(sequence: number, at: number, body: string, checked = body): Uint8Array {
  return fromHex(`00${body}${toHex(check(fromHex(checked), sequence * 2 ** 13 + at))}`);
}

function page(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(geometry.pageBytes).fill(0xff);
  bytes.set(concatBytes(...parts));
  return bytes;
}

function flashWith(pages: Readonly<Record<number, Uint8Array>>): MemoryFlash {
  const flash = new MemoryFlash(geometry);
  for (const [number, bytes] of Object.entries(pages)) {
    flash.program(Number(number) * geometry.pageBytes, bytes);
  }
  return flash;
}

function open(flash: MemoryFlash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value;
}

const labelEntry = '01020003c0ffee';
const hitsEntry = '03048006000000000007';
const pinEntry = `fffe4003aabbcc${toHex(check(fromHex('aabbcc')))}`;
const three = frame(
  0,
  12,
  `201c${labelEntry}${hitsEntry}${pinEntry}`,
  `201c${labelEntry}${hitsEntry}fffe4003`,
);

test('what is written is what the description says', () => {
  const flash = new MemoryFlash(geometry);
  Store.format(flash);
  open(flash).commit([
    { key: label, value: fromHex('c0ffee') },
    { key: hits, count: 7 },
    { key: pin, value: fromHex('aabbcc') },
  ]);
  const pageOne = () => toHex(flash.read(256, 256));
  expect(pageOne()).toBe(toHex(page(header(0, 0), three)));
  // A secret is zeroed where it was, and the frame stays right.
  open(flash).commit([{ key: pin, remove: true }]);
  const wiped = three.slice();
  wiped.fill(0, 3 + 2 + 7 + 10 + 4 - 2, 3 + 7 + 10 + 11);
  expect(pageOne()).toBe(toHex(page(header(0, 0), wiped, frame(0, 47, '2004fffec000'))));
  expect(open(flash).get(label)).toEqual(fromHex('c0ffee'));
});

test('what the description says is read', () => {
  // In the ring of five pages, those numbered 8 to 10 lie in pages 4, 5 and 1.
  const flash = flashWith({
    4: page(
      header(0, 8),
      // The end of a commit that began in a page that is erased by now.
      frame(8, 12, `800e${hitsEntry}0102c000`),
      // Half a commit, which nothing followed.
      frame(8, 33, '400501020001aa'),
      frame(8, 45, '200703050003112233'),
    ),
    5: page(header(1, 9), frame(9, 12, `4007${labelEntry}`)),
    1: page(header(2, 10), frame(10, 12, '80040305c000'), new Uint8Array(233)),
  });
  const store = open(flash);
  expect(store.count(hits)).toBe(7);
  expect(store.get(label)).toEqual(fromHex('c0ffee'));
  expect(store.get({ ...label, id: 0x0305 })).toBeUndefined();
});
