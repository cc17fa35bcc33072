import { expect, test } from 'vitest';
import { toHex } from '../../../src/bytes.ts';
import { Store } from '../../../src/emulator/firmware/store/store.ts';
import type { StoreKey } from '../../../src/emulator/firmware/store/store-key.ts';
import { MemoryFlash, VirtualClock } from '../../../src/emulator/index.ts';
import { bootOwned, claimOf, keyOf, type Owned } from './device.ts';

function newDevice(flash = new MemoryFlash()): { flash: MemoryFlash; device: Owned } {
  Store.format(flash);
  return { flash, device: bootOwned(flash, new VirtualClock()) };
}

function bind({ registrar }: Owned, name: string, ticket?: Uint8Array): Uint8Array {
  const decision = registrar.decide(keyOf(name), claimOf(name, ticket));
  if (decision.kind !== 'accepted') throw new Error(`the claim is ${decision.kind}`);
  return decision.acceptance.ticket as Uint8Array;
}

/** Fills the store with what it takes of values of so many bytes. */
function fill(flash: MemoryFlash, bytes: number): StoreKey[] {
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  const keys: StoreKey[] = [];
  for (;;) {
    const key = {
      id: 1000 + keys.length,
      name: 'filling',
      kind: 'value',
      maxBytes: bytes,
    } as const;
    if (!store.value.commit([{ key, value: new Uint8Array(bytes) }]).ok) return keys;
    keys.push(key);
  }
}

test('a binding that there is no room for is refused, and the next works when there is', () => {
  const { flash } = newDevice();
  const filling = [...fill(flash, 64), ...fill(flash, 1)];
  const full = bootOwned(flash, new VirtualClock());
  const decision = full.registrar.decide(keyOf('a'), claimOf('a'));
  expect(decision).toEqual({ kind: 'error', code: 'HANDSHAKE_REFUSED' });
  expect(full.power.on).toBe(true);
  const store = Store.open(flash);
  if (!store.ok) throw new Error(store.detail);
  store.value.commit(filling.slice(0, 10).map((key) => ({ key, remove: true })));
  expect(bind(bootOwned(flash, new VirtualClock()), 'a')).toHaveLength(16);
});

test('neither keys nor tickets are in the flash as they are', () => {
  const { flash, device } = newDevice();
  const ticket = bind(device, 'a');
  const image = toHex(flash.read(0, flash.pageBytes * flash.pageCount));
  expect(image).toContain(toHex(claimOf('a').instance));
  expect(image).not.toContain(toHex(ticket));
  expect(image).not.toContain(toHex(keyOf('a')));
});

test('what changes nothing that lasts is not written', () => {
  const { flash, device } = newDevice();
  bind(device, 'a');
  device.registrar.renew();
  const { programs } = flash.wear;
  device.registrar.renew();
  device.registrar.decide(keyOf('b'), claimOf('b'));
  expect(device.registrar.knocks).toBe(1);
  expect(flash.wear.programs).toBe(programs);
});

test('a binding is one commit', () => {
  const { flash, device } = newDevice();
  const { programs } = flash.wear;
  bind(device, 'a');
  // A body and its mark.
  expect(flash.wear.programs - programs).toBe(2);
});

test('a command that is being executed holds the lease, however long it takes', async () => {
  const flash = new MemoryFlash();
  Store.format(flash);
  const clock = new VirtualClock();
  const device = bootOwned(flash, clock);
  bind(device, 'a');
  device.sessions.executing = true;
  await clock.advance(3_600_000);
  expect(device.registrar.decide(keyOf('b'), claimOf('b'))).toMatchObject({
    kind: 'refused',
    refusal: { outcome: 'boundElsewhere', waitMs: 10_000 },
  });
});

test('a grant that a power cut has made longer gives no more than the cut does', async () => {
  for (const ownerReturns of [true, false]) {
    const { flash, device } = newDevice();
    const ticket = bind(device, 'a');
    device.registrar.renew();
    device.registrar.handOver(keyOf('heir'));
    device.power.cut();
    const clock = new VirtualClock();
    let cut = bootOwned(flash, clock);
    for (let i = 0; i < 5; i++) {
      await clock.advance(29_000);
      cut.power.cut();
      cut = bootOwned(flash, clock);
    }
    if (ownerReturns) bind(cut, 'a', ticket);
    const decision = cut.registrar.decide(keyOf('heir'), claimOf('heir'));
    expect(decision.kind).toBe(ownerReturns ? 'refused' : 'accepted');
  }
});
