import { expect, test } from 'vitest';
import { defaultRules } from '../../../src/emulator/firmware/ownership/index.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import {
  MemoryFlash,
  seededRandom,
  type TearPattern,
  TornFlash,
  VirtualClock,
} from '../../../src/emulator/index.ts';
import { seededTearPatterns } from '../../powercut/tear-patterns.ts';
import { createRandom, seed } from '../../support/seed.ts';
import { bootOwned, claimOf, keyOf, type Owned } from './device.ts';

/** Small pages, so that some of the commits begin one and reclaim another. */
const geometry = { pageBytes: 512, pageCount: 8 };

const patterns = seededTearPatterns(seed);

/** What hosts know for sure. */
interface Known {
  /** The runtime that was bound last, and its ticket. */
  name: string;
  ticket: Uint8Array | undefined;
  epoch: number;
  /** When the lockout ends, in powered time; undefined while there is none. */
  lockedUntilMs: number | undefined;
}

/** A step of the device's life. */
interface Step {
  /** Who binds in it. */
  readonly binds?: string;
  /** True when the device has acknowledged it. */
  run(device: Owned, known: Known): boolean;
}

function bindStep(name: string): Step {
  const run: Step['run'] = ({ registrar, ledger }, known) => {
    const ticket = known.name === name ? known.ticket : undefined;
    const decision = registrar.decide(keyOf(name), claimOf(name, ticket, ledger.now()));
    if (decision.kind === 'refused') {
      expect(decision.refusal.outcome).toBe('lockedOut');
      known.lockedUntilMs ??= ledger.now() + decision.refusal.waitMs;
      return true;
    }
    if (decision.kind === 'error') return false;
    expect(decision.acceptance.epoch).toBeGreaterThan(known.epoch);
    Object.assign(known, { name, ...decision.acceptance });
    return true;
  };
  return { binds: name, run };
}

const use: Step = { run: ({ registrar }) => registrar.renew() };
const leave: Step = { run: ({ registrar }) => registrar.leave() };
const handOver: Step = { run: ({ registrar }) => registrar.handOver(keyOf('heir')) };

/** Every kind of commit of the firmware's own; the last binding is one takeover too many. */
const steps: readonly Step[] = [
  ...[bindStep('a'), use, bindStep('a'), use, handOver, bindStep('heir'), use, leave],
  ...Array.from({ length: 12 }, (_, i) => [bindStep(i % 2 === 0 ? 'a' : 'b'), use, leave]).flat(),
];

interface Life {
  readonly flash: TornFlash;
  readonly clock: VirtualClock;
  readonly known: Known;
  readonly device: Owned;
  /** The step in the middle of which the power went. */
  readonly torn: Step | undefined;
}

/** Lives until the power is cut in that operation of the flash, or to the end. */
function live(operation: number, pattern: TearPattern): Life {
  const cells = new MemoryFlash(geometry);
  Store.format(cells);
  const flash = new TornFlash(cells);
  const clock = new VirtualClock();
  const known: Known = { name: '', ticket: undefined, epoch: 0, lockedUntilMs: undefined };
  const device = bootOwned(flash, clock, { random: seededRandom(seed) });
  flash.cutAt(operation, pattern);
  for (const step of steps) {
    if (known.lockedUntilMs !== undefined) break;
    if (!step.run(device, known)) return { flash, clock, known, device, torn: step };
  }
  return { flash, clock, known, device, torn: undefined };
}

test.each(patterns)(
  `whenever the power goes, ownership is whole: %s is torn, SEED=${seed}`,
  (_, pattern) => {
    let cuts = 0;
    for (let operation = 1; ; operation++) {
      const { flash, clock, known, device, torn } = live(operation, pattern);
      if (flash.powered) {
        expect(torn).toBeUndefined();
        expect(known.lockedUntilMs).toBeDefined();
        break;
      }
      cuts++;
      expect(device.power.on).toBe(false);
      flash.powerOn();
      const again = bootOwned(flash, clock);
      // The epoch that a host has heard of never comes again.
      const decision = again.registrar.decide(keyOf(known.name), claimOf(known.name, known.ticket));
      if (decision.kind === 'refused') {
        // It may be the lockout whose verdict nobody has heard.
        expect(decision.refusal).toEqual({ outcome: 'lockedOut', waitMs: defaultRules.lockoutMs });
      } else {
        if (decision.kind !== 'accepted')
          throw new Error(`operation ${operation}: ${decision.code}`);
        expect(decision.acceptance.epoch).toBeGreaterThan(known.epoch);
        // Unless another may have bound meanwhile, the last ticket that was heard of is good.
        if ((torn?.binds ?? known.name) === known.name) {
          expect(again.sessions.ended, `operation ${operation}`).not.toContain('BINDING_LOST');
        }
      }
    }
    expect(cuts).toBeGreaterThan(80);
  },
);

test(`a lockout is never shortened by power cuts, and each adds a second at most, SEED=${seed}`, async () => {
  const random = createRandom(seed);
  const { flash, clock, known, device } = live(1_000_000, () => false);
  const begin = device.ledger.now();
  expect(known.lockedUntilMs).toBe(begin + defaultRules.lockoutMs);
  let current = device;
  let poweredMs = 0;
  let cuts = 0;
  while (current.registrar.lockedMs > 0) {
    const ms = random.below(20_000);
    const tears = random.below(3) === 0;
    // Some cuts come while the time is being written down.
    if (tears) flash.cutAt(1 + random.below(40), () => random.below(2) === 0);
    const lockedMs = current.registrar.lockedMs;
    let lastedMs = 0;
    while (lastedMs < ms && current.power.on && current.registrar.lockedMs > 0) {
      await clock.advance(1);
      lastedMs++;
    }
    poweredMs += lastedMs;
    if (current.registrar.lockedMs === 0 && current.power.on) break;
    current.power.cut();
    cuts++;
    await clock.advance(random.below(100_000));
    flash.powerOn();
    current = bootOwned(flash, clock);
    expect(current.registrar.lockedMs).toBeGreaterThanOrEqual(lockedMs - lastedMs);
    expect(current.registrar.lockedMs).toBeLessThanOrEqual(lockedMs - lastedMs + 1000);
  }
  expect(cuts).toBeGreaterThan(5);
  expect(poweredMs).toBeGreaterThanOrEqual(defaultRules.lockoutMs);
  expect(poweredMs).toBeLessThanOrEqual(defaultRules.lockoutMs + cuts * 1000);
}, 30_000);
