import { expect, test } from 'vitest';
import { equalBytes, toHex } from '../../../src/bytes.ts';
import { MemoryFlash } from '../../../src/emulator/board/flash.ts';
import { PowerCut, TornFlash } from '../../../src/emulator/board/torn-flash.ts';
import {
  encodeHeader,
  type PageHeader,
  readHeader,
} from '../../../src/emulator/firmware/store/page-header.ts';
import { Store, type StoreKey } from '../../../src/emulator/firmware/store/store.ts';

const geometry = { pageBytes: 256, pageCount: 6 };
const endurance = { enduranceErases: Number.POSITIVE_INFINITY };

const hits: StoreKey = { id: 1, name: 'hits', kind: 'counter', maxBytes: 6 };
const pin: StoreKey = { id: 2, name: 'pin', kind: 'secret', maxBytes: 16 };
const areas = Array.from(
  { length: 5 },
  (_, i): StoreKey => ({ id: 3 + i, name: `area ${i}`, kind: 'value', maxBytes: 48 }),
);

const imageOf = (flash: MemoryFlash) => flash.read(0, geometry.pageBytes * geometry.pageCount);

const includes = (flash: MemoryFlash, bytes: Uint8Array) =>
  toHex(imageOf(flash)).includes(toHex(bytes));

/** A store that has been round its five pages of 256 bytes: pages 3, 4 and 5 hold the latest. */
function usedFlash(): MemoryFlash {
  const flash = new MemoryFlash(geometry, endurance);
  Store.format(flash);
  const store = open(flash);
  store.commit([{ key: pin, value: new Uint8Array(16).fill(0xaa) }]);
  for (let i = 1; i <= 150; i++) store.commit([{ key: hits, count: i }]);
  return flash;
}

function open(flash: MemoryFlash | TornFlash): Store {
  const opened = Store.open(flash);
  if (!opened.ok) throw new Error(opened.detail);
  return opened.value;
}

/** Cuts the power in an operation of a commit; gives the flash as it was left. */
function cutIn(
  operation: number,
  pattern: (bit: number, count: number) => boolean,
  work: (store: Store) => void,
) {
  const memory = usedFlash();
  const flash = new TornFlash(memory);
  const store = open(flash);
  flash.cutAt(operation, pattern);
  expect(() => work(store)).toThrow(PowerCut);
  return memory;
}

const count151 = (store: Store) => store.commit([{ key: hits, count: 151 }]);

test('a commit whose mark has not a bit has not happened, however whole it is', () => {
  const flash = cutIn(2, () => false, count151);
  expect(open(flash).count(hits)).toBe(150);
});

test('a commit whose mark has a single bit has happened', () => {
  for (let bit = 0; bit < 8; bit++) {
    const flash = cutIn(2, (each) => each === bit, count151);
    expect(open(flash).count(hits)).toBe(151);
    // The mark is whole from then on.
    const image = imageOf(flash);
    open(flash);
    expect(equalBytes(imageOf(flash), image)).toBe(true);
  }
});

test('a torn frame is zeroed to the end of its page, and the next commit takes another page', () => {
  const flash = cutIn(1, (bit) => bit % 2 === 0, count151);
  const { erases } = flash.wear;
  const store = open(flash);
  expect(flash.wear.erases).toEqual(erases);
  const [closed] = [1, 2, 3, 4, 5].filter((page) =>
    flash.read(page * 256 + 254, 2).every((byte) => byte === 0),
  );
  expect(closed).toBeDefined();
  const image = imageOf(flash);
  store.commit([{ key: hits, count: 151 }]);
  const at = (closed as number) * 256;
  expect(equalBytes(flash.read(at, 256), image.slice(at, at + 256))).toBe(true);
  expect(open(flash).count(hits)).toBe(151);
});

test('a boot after a clean end writes nothing', () => {
  const flash = usedFlash();
  const { programs, erases } = flash.wear;
  for (let i = 0; i < 3; i++) open(flash);
  expect(flash.wear).toMatchObject({ programs, erases });
});

test('a secret that a torn commit was to store is not left behind', () => {
  const secret = Uint8Array.from({ length: 16 }, (_, i) => 0x11 + i);
  const flash = cutIn(
    2,
    () => false,
    (store) => store.commit([{ key: pin, value: secret }]),
  );
  expect(includes(flash, secret)).toBe(true);
  expect(open(flash).get(pin)).toEqual(new Uint8Array(16).fill(0xaa));
  expect(includes(flash, secret.subarray(0, 8))).toBe(false);
});

test('a commit of several pages that lacks its last is no commit, and its secrets are wiped', () => {
  const secret = Uint8Array.from({ length: 16 }, (_, i) => 0x11 + i);
  const commit = (store: Store) =>
    store.commit([
      { key: pin, value: secret },
      ...areas.map((key) => ({ key, value: new Uint8Array(48) })),
    ]);
  let seen = 0;
  for (let operation = 1; operation < 30; operation++) {
    const memory = usedFlash();
    const flash = new TornFlash(memory);
    const store = open(flash);
    flash.cutAt(operation, () => false);
    try {
      commit(store);
      break;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    const recovered = open(memory);
    if (areas.every((key) => recovered.get(key) !== undefined)) continue;
    seen++;
    expect(areas.map((key) => recovered.get(key))).toEqual(areas.map(() => undefined));
    expect(recovered.get(pin)).toEqual(new Uint8Array(16).fill(0xaa));
    expect(includes(memory, secret.subarray(0, 8))).toBe(false);
  }
  expect(seen).toBeGreaterThan(5);
});

test('however often the power goes while the last free page is in use, one is free again', () => {
  const memory = usedFlash();
  const flash = new TornFlash(memory);
  for (let cut = 0; cut < 2_000; cut++) {
    const store = open(flash);
    const next = store.count(hits) + 1;
    flash.cutAt(1 + (cut % 5), (bit) => bit % 3 === cut % 3);
    try {
      store.commit([{ key: hits, count: next }]);
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    flash.powerOn();
  }
  const store = open(memory);
  expect(store.commit([{ key: hits, count: 10_000 }]).ok).toBe(true);
  expect(store.get(pin)).toEqual(new Uint8Array(16).fill(0xaa));
});

/** Pages in use, the oldest first. */
function pagesInUse(image: Uint8Array): Uint8Array[] {
  const sequenceOf = (page: Uint8Array) => new DataView(page.buffer, page.byteOffset).getUint32(4);
  return [1, 2, 3, 4, 5]
    .map((page) => image.subarray(page * 256, (page + 1) * 256))
    .filter((page) => page[0] === 0x4c)
    .sort((a, b) => sequenceOf(a) - sequenceOf(b));
}

/** What no power cut leaves, and what is said of it. */
const refusals: readonly [string, (pages: Uint8Array[], image: Uint8Array) => void, RegExp][] = [
  ['erased', (_pages, image) => image.fill(0xff), /it has no store/],
  ['all zeros', (_pages, image) => image.fill(0), /it has no store/],
  ['without its oldest page', ([oldest]) => oldest!.fill(0xff), /page \d is missing/],
  ['without a page in the middle', ([, middle]) => middle!.fill(0), /page \d is missing/],
  ['with a page twice', ([one, two]) => two!.set(one!), /page \d is missing/],
  ['with half a header', ([, page]) => page!.fill(0, 0, 6), /page \d is missing/],
  ['with a frame changed', ([page]) => page!.fill(0x55, 20, 21), /page \d is damaged/],
  ['with half a mark in the middle', ([page]) => page!.fill(1, 12, 13), /page \d is damaged/],
  ['with an old page that was not closed', ([page]) => page!.fill(0, 255), /page \d is damaged/],
  ['with a secret changed', (pages) => changeSecret(pages), /page \d is damaged/],
  ['with no page free', (pages) => claimOlder(pages.at(-1) as Uint8Array), /in disorder/],
  [
    'with a page that knows an older one',
    ([, page]) => claimOlder(page as Uint8Array),
    /in disorder/,
  ],
];

function changeSecret(pages: readonly Uint8Array[]): void {
  for (const page of pages) {
    const at = Buffer.from(page).indexOf(Buffer.alloc(16, 0xaa));
    if (at >= 0) page[at + 3] = 0xab;
  }
}

/** Has a page say that one more was in use when it was taken. */
function claimOlder(page: Uint8Array): void {
  const { sequence, oldest } = readHeader(page) as PageHeader;
  page.set(encodeHeader({ sequence, oldest: oldest - 1 }));
}

test.each(refusals)('a store %s is refused, and not touched', (_name, change, detail) => {
  const image = imageOf(usedFlash());
  change(pagesInUse(image), image);
  const flash = new MemoryFlash(geometry, { image });
  expect(Store.open(flash)).toEqual({
    ok: false,
    code: 'FLASH_INVALID',
    detail: expect.stringMatching(detail),
  });
  expect(equalBytes(imageOf(flash), image)).toBe(true);
});

test('something in a page that no power cut can have reached is refused', () => {
  const flash = new MemoryFlash(geometry);
  Store.format(flash);
  for (const [page, offset, refused] of [
    // The next page to be taken: in its header, and behind it.
    [2, 5, false],
    [2, 12, true],
    [3, 0, true],
    [4, 200, true],
    // Where the oldest page was last.
    [5, 200, false],
  ] as const) {
    const changed = new MemoryFlash(geometry, { image: imageOf(flash) });
    changed.program(page * 256 + offset, Uint8Array.of(0));
    const opened = Store.open(changed);
    expect(opened.ok, `page ${page}, byte ${offset}`).toBe(!refused);
    // What can be the trace of a cut is removed.
    if (!refused) expect(equalBytes(imageOf(changed), imageOf(flash))).toBe(true);
  }
});
