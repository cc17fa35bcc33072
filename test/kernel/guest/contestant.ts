import { rmSync, writeFileSync } from 'node:fs';
import { connect as connectTo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Dongle, DongleError, type DongleEvent } from '../../../src/node.ts';
import type { Order, OrderAnswer } from '../duel-orders.ts';
import { hidraws, outsideAddress, plug, until } from './plugs.ts';
import { trustEmulated } from './trust.ts';

// One of several machines that want the same dongle. It does what the test tells it.

const [machineId = '', control = ''] = process.argv.slice(2);

// It sees the files of the machine that it runs on, and is none of its containers.
rmSync('/etc/machine-id', { force: true });
writeFileSync('/etc/machine-id', `${machineId}\n`);
rmSync('/.dockerenv', { force: true });

const trust = await trustEmulated();
const events: { readonly kind: string; readonly atMs: number }[] = [];
let dongle: Dongle | undefined;

function opened(): Dongle {
  if (dongle === undefined) throw new Error('nothing is connected');
  return dongle;
}

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'plug':
      await plug(outsideAddress(), order.busId);
      return undefined;
    case 'await-unplugged':
      return until('no hidraw device', () => (hidraws().length === 0 ? true : undefined));
    case 'connect':
      events.length = 0;
      dongle = await connect({
        trust,
        face: 'hid',
        onEvent: ({ kind }: DongleEvent) => events.push({ kind, atMs: performance.now() }),
      });
      return dongle.epoch;
    case 'echo': {
      const data = Uint8Array.of(1, 2, 3);
      return [...(await opened().echo(data))];
    }
    case 'licensed':
      return opened().licensed;
    case 'await-event': {
      const beganMs = performance.now();
      while (performance.now() - beganMs < order.withinMs) {
        if (events.some(({ kind }) => kind === order.kind)) return performance.now() - beganMs;
        await delay(50);
      }
      throw new Error(`no ${order.kind} in ${order.withinMs} ms`);
    }
    case 'events':
      return events.map(({ kind }) => kind);
    case 'close':
      return opened().close();
    case 'finish':
      return undefined;
  }
}

async function answer(order: Order): Promise<OrderAnswer> {
  try {
    return { ok: true, value: await carryOut(order) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, code: error instanceof DongleError ? error.code : 'UNEXPECTED', message };
  }
}

const [host, port] = control.split(':');
const socket = connectTo({ host: host as string, port: Number(port) });
for await (const line of createInterface(socket)) {
  const order = JSON.parse(line) as Order;
  const said = await answer(order);
  console.log(`${process.uptime().toFixed(1)} s  ${line} -> ${JSON.stringify(said)}`);
  socket.write(`${JSON.stringify(said)}\n`);
  if (order.do === 'finish') break;
}
process.exit();
