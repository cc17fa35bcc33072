import type { Lease } from '../../src/client/lease.ts';
import { idOf } from './names.ts';
import { type Machine, monotonicMs, rules, type World, wallMs } from './world.ts';

/** An age beyond this makes no difference any more to whatever looks at it. */
const oldest = {
  answer: 8_000,
  sending: 3_501,
  disagreement: 1_001,
  stall: 3_500,
  sleep: 1_001,
} as const;

/**
 * A number of 53 bits that two worlds share when nothing that may happen can tell them apart: times
 * count from now, and no further than they matter; tickets and instances are numbered in the order
 * in which they occur.
 */
export function fingerprint(world: World): number {
  const sum = new Sum();
  const { device, observed, attached } = world;
  const { ownership } = device;
  const since = (atMs: number | undefined, limitMs: number) =>
    atMs === undefined ? -1 : Math.min(device.nowMs - atMs, limitMs + 1);
  const left = (untilMs: number) => Math.max(0, untilMs - device.nowMs);

  const { binding, handover } = ownership;
  const epoch = binding?.epoch ?? 0;
  sum.add(binding === undefined ? 0 : 1);
  if (binding !== undefined) {
    sum.add(idOf(binding.key));
    sum.add(idOf(binding.machine[0] as Uint8Array));
    sum.name(idOf(binding.instance));
    sum.name(idOf(binding.ticket));
    sum.name(binding.previousTicket === undefined ? undefined : idOf(binding.previousTicket));
  }
  sum.add(ownership.confirmedEpoch === epoch ? 1 : 0);
  sum.add(ownership.endedEpoch === epoch ? 1 : 0);
  const names = handover !== undefined && handover.epoch === epoch && left(handover.untilMs) > 0;
  sum.add(names ? idOf(handover.key) : 0);
  sum.add(names ? left(handover.untilMs) : 0);
  for (const { atMs, afterEnd } of ownership.takeovers) {
    const ageMs = since(atMs, rules.allTakeovers.withinMs);
    if (ageMs > rules.allTakeovers.withinMs) continue;
    sum.add(ageMs);
    sum.add(afterEnd ? 1 : 0);
  }
  sum.add(-2);
  for (const { atMs, wallMs: attachWallMs } of ownership.attaches) {
    sum.add(since(atMs, rules.attaches.withinMs));
    for (const machine of world.machines) {
      const wallAgeMs = wallMs(world, machine) - attachWallMs;
      const limitMs = rules.attaches.withinMs + 1;
      sum.add(Math.max(-limitMs, Math.min(wallAgeMs, limitMs)));
    }
  }
  sum.add(-2);
  sum.add(left(ownership.lockedUntilMs));
  sum.add(left(ownership.leaseUntilMs));
  sum.add(ownership.attachCounted ? 1 : 0);
  for (const atMs of ownership.strangers) sum.add(since(atMs, rules.strangers.withinMs));
  sum.add(-2);
  sum.add(left(ownership.sharedUntilMs));
  sum.add(device.nowMs - device.storedMs);
  for (const each of device.bindings) {
    sum.add(each.machine * 2 + each.process);
    sum.add(each.sessions);
    sum.name(each.instance);
    sum.add(each.attachment === attached[each.machine] ? 1 : 0);
  }
  sum.add(-2);

  for (const [i, machine] of world.machines.entries()) {
    sum.add(attached[i] === 0 ? 0 : 1);
    addMachine(sum, world, machine, attached[i] as number);
  }
  sum.add(world.isCutOff ? 1 : 0);
  const { snapshot } = world;
  sum.add(snapshot === undefined ? 0 : 1);
  if (snapshot !== undefined) {
    sum.add(snapshot.key);
    sum.name(snapshot.ticket);
    for (const instance of snapshot.instances) sum.name(instance);
  }

  sum.add(observed.key ?? 0);
  sum.name(observed.ticket);
  sum.name(observed.lastTicket);
  sum.add(observed.machine);
  sum.add(since(observed.heardMs, rules.leaseMs));
  sum.add(observed.gaveUp ? 1 : 0);
  const { heir, locked, shared } = observed;
  sum.add(heir !== undefined && left(heir.untilMs) > 0 ? heir.key : 0);
  sum.add(heir === undefined ? 0 : left(heir.untilMs));
  sum.add(observed.epoch - epoch);
  for (const { atMs } of observed.takeovers) sum.add(since(atMs, rules.allTakeovers.withinMs));
  sum.add(-2);
  for (const { atMs } of observed.attaches) sum.add(since(atMs, rules.attaches.withinMs));
  sum.add(observed.attachSeen ? 1 : 0);
  for (const atMs of observed.strangers) sum.add(since(atMs, rules.strangers.withinMs));
  sum.add(-2);
  sum.add(shared === undefined ? -1 : Math.min(shared.poweredMs, rules.sharedMs));
  sum.add(locked === undefined ? -1 : locked.cuts);
  sum.add(locked === undefined ? -1 : Math.min(locked.poweredMs, rules.lockoutMs + 60_000));
  return sum.value;
}

function addMachine(sum: Sum, world: World, machine: Machine, attachment: number): void {
  const { asleepMs, key, id, ticket, processes } = machine;
  sum.add(asleepMs === undefined ? -1 : Math.min(world.nowMs - asleepMs, oldest.sleep));
  sum.add(key);
  sum.add(id);
  sum.name(ticket);
  for (const { stoppedMs, instance, superseded, binding, unheard } of processes) {
    sum.add(stoppedMs === undefined ? -1 : Math.min(world.nowMs - stoppedMs, oldest.stall));
    sum.name(instance);
    sum.add((superseded ? 1 : 0) + (unheard === undefined ? 0 : 2 + unheard.length));
    sum.add(binding === undefined ? 0 : binding.sessions);
    if (binding === undefined) continue;
    sum.add(binding.attachment === attachment ? 1 : 0);
    addLease(sum, binding.lease, monotonicMs(world, machine), wallMs(world, machine));
  }
}

function addLease(sum: Sum, { answered, sentMs }: Lease, nowMs: number, wall: number): void {
  const passedMs = nowMs - answered.atMs;
  const disagreementMs = wall - answered.wallMs - passedMs;
  const { disagreement } = oldest;
  sum.add(Math.min(passedMs, oldest.answer));
  sum.add(Math.max(-disagreement, Math.min(disagreementMs, disagreement)));
  sum.add(Math.min(nowMs - sentMs, oldest.sending));
}

/** Two sums of 32 bits over numbers, of which 53 bits are used. */
class Sum {
  #high = 0x811c9dc5;
  #low = 0x1234567;
  readonly #names: number[] = [];

  add(number: number): void {
    this.#high = Math.imul(this.#high ^ number, 0x01000193);
    this.#high ^= this.#high >>> 15;
    this.#low = Math.imul(this.#low ^ (number + 0x9e3779b9), 0x85ebca6b);
    this.#low ^= this.#low >>> 13;
  }

  /** Adds which name this is, not what it is. */
  name(id: number | undefined): void {
    if (id === undefined) {
      this.add(-1);
      return;
    }
    let place = this.#names.indexOf(id);
    if (place < 0) place = this.#names.push(id) - 1;
    this.add(place);
  }

  get value(): number {
    return (this.#high >>> 0) * 0x20_0000 + (this.#low >>> 11);
  }
}
