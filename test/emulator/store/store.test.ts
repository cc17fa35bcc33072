import { expect, test } from 'vitest';
import { equalBytes } from '../../../src/bytes.ts';
import { MemoryFlash, smallFlash } from '../../../src/emulator/board/flash.ts';
import { PowerCut, TornFlash } from '../../../src/emulator/board/torn-flash.ts';
import { type Change, Store, type StoreKey } from '../../../src/emulator/firmware/store/store.ts';

const label: StoreKey = { id: 1, name: 'label', kind: 'value', maxBytes: 40 };
const hits: StoreKey = { id: 2, name: 'hits', kind: 'counter', maxBytes: 6 };
const pin: StoreKey = { id: 3, name: 'pin', kind: 'secret', maxBytes: 32 };
const area = (i: number, maxBytes = 1_000): StoreKey => ({
  id: 100 + i,
  name: `area ${i}`,
  kind: 'value',
  maxBytes,
});

const bytes = (...values: number[]) => Uint8Array.from(values);
const done = { ok: true, value: undefined };

function formatted(geometry = smallFlash) {
  const flash = new MemoryFlash(geometry);
  Store.format(flash);
  return flash;
}

function open(flash: MemoryFlash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value;
}

const imageOf = (flash: MemoryFlash) => flash.read(0, flash.pageBytes * flash.pageCount);

test('what is committed is there, at once and after a boot', () => {
  const flash = formatted();
  const store = open(flash);
  const changes: Change[] = [
    { key: label, value: bytes(1, 2, 3) },
    { key: hits, count: 70_000 },
    { key: pin, value: bytes(9) },
  ];
  expect(store.commit(changes)).toEqual(done);
  for (const each of [store, open(flash)]) {
    expect(each.get(label)).toEqual(bytes(1, 2, 3));
    expect(each.count(hits)).toBe(70_000);
    expect(each.get(pin)).toEqual(bytes(9));
  }
});

test('what was never set, or is removed, is undefined, and a counter 0', () => {
  const flash = formatted();
  const store = open(flash);
  expect([store.get(label), store.count(hits)]).toEqual([undefined, 0]);
  store.commit([
    { key: label, value: bytes() },
    { key: hits, count: 3 },
  ]);
  expect([store.get(label), store.count(hits)]).toEqual([bytes(), 3]);
  store.commit([
    { key: label, remove: true },
    { key: hits, remove: true },
  ]);
  for (const each of [store, open(flash)]) {
    expect([each.get(label), each.count(hits)]).toEqual([undefined, 0]);
  }
});

test('what is stored under another kind counts as not set, and gives way', () => {
  const store = open(formatted());
  const asValue: StoreKey = { ...hits, kind: 'value' };
  store.commit([{ key: asValue, value: bytes(1, 2, 3, 4, 5, 6) }]);
  expect([store.get(hits), store.count(hits)]).toEqual([undefined, 0]);
  store.commit([{ key: hits, count: 1 }]);
  expect([store.get(asValue), store.count(hits)]).toEqual([undefined, 1]);
});

test('a value read is a copy', () => {
  const store = open(formatted());
  const value = bytes(1);
  store.commit([{ key: label, value }]);
  value[0] = 2;
  store.get(label)?.fill(3);
  expect(store.get(label)).toEqual(bytes(1));
});

test('a counter counts to 2^48 - 1, and never back', () => {
  const flash = formatted();
  const store = open(flash);
  for (const count of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1]) {
    store.commit([{ key: hits, count }]);
    expect(store.count(hits)).toBe(count);
  }
  expect(open(flash).count(hits)).toBe(2 ** 48 - 1);
});

const refusals: readonly [string, readonly Change[], RegExp][] = [
  ['a counter that goes back', [{ key: hits, count: 9 }], /hits goes back from 10 to 9/],
  ['a count below 0', [{ key: hits, count: -1 }], /counts to 2\^48 - 1/],
  ['a count above 2^48 - 1', [{ key: hits, count: 2 ** 48 }], /counts to/],
  ['a count with a fraction', [{ key: hits, count: 10.5 }], /counts to/],
  ['a count for a value', [{ key: label, count: 1 }], /label is not a counter/],
  ['a value for a counter', [{ key: hits, value: bytes(1) }], /hits is a counter/],
  [
    'a value that is too long',
    [{ key: label, value: new Uint8Array(41) }],
    /takes 40 bytes, not 41/,
  ],
  [
    'a value larger than a page',
    [{ key: area(0, 5_000), value: new Uint8Array(4_074) }],
    /larger than a page/,
  ],
  [
    'two changes of one key',
    [
      { key: label, value: bytes(1) },
      { key: label, remove: true },
    ],
    /changes a key once/,
  ],
  ['a key without an id', [{ key: { ...label, id: 0x1_0000 }, value: bytes() }], /16 bits/],
];

test.each(refusals)(
  '%s is refused, and nothing of its commit happens',
  (_name, changes, message) => {
    const flash = formatted();
    const store = open(flash);
    store.commit([{ key: hits, count: 10 }]);
    const before = imageOf(flash);
    expect(() => store.commit([{ key: pin, value: bytes(1) }, ...changes])).toThrow(message);
    expect(equalBytes(imageOf(flash), before)).toBe(true);
    expect(store.commit([{ key: hits, count: 10 }])).toEqual(done);
  },
);

test('the largest value fills a page', () => {
  const flash = formatted();
  const value = new Uint8Array(4_073).fill(7);
  expect(open(flash).commit([{ key: area(0, 5_000), value }])).toEqual(done);
  expect(open(flash).get(area(0, 5_000))).toEqual(value);
});

test('a commit of nothing, or of removals of nothing, writes nothing', () => {
  const flash = formatted();
  const store = open(flash);
  const { programs } = flash.wear;
  expect(store.commit([])).toEqual(done);
  expect(store.commit([{ key: label, remove: true }])).toEqual(done);
  expect(flash.wear.programs).toBe(programs);
});

test('a commit of one frame is two programs, and a boot none', () => {
  const flash = formatted();
  const store = open(flash);
  const { programs } = flash.wear;
  store.commit([
    { key: label, value: bytes(1, 2, 3) },
    { key: pin, value: bytes(4) },
  ]);
  open(flash);
  expect(flash.wear.programs).toBe(programs + 2);
});

test('a commit may be larger than a page, and larger than what is left of one', () => {
  const flash = formatted();
  const changes = Array.from({ length: 20 }, (_, i) => ({
    key: area(i),
    value: new Uint8Array(1_000).fill(i),
  }));
  expect(open(flash).commit(changes)).toEqual(done);
  const store = open(flash);
  for (const { key, value } of changes) expect(store.get(key)).toEqual(value);
});

const fullStores = [
  { geometry: smallFlash, valueBytes: 300, atLeast: 80 },
  { geometry: smallFlash, valueBytes: 1_000, atLeast: 20 },
  // One of them fills a page, as far as others of its size go.
  { geometry: smallFlash, valueBytes: 2_100, atLeast: 6 },
  { geometry: smallFlash, valueBytes: 4_073, atLeast: 3 },
  { geometry: { pageBytes: 128, pageCount: 64 }, valueBytes: 1, atLeast: 450 },
  { geometry: { pageBytes: 128, pageCount: 5 }, valueBytes: 6, atLeast: 3 },
];

test.each(fullStores)(
  'a full store writes nothing that does not fit, and always takes what does not grow: $valueBytes bytes, $geometry.pageBytes a page',
  ({ geometry, valueBytes, atLeast }) => {
    const flash = formatted(geometry);
    const store = open(flash);
    const key = (i: number) => area(i, valueBytes);
    const filled = (by: number) => new Uint8Array(valueBytes).fill(by);
    let count = 0;
    while (store.commit([{ key: key(count), value: filled(0) }]).ok) count++;
    expect(count).toBeGreaterThanOrEqual(atLeast);
    const before = imageOf(flash);
    expect(store.commit([{ key: key(count), value: filled(0) }])).toEqual({
      ok: false,
      code: 'NO_SPACE',
      detail: 'the flash is full',
    });
    expect(equalBytes(imageOf(flash), before)).toBe(true);

    const all = (by: number) =>
      Array.from({ length: count }, (_, i) => ({ key: key(i), value: filled(by) }));
    for (let round = 0; round < 40; round++) {
      // Scattered among the pages, and then all at once.
      for (let i = 0; i < count; i += 1 + (round % 7)) {
        expect(store.commit([{ key: key(i), value: filled(round) }])).toEqual(done);
      }
      if (round % 4 === 0) expect(store.commit(all(round))).toEqual(done);
    }
    expect(store.commit(all(200))).toEqual(done);
    expect(
      store.commit(
        all(0)
          .slice(1)
          .map((each) => ({ key: each.key, remove: true })),
      ),
    ).toEqual(done);
    expect(store.commit([{ key: hits, count: 1 }])).toEqual(done);
    expect(open(flash).get(key(0))).toEqual(filled(200));
  },
);

test('no more than 1,024 keys are kept', () => {
  const flash = formatted({ pageBytes: 4096, pageCount: 64 });
  const store = open(flash);
  const keys = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({ key: area(from + i), value: bytes(i) }));
  expect(store.commit(keys(0, 1_024))).toEqual(done);
  expect(store.commit(keys(1_024, 1_025))).toMatchObject({ code: 'NO_SPACE' });
  expect(store.commit(keys(0, 1_024))).toEqual(done);
  expect(open(flash).get(area(1_023))).toEqual(bytes(1_023));
});

test('after a fault in the middle of a commit, the store must be opened again', () => {
  const memory = formatted();
  const flash = new TornFlash(memory);
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  flash.cutAt(2, () => false);
  expect(() => opened.value.commit([{ key: label, value: bytes(1) }])).toThrow(PowerCut);
  flash.powerOn();
  expect(() => opened.value.commit([{ key: label, value: bytes(1) }])).toThrow(/opened again/);
  expect(opened.value.get(label)).toBeUndefined();
  expect(open(memory).commit([{ key: label, value: bytes(1) }])).toEqual(done);
});

test('all pages wear alike, whatever is stored', () => {
  const flash = formatted({ pageBytes: 256, pageCount: 9 });
  const store = open(flash);
  store.commit([{ key: pin, value: new Uint8Array(32) }]);
  for (let i = 0; i < 3_000; i++) store.commit([{ key: hits, count: i }]);
  const [manufacture, ...ring] = flash.wear.erases;
  expect(manufacture).toBe(0);
  expect(Math.min(...ring)).toBeGreaterThan(20);
  expect(Math.max(...ring) - Math.min(...ring)).toBeLessThanOrEqual(1);
});

test.each([
  [{ pageBytes: 4096, pageCount: 3 }, /3 to 256 pages/],
  [{ pageBytes: 4096, pageCount: 258 }, /3 to 256 pages/],
  [{ pageBytes: 64, pageCount: 16 }, /128 to 8192 bytes/],
  [{ pageBytes: 16_384, pageCount: 16 }, /128 to 8192 bytes/],
])('a flash of %o is none for a store', (geometry, message) => {
  expect(() => Store.format(new MemoryFlash(geometry))).toThrow(message);
  expect(() => Store.open(new MemoryFlash(geometry))).toThrow(message);
});
