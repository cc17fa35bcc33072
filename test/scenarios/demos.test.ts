import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { temporaryFolder } from '../support/usbip-server.ts';

let program: string;

beforeAll(async () => {
  program = await bundle('cli-demos', 'src/cli/main.ts');
});

const demos = {
  takeover: ['bind', 'move', 'restart', 'clone', 'silence', 'awakening', 'handover'],
  lockout: ['bind', 'switch', 'unplug', 'wait', 'again'],
  shared: ['bind', 'share', 'insist', 'refuse', 'replug'],
};

for (const [name, steps] of Object.entries(demos)) {
  test(`demo ${name} goes through all its steps`, () => {
    const { status, stdout } = spawnSync(process.execPath, [program, 'demo', name, '--json'], {
      encoding: 'utf8',
    });
    const report = JSON.parse(stdout);
    expect(report).toEqual({
      ok: true,
      steps: steps.map((step) => ({
        name: step,
        ok: true,
        ms: expect.any(Number),
        detail: expect.any(String),
      })),
    });
    expect(status).toBe(0);
  });
}

test('the help of demo lists all of them, and another name is a wrong command line', () => {
  const help = spawnSync(process.execPath, [program, 'demo', '--help'], { encoding: 'utf8' });
  for (const name of ['first-light', ...Object.keys(demos)]) expect(help.stdout).toContain(name);
  expect(spawnSync(process.execPath, [program, 'demo', 'other']).status).toBe(2);
});

test('the hub of emulate does as it is told on standard input', async () => {
  const socket = join(temporaryFolder(), 'usbip.sock');
  const words = [
    'emulate',
    '--hosts',
    '2',
    '--lockout',
    '3',
    '--json',
    '--usbip',
    `unix:${socket}`,
  ];
  const child = spawn(process.execPath, [program, ...words]);
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value as string);
    expect(await next()).toMatchObject({
      event: 'listening',
      dongles: [{ busId: '1-1' }, { busId: '1-2' }],
    });
    child.stdin.write('switch 1-2\n');
    expect(await next()).toEqual({ event: 'switched', busId: '1-2' });
    child.stdin.write('switch 1-9\nturn\nshare 1-2\n');
    expect(await next()).toEqual({ event: 'shared', busId: '1-2' });
    const complaints = createInterface(child.stderr)[Symbol.asyncIterator]();
    expect((await complaints.next()).value).toContain('1-9');
    expect((await complaints.next()).value).toContain('Say switch');
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});
