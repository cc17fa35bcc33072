import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultRules } from '../../src/emulator/firmware/ownership/index.ts';
import {
  EmulatedDongle,
  LoopbackPort,
  largeFlash,
  MemoryFlash,
  manufacture,
  systemRandom,
} from '../../src/emulator/index.ts';
import { bundle } from '../support/bundle.ts';

let program: string;
let root: string;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  program = await bundle('seat-holder', 'test/host/seat-holder.ts');
  root = mkdtempSync(join(tmpdir(), 'latchkey-seats-'));
});

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(root, { recursive: true });
});

/** A program on the dongle in that port. */
class Program {
  readonly #child: ChildProcess;
  /** What it has said that nobody has asked for yet. */
  readonly #said: object[] = [];
  #hears = () => {};
  /** What has happened to its session. */
  readonly events: string[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: object) => {
      if (Array.isArray(message)) return;
      if ('kind' in message) this.events.push(String(message.kind));
      else this.#said.push(message);
      this.#hears();
    });
    child.on('exit', () => this.#hears());
  }

  /** What it says next. */
  async says(): Promise<object> {
    for (;;) {
      const message = this.#said.shift();
      if (message !== undefined) return message;
      if (this.#child.exitCode !== null) throw new Error('the program has ended');
      await new Promise<void>((resolve) => {
        this.#hears = resolve;
      });
    }
  }

  ask(order: 'take' | 'release'): Promise<object> {
    this.#child.send(order);
    return this.says();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  async close(): Promise<void> {
    this.#child.send('close');
    await once(this.#child, 'exit');
  }
}

/** Starts a program on the dongle in that port. */
async function start(port: LoopbackPort, state = 'state'): Promise<Program> {
  const child = fork(program, [join(root, state)], { execArgv: [] });
  children.add(child);
  const link = await port.source('hid').open({
    packets({ buffer, offset, stride, packetBytes, count }) {
      const packets: number[] = [];
      for (let i = 0; i < count; i++) {
        const at = offset + i * stride;
        packets.push(...buffer.subarray(at, at + packetBytes));
      }
      if (child.connected) child.send(packets, () => {});
    },
    detached() {},
  });
  child.on('message', (message) => {
    if (!Array.isArray(message)) return;
    const { headroomBytes, packetBytes } = link;
    const count = message.length / packetBytes;
    const stride = headroomBytes + packetBytes;
    const buffer = new Uint8Array(count * stride);
    for (let i = 0; i < count; i++) {
      const packet = message.slice(i * packetBytes, (i + 1) * packetBytes);
      buffer.set(packet, i * stride + headroomBytes);
    }
    void link.send({ buffer, offset: headroomBytes, stride, packetBytes, count });
  });
  return new Program(child);
}

const leaseMs = 2_000;

/** A dongle with so many seats at application 200. */
async function plugged(seats: number): Promise<LoopbackPort> {
  const flash = new MemoryFlash(largeFlash);
  await manufacture(flash, systemRandom, `LK-SEATS-${process.pid}-${seats}`, {
    seats: [{ application: 200, seats }],
    rules: { ...defaultRules, leaseMs },
  });
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  return port;
}

test('the seat of a program that was killed is free for the next one', {
  timeout: 60_000,
}, async () => {
  const port = await plugged(1);
  for (let life = 1; life <= 3; life++) {
    const program = await start(port);
    expect(await program.says()).toEqual({ epoch: life });
    expect(await program.ask('take')).toEqual({ seatsLeft: 0 });
    await program.kill();
  }
  port.unplug();
});

test('several programs have their seats at the same time, without a bridge', {
  timeout: 60_000,
}, async () => {
  const port = await plugged(2);
  const programs = await Promise.all([start(port), start(port), start(port)]);
  const [a, b, c] = programs as [Program, Program, Program];
  // They came at the same time, and are one binding.
  for (const program of programs) expect(await program.says()).toEqual({ epoch: 1 });
  expect(await a.ask('take')).toEqual({ seatsLeft: 1 });
  expect(await b.ask('take')).toEqual({ seatsLeft: 0 });
  expect(await c.ask('take')).toEqual({ refused: 'SEATS_TAKEN' });
  // Once more for the same program is the same seat.
  expect(await a.ask('take')).toEqual({ seatsLeft: 0 });
  await a.ask('release');
  expect(await c.ask('take')).toEqual({ refused: 'SEATS_TAKEN' });
  await a.ask('release');
  expect(await c.ask('take')).toEqual({ seatsLeft: 0 });

  // Whoever ends gives back at once, though it had the dongle first.
  await a.close();
  const d = await start(port);
  expect(await d.says()).toEqual({ epoch: 1 });
  expect(await d.ask('take')).toEqual({ refused: 'SEATS_TAKEN' });
  await c.close();
  expect(await d.ask('take')).toEqual({ seatsLeft: 0 });

  // Whoever dies gives back as soon as the dongle has not heard of it for a lease.
  await b.kill();
  const diedMs = performance.now();
  const e = await start(port);
  expect(await e.says()).toEqual({ epoch: 1 });
  await expect
    .poll(() => e.ask('take'), { timeout: 20_000, interval: 100 })
    .toEqual({ seatsLeft: 0 });
  expect(performance.now() - diedMs).toBeGreaterThan(leaseMs / 2);
  for (const program of [...programs, d, e]) {
    expect(program.events.filter((kind) => kind !== 'bound')).toEqual([]);
  }

  // Another runtime is none of them.
  const stranger = await start(port, 'another');
  expect(await stranger.says()).toEqual({ refused: 'IN_USE' });
  expect(await d.ask('release')).toEqual({ released: true });
  expect(await d.ask('take')).toEqual({ seatsLeft: 0 });
  port.unplug();
});
