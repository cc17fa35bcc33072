import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** Starts a program on the dongle in that port; gives what it says of its seat. */
async function start(port: LoopbackPort): Promise<{ child: ChildProcess; told: unknown }> {
  const child = fork(program, [join(root, 'state')], { execArgv: [] });
  children.add(child);
  const link = await port.source('hid').open({
    packets({ buffer, offset, stride, packetBytes, count }) {
      const packets: number[] = [];
      for (let i = 0; i < count; i++) {
        const at = offset + i * stride;
        packets.push(...buffer.subarray(at, at + packetBytes));
      }
      if (child.connected) child.send(packets);
    },
    detached() {},
  });
  const told = await new Promise((resolve, reject) => {
    child.on('exit', () => reject(new Error('the program has ended')));
    child.on('message', (message) => {
      if (!Array.isArray(message)) {
        resolve(message);
        return;
      }
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
  });
  child.removeAllListeners('exit');
  return { child, told };
}

test('the seat of a program that was killed is free for the next one', {
  timeout: 60_000,
}, async () => {
  const flash = new MemoryFlash(largeFlash);
  const seats = [{ application: 200, seats: 1 }];
  await manufacture(flash, systemRandom, `LK-SEATS-${process.pid}`, { seats });
  const port = new LoopbackPort(new EmulatedDongle({ flash }));
  await port.plug();
  for (let life = 0; life < 3; life++) {
    const { child, told } = await start(port);
    expect(told).toEqual({ seatsLeft: 0 });
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  port.unplug();
});
