import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { suite } from '#crypto';
import type { Hold, Invitation } from '../../src/client/runtime.ts';
import type { DhKey } from '../../src/crypto/suite.ts';
import { holdDongle } from '../../src/host/hold-dongle.ts';
import { bundle } from '../support/bundle.ts';
import { promised } from '../support/promised.ts';
import { hold, visitor } from './visitor.ts';

const ours = 'a1'.repeat(32);
const theirs = 'b2'.repeat(32);
const instance = new Uint8Array(16).fill(7);
const invitation: Invitation = { instance, invitation: new Uint8Array(16).fill(8) };

let program: string;
let key: DhKey;
let dongle = '';
let count = 0;
const ends: (() => void)[] = [];

beforeAll(async () => {
  program = await bundle('dongle-holder', 'test/host/dongle-holder.ts');
  key = await suite.importDhKey(new Uint8Array(32).fill(0xa1));
});

beforeEach(() => {
  dongle = `LK-HOLD-${process.pid}-${count++}`;
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Until the test is over. */
function during<Kept extends Hold>(held: Kept): Kept {
  ends.push(() => held.release());
  return held;
}

/** A program with that key that has come to the dongle. */
async function another(withKey: string, ...words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, dongle, withKey, ...words], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ends.push(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  expect(String(said)).toBe('held\n');
  return child;
}

describe('a program that has a dongle', () => {
  test('refuses those of another runtime, which are told who it is', async () => {
    const child = await another(theirs, 'invite');
    await expect(hold(dongle, key)).rejects.toMatchObject({
      code: 'IN_USE',
      message: `Dongle ${dongle} is in use by another program of this machine (process ${child.pid}, node dongle-holder.mjs), under another runtime; end it, or let both have one state folder.`,
    });
    await expect(hold(dongle, key)).rejects.toMatchObject({ code: 'IN_USE' });
    during(await hold(`${dongle}-other`, key));
  });

  test('invites those of its own', async () => {
    await another(ours, 'invite');
    expect(during(await hold(dongle, key)).invitation).toEqual(invitation);
    expect(during(await hold(dongle, key)).invitation).toEqual(invitation);
  });

  test('but without a session has no invitation, and is passed by', async () => {
    await another(ours);
    const parts = visitor(invitation);
    expect(during(await holdDongle(dongle, key, parts)).invitation).toBeUndefined();
    expect(during(await hold(dongle, key)).invitation).toEqual(invitation);
  });

  test('is found as long as one is left, and so for eight', async () => {
    const holds: Hold[] = [];
    for (let i = 0; i < 8; i++) {
      holds.push(during(await holdDongle(dongle, key, visitor(invitation))));
      expect(holds[i]?.invitation).toEqual(i === 0 ? undefined : invitation);
    }
    for (const held of holds.slice(0, 7)) held.release();
    expect(during(await hold(dongle, key)).invitation).toEqual(invitation);
    holds[7]?.release();
    holds[7]?.release();
    expect(during(await hold(dongle, key)).invitation).toBeUndefined();
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'has it no more when it dies by %s',
    async (signal) => {
      const child = await another(theirs);
      child.kill(signal);
      await once(child, 'exit');
      during(await hold(dongle, key));
    },
  );

  test('is not kept alive by that, nor by who is on the line', async () => {
    const child = await another(ours);
    const caller = connect(socketName('program 0'));
    await once(caller, 'data');
    child.stdin?.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(during(await hold(dongle, key)).invitation).toBeUndefined();
  });

  test('is a program of its own as a worker of a cluster', async () => {
    const cluster = await bundle('cluster-holder', 'test/host/cluster-holder.ts');
    const child = fork(cluster, [dongle], { execArgv: [] });
    ends.push(() => child.kill('SIGKILL'));
    const [invited] = await once(child, 'message');
    expect(invited).toBe(2);
  });

  test('that fails to get an invitation refuses, so that nobody takes the dongle from it', async () => {
    const invite = () => Promise.reject(new Error('no'));
    during(await holdDongle(dongle, key, visitor(undefined, { invite })));
    await expect(hold(dongle, key)).rejects.toMatchObject({ code: 'IN_USE' });
  });

  test('gives nothing to who has not the key, whatever he has overheard', async () => {
    let invited = 0;
    const invite = async () => {
      invited++;
      return invitation;
    };
    const heard = await overhear();
    during(await holdDongle(dongle, key, visitor(undefined, { invite })));
    const says = ['00'.repeat(48), 'zz', '', '7'];
    for (const said of says) expect(await answerTo(said)).toBe('refused');
    expect(await answerTo('ff'.repeat(2000))).toBe('nothing');
    expect(invited).toBe(0);
    expect(during(await hold(dongle, key)).invitation).toEqual(invitation);
    const [asked, answered] = [heard.asked.split('\n')[0], heard.answered.split('\n')[1]];
    expect(answered).toMatch(/^[0-9a-f]{160}$/);
    // The same question again: its answer is sealed to an ephemeral key that is gone.
    const again = await answerTo(asked as string);
    expect(again).toMatch(/^[0-9a-f]{160}$/);
    expect(again).not.toBe(answered);
    for (const secret of [invitation.instance, invitation.invitation]) {
      expect(heard.answered + again).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });
});

describe('a program that has given an invitation', () => {
  /** Resolves when the guest is decided about, as the host sees it. */
  async function host() {
    let decided = 'no';
    const parts = visitor(undefined, {
      async invite(_signal, over) {
        void over.then(() => {
          decided = 'yes';
        });
        return invitation;
      },
    });
    during(await holdDongle(dongle, key, parts));
    return { decided: () => decided };
  }

  test('waits until the dongle has decided', async () => {
    const { decided } = await host();
    const { promise, keep } = promised();
    during(await holdDongle(dongle, key, visitor(undefined, { decided: promise })));
    await delay(50);
    expect(decided()).toBe('no');
    keep();
    await expect.poll(decided).toBe('yes');
  });

  test('waits as long as that is good, when the guest says nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    ends.push(() => vi.useRealTimers());
    const { decided } = await host();
    const parts = visitor(undefined, { decided: new Promise(() => {}) });
    const held = holdDongle(dongle, key, parts);
    await expect.poll(() => vi.getTimerCount()).toBeGreaterThan(0);
    during(await held);
    vi.advanceTimersByTime(9_999);
    await new Promise(setImmediate);
    expect(decided()).toBe('no');
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await expect.poll(decided).toBe('yes');
  });

  test('hears when the guest does not want it any more', async () => {
    const asked = promised();
    let refused = false;
    const invite = (signal: AbortSignal) =>
      new Promise<undefined>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          refused = true;
          reject(signal.reason);
        });
        asked.keep();
      });
    during(await holdDongle(dongle, key, visitor(undefined, { invite })));
    const giveUp = new AbortController();
    const coming = holdDongle(dongle, key, visitor(undefined, { signal: giveUp.signal }));
    await asked.promise;
    giveUp.abort(new Error('enough'));
    await expect(coming).rejects.toThrow('enough');
    await expect.poll(() => refused).toBe(true);
  });

  test('waits no longer when the guest dies', async () => {
    const { decided } = await host();
    const guest = await another(ours, 'turn');
    expect(decided()).toBe('no');
    guest.kill('SIGKILL');
    await expect.poll(decided).toBe('yes');
  });
});

describe('programs that come at the same time', () => {
  test('come one after the other', async () => {
    const order: string[] = [];
    async function come(name: string): Promise<void> {
      const decided = promised();
      const parts = visitor(invitation, { decided: decided.promise });
      const held = await holdDongle(dongle, key, parts);
      order.push(`${name} in`);
      await delay(5);
      order.push(`${name} out`);
      expect(held.invitation === undefined).toBe(order.length === 2);
      during(held);
      decided.keep();
    }
    await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(come));
    expect(order.length).toBe(12);
    for (let i = 0; i < 12; i += 2) {
      expect(order[i + 1]).toBe(order[i]?.replace('in', 'out'));
    }
  });

  test('wait as long as they like to, and no longer', async () => {
    const child = await another(theirs, 'turn');
    const giveUp = new AbortController();
    const waiting = holdDongle(dongle, key, visitor(undefined, { signal: giveUp.signal }));
    let settled = false;
    void waiting.catch(() => {}).then(() => (settled = true));
    await delay(100);
    expect(settled).toBe(false);
    giveUp.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    child.kill('SIGKILL');
    during(await hold(dongle, key));
  });

  test('do not wait for one that dies', async () => {
    const child = await another(theirs, 'turn');
    const waiting = hold(dongle, key);
    await delay(50);
    child.kill('SIGKILL');
    during(await waiting);
  });
});

const onLinux = describe.skipIf(process.platform !== 'linux');

function socketName(role: string): string {
  const hash = createHash('sha256').update(`latchkey ${role} ${dongle}`).digest('hex').slice(0, 32);
  return `\0latchkey-${hash}`;
}

/** Somebody between whoever asks and the program that has the dongle, who comes after this. */
async function overhear(): Promise<{ asked: string; answered: string }> {
  const heard = { asked: '', answered: '' };
  await squat('program 0', (asker) => {
    const program = connect(socketName('program 1'));
    for (const [what, from, to] of [
      ['asked', asker, program],
      ['answered', program, asker],
    ] as const) {
      from.on('data', (data: Buffer) => {
        heard[what] += data.toString();
        to.write(data);
      });
      from.on('error', () => {}).on('close', () => to.destroy());
    }
  });
  return heard;
}

/** Says that to the program behind, and gives what it answers after its greeting. */
async function answerTo(said: string): Promise<string> {
  const socket = connect(socketName('program 1'));
  socket.on('error', () => {});
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
    if (heard.split('\n').length > 2) socket.end();
    else socket.write(`${said}\n`);
  });
  await once(socket, 'close');
  return heard.split('\n')[1] || 'nothing';
}

/** Somebody else has a name. */
async function squat(role: string, answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketName(role), resolve));
  ends.push(() => server.close());
  return server;
}

onLinux('whoever else has a name', () => {
  const strangers: [string, (socket: Socket) => void][] = [
    ['says nothing', () => {}],
    ['says nonsense', (socket) => socket.write('nonsense\n')],
    ['says something else', (socket) => socket.write('{"pid":"1","command":7}\n')],
    ['does not end', (socket) => socket.write('{'.repeat(5000))],
    ['hangs up', (socket) => socket.end()],
  ];

  test.each(strangers)('of a program and %s is passed by', async (_name, answer) => {
    await squat('program 0', answer);
    during(await hold(dongle, key));
  });

  test.each(strangers)('of the turn and %s is passed by', async (_name, answer) => {
    await squat('turn', answer);
    during(await hold(dongle, key));
  });

  test('reaches nobody’s terminal with what it says of itself', async () => {
    const command = `\u001b[2J${'x'.repeat(200)}`;
    await squat('program 0', (socket) => {
      socket.write(`${JSON.stringify({ pid: 7, command })}\nrefused\n`);
    });
    await expect(hold(dongle, key)).rejects.toMatchObject({
      message: expect.stringMatching(/\(process 7, \?\[2Jx{76}\), under another runtime; end it/),
    });
  });
});
