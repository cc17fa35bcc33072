import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { holdDongle } from '../../src/host/runtime-lock.ts';
import { bundle } from '../support/bundle.ts';

let program: string;
const children: ChildProcess[] = [];
let serial = '';
let count = 0;

beforeAll(async () => {
  program = await bundle('lock-holder', 'test/host/lock-holder.ts');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that holds a dongle of its own for each test. */
async function holder(): Promise<ChildProcess> {
  serial = `LK-LOCK-${process.pid}-${count++}`;
  const child = spawn(process.execPath, [program, serial], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return child;
}

test('another program is refused, and told who has the dongle', async () => {
  const child = await holder();
  await expect(holdDongle(serial)).rejects.toMatchObject({
    code: 'IN_USE',
    message: `Dongle ${serial} is in use by another program of this machine (process ${child.pid}, node lock-holder.mjs); end it and try again.`,
  });
  await expect(holdDongle(serial)).rejects.toMatchObject({ code: 'IN_USE' });
  const other = await holdDongle(`${serial}-other`);
  other();
});

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'the lock is free when its holder dies by %s',
  async (signal) => {
    const child = await holder();
    child.kill(signal);
    await once(child, 'exit');
    const release = await holdDongle(serial);
    release();
  },
);

test('the lock does not keep a program alive, and goes with it', async () => {
  const child = await holder();
  child.stdin?.end();
  expect(await once(child, 'exit')).toEqual([0, null]);
  (await holdDongle(serial))();
});

test('one program may hold a dongle several times, and lets go with the last', async () => {
  serial = `LK-LOCK-${process.pid}-${count++}`;
  const [first, second] = await Promise.all([holdDongle(serial), holdDongle(serial)]);
  first();
  first();
  expect(await outcomeOf(serial)).toMatch(new RegExp(`IN_USE .*process ${process.pid}, `));
  second();
  expect(await outcomeOf(serial)).toBe('held');
  const third = await holdDongle(serial);
  third();
  const fourth = await holdDongle(serial);
  fourth();
});

/** What another process gets when it tries. */
async function outcomeOf(which: string): Promise<string> {
  const child = spawn(process.execPath, [program, which], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const exited = once(child, 'exit');
  const [text] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  await exited;
  return String(text).trim();
}

/** Somebody else has the name of the lock. */
async function squat(answer: (server: Server) => void): Promise<Server> {
  serial = `LK-LOCK-${process.pid}-${count++}`;
  const hash = createHash('sha256').update(`latchkey lock ${serial}`).digest('hex').slice(0, 32);
  const server = createServer();
  answer(server);
  await new Promise<void>((resolve) => server.listen(`\0latchkey-${hash}`, resolve));
  return server;
}

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux.each<[string, string | undefined]>([
  ['says nothing', undefined],
  ['says nonsense', 'nonsense'],
  ['says something else', '{"pid":"1","command":7}'],
  ['does not end', '{'.repeat(5000)],
])('a holder that %s is ignored, after half a second at most', async (_name, answer) => {
  const server = await squat((each) =>
    each.on('connection', (socket) => {
      socket.on('error', () => {});
      if (answer !== undefined) socket.write(answer);
      if (answer === 'nonsense' || answer?.startsWith('{"')) socket.end();
    }),
  );
  const release = await holdDongle(serial);
  release();
  server.close();
});

onLinux('what a holder says of itself reaches nobody’s terminal as it is', async () => {
  const server = await squat((each) =>
    each.on('connection', (socket) => {
      socket.end(JSON.stringify({ pid: 7, command: `\u001b[2J${'x'.repeat(200)}` }));
    }),
  );
  await expect(holdDongle(serial)).rejects.toMatchObject({
    message: expect.stringMatching(/\(process 7, \?\[2Jx{76}\); end it/),
  });
  server.close();
});
