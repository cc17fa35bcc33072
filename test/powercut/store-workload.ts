import type { FlashGeometry } from '../../src/emulator/board/flash.ts';
import type { Change, StoreKey } from '../../src/emulator/firmware/store/store-key.ts';
import type { Random } from '../support/seed.ts';
import type { Step, Workload } from './workload.ts';

/** What a workload of the store is made of, beside the flash. */
interface Sizes {
  readonly steps: number;
  readonly share: number;
  /** The sizes of all values follow from it. */
  readonly unitBytes: number;
  /** Values of up to four units. */
  readonly areas: number;
}

/**
 * Every kind of commit: one value, several keys at once, counters, secrets set, replaced and removed,
 * removals, more than a page at once, more than there is space for, and nothing; often enough to go
 * round the ring several times, and so that each follows each.
 */
export function storeWorkload(name: string, geometry: FlashGeometry, sizes: Sizes): Workload {
  return {
    name,
    geometry,
    share: sizes.share,
    steps(random) {
      const kinds = stepKinds(geometry, sizes);
      const steps = [keep(sizes, random)];
      while (steps.length < sizes.steps) {
        for (const kind of shuffled(kinds, random)) steps.push(kind(random));
      }
      return steps.slice(0, sizes.steps);
    },
  };
}

/** What is stored once and stays: it is copied whenever its page is reclaimed. */
function keep({ unitBytes }: Sizes, random: Random): Step {
  const keys = keysOf(3, 500, 'value', 2 * unitBytes);
  const changes = keys.map((key) => ({ key, value: random.bytes(key.maxBytes) }));
  return (store) => {
    store.commit(changes);
  };
}

type StepKind = (random: Random) => Step;

function stepKinds({ pageBytes, pageCount }: FlashGeometry, sizes: Sizes): readonly StepKind[] {
  const { unitBytes } = sizes;
  const time = keyOf(1, 'powered time', 'value', 6);
  const label = keyOf(2, 'label', 'value', unitBytes);
  const counters = keysOf(2, 10, 'counter', 6);
  const secrets = keysOf(3, 0xff00, 'secret', Math.min(2 * unitBytes, 64));
  const areas = keysOf(sizes.areas, 100, 'value', 4 * unitBytes);
  const tooMany = keysOf(
    Math.ceil((pageBytes * pageCount) / unitBytes / 4),
    1000,
    'value',
    unitBytes * 4,
  );

  const filled = (key: StoreKey, random: Random) => ({ key, value: random.bytes(key.maxBytes) });
  const someLong = (key: StoreKey, random: Random) => ({
    key,
    value: random.bytes(random.below(key.maxBytes + 1)),
  });
  const removed = (key: StoreKey) => ({ key, remove: true }) as const;
  const commits =
    (make: (random: Random) => readonly Change[]): StepKind =>
    (random) => {
      const changes = make(random);
      return (store) => {
        store.commit(changes);
      };
    };
  const counts =
    (more: (random: Random) => readonly Change[]): StepKind =>
    (random) => {
      const key = random.pick(counters);
      const by = 1 + random.below(300);
      const others = more(random);
      return (store) => {
        store.commit([...others, { key, count: store.count(key) + by }]);
      };
    };

  return [
    commits((random) => [filled(time, random)]),
    commits((random) => [someLong(label, random)]),
    counts(() => []),
    counts(() => []),
    counts((random) => [filled(time, random), filled(random.pick(secrets), random)]),
    commits((random) => [filled(random.pick(secrets), random)]),
    commits((random) => secrets.map((key) => filled(key, random))),
    commits((random) => [removed(random.pick(secrets))]),
    commits((random) => [removed(random.pick(secrets)), someLong(random.pick(areas), random)]),
    commits((random) => [someLong(random.pick(areas), random)]),
    commits((random) => areas.map((key) => filled(key, random))),
    commits((random) => [...secrets, ...areas, time].map((key) => filled(key, random))),
    commits((random) => shuffled(areas, random).slice(0, 3).map(removed)),
    commits(() => [...secrets, ...areas, label].map(removed)),
    commits((random) => tooMany.map((key) => filled(key, random))),
    commits((random) => [removed(random.pick(counters)), filled(time, random)]),
    commits(() => [removed(keyOf(3, 'never set', 'value', 1))]),
    commits(() => []),
  ];
}

function keyOf(id: number, name: string, kind: StoreKey['kind'], maxBytes: number): StoreKey {
  return { id, name, kind, maxBytes };
}

function keysOf(
  count: number,
  firstId: number,
  kind: StoreKey['kind'],
  maxBytes: number,
): StoreKey[] {
  return Array.from({ length: count }, (_, i) =>
    keyOf(firstId + i, `${kind} ${i}`, kind, maxBytes),
  );
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [out[i], out[other]] = [out[other] as Item, out[i] as Item];
  }
  return out;
}
