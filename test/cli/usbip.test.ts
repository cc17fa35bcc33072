import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { Importer } from '../support/usbip-importer.ts';

let program: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  program = await bundle('cli-usbip', 'src/cli/main.ts');
});

afterAll(() => rmSync(folder, { recursive: true }));

const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function latchkey(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

/** `latchkey emulate`, running. */
function emulate(...words: string[]) {
  const child = spawn(process.execPath, [program, 'emulate', ...words], { cwd: folder });
  running.push(child);
  const lines: string[] = [];
  const reader = createInterface(child.stdout);
  reader.on('line', (line) => lines.push(line));
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return {
    child,
    lines,
    /** Waits for that many lines of output. */
    async until(count: number) {
      await expect.poll(() => lines.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
    },
    stop(signal: 'SIGINT' | 'SIGTERM') {
      child.kill(signal);
      return exit;
    },
  };
}

test('emulate tells a person what it exports, who comes and who goes', async () => {
  const emulator = emulate('--usbip', 'unix:a.sock', '--serial', 'LK-0001');
  await emulator.until(3);
  expect(emulator.lines).toEqual([
    'Exported over USB/IP at unix:a.sock:',
    '  1-1  LK-0001  high speed',
    'Attach it to this machine with:  sudo latchkey attach --usbip unix:a.sock',
  ]);
  const importer = await Importer.connect(join(folder, 'a.sock'));
  expect(await importer.import('1-1')).toBeDefined();
  await emulator.until(4);
  importer.stream.destroy();
  await emulator.until(5);
  expect(emulator.lines.slice(3)).toEqual(['1-1 attached', '1-1 detached']);
  expect(await emulator.stop('SIGINT')).toBe(0);
  expect(existsSync(join(folder, 'a.sock'))).toBe(false);
});

test('emulate tells a program the same, and stops while a dongle is in use', async () => {
  const words = ['--usbip', 'unix:b.sock', '--count', '2', '--seed', '7', '--speed', 'full'];
  const emulator = emulate(...words, '--json');
  await emulator.until(1);
  const importer = await Importer.connect(join(folder, 'b.sock'));
  expect(await importer.import('1-2')).toMatchObject({ speed: 2 });
  await emulator.until(2);
  expect(await emulator.stop('SIGTERM')).toBe(0);
  const serial = expect.stringMatching(/^LK-[0-9A-F]{8}$/);
  expect(emulator.lines.map((line) => JSON.parse(line))).toEqual([
    {
      event: 'listening',
      address: 'unix:b.sock',
      dongles: [
        { busId: '1-1', serial, speed: 'full' },
        { busId: '1-2', serial, speed: 'full' },
      ],
    },
    { event: 'attached', busId: '1-2' },
    { event: 'detached', busId: '1-2' },
  ]);
  // The same seed, the same dongles, and no two of them alike.
  const again = emulate(...words, '--json');
  await again.until(1);
  expect(again.lines[0]).toBe(emulator.lines[0]);
  const { dongles } = JSON.parse(again.lines[0] as string);
  expect(dongles[0].serial).not.toBe(dongles[1].serial);
});

test('emulate stops when nobody reads its output any more', async () => {
  const { child, lines, until } = emulate('--usbip', 'unix:d.sock', '--json');
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  const exit = new Promise((resolve) => child.on('exit', resolve));
  await until(1);
  child.stdout.destroy();
  const importer = await Importer.connect(join(folder, 'd.sock'));
  await importer.import('1-1');
  expect(await exit).toBe(1);
  expect(complaints).toBe('');
  expect(lines).toHaveLength(1);
  expect(existsSync(join(folder, 'd.sock'))).toBe(false);
});

test('errors are one line for a program, as all that emulate says', () => {
  const { stdout } = latchkey('emulate', '--usbip', 'unix:none/a.sock', '--json');
  expect(stdout.split('\n')).toEqual([expect.stringMatching(/^{"ok":false,"error":.*}$/), '']);
});

test('dongles live in files, one each', async () => {
  const words = ['--usbip', 'unix:c.sock', '--flash', 'c.flash', '--count', '2', '--json'];
  const first = emulate(...words, '--serial', 'LK');
  await first.until(1);
  expect(await first.stop('SIGINT')).toBe(0);
  expect([existsSync(join(folder, 'c.flash-1')), existsSync(join(folder, 'c.flash-2'))]).toEqual([
    true,
    true,
  ]);
  const second = emulate(...words);
  await second.until(1);
  expect(second.lines).toEqual(first.lines);
  expect(second.lines[0]).toContain('LK-2');
  expect(await second.stop('SIGINT')).toBe(0);
  const other = latchkey('emulate', ...words, '--serial', 'XX');
  expect(other.status).toBe(1);
  expect(JSON.parse(other.stdout).error).toEqual({
    code: 'SERIAL_MISMATCH',
    message: 'c.flash-1 holds LK-1, not XX-1; leave --serial out or give another file.',
  });
});

test.skipIf(!existsSync('/usr/sbin/usbip'))('the usual tool lists the dongles', async () => {
  const emulator = emulate('--usbip', '127.0.0.1:0', '--json');
  await emulator.until(1);
  const port = JSON.parse(emulator.lines[0] as string).address.split(':')[1];
  const { stdout } = spawnSync('/usr/sbin/usbip', ['--tcp-port', port, 'list', '-r', '127.0.0.1'], {
    encoding: 'utf8',
  });
  expect(stdout).toMatch(/1-1: .*\(1209:0001\)/);
  expect(stdout).toMatch(/0 - Human Interface Device .*\(03\/00\/00\)/);
  expect(stdout).toMatch(/1 - Vendor Specific Class .*\(ff\/4c\/01\)/);
});

test.skipIf(!existsSync('/usr/sbin/usbip'))('the usual tool says why it is refused', async () => {
  const emulator = emulate('--usbip', '127.0.0.1:0', '--json');
  await emulator.until(1);
  const port = JSON.parse(emulator.lines[0] as string).address.split(':')[1];
  const refusal = (busId: string) => {
    const words = ['--tcp-port', port, 'attach', '-r', '127.0.0.1', '-b', busId];
    return spawnSync('/usr/sbin/usbip', words, { encoding: 'utf8' }).stderr;
  };
  const owner = new Importer(connect(Number(port), '127.0.0.1'));
  await owner.import('1-1');
  expect(refusal('1-1')).toContain('Device busy (exported)');
  expect(refusal('9-9')).toContain('Device not found');
  owner.stream.destroy();
});

test('a port that is taken', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
  });
  const { status, stderr } = latchkey('emulate', '--usbip', `127.0.0.1:${port}`);
  expect(stderr).toBe(
    `latchkey: Port ${port} on 127.0.0.1 is taken by another program; stop it or choose another with --usbip 127.0.0.1:PORT.\n`,
  );
  expect(status).toBe(1);
  other.close();
});

test('an address that others reach needs a word', async () => {
  const { status, stderr } = latchkey('emulate', '--usbip', '0.0.0.0:0');
  expect(stderr).toMatch(/no authentication.*add --allow-remote/);
  expect(status).toBe(1);
  const emulator = emulate('--usbip', '0.0.0.0:0', '--allow-remote', '--json');
  await emulator.until(1);
  expect(emulator.lines[0]).toContain('0.0.0.0:');
});

test.each([
  ['emulate', '--usbip', 'nonsense'],
  ['emulate', '--usbip', '127.0.0.1:99999'],
  ['emulate', '--count', '0'],
  ['emulate', '--count', '128'],
  ['emulate', '--count', 'two'],
  ['emulate', '--seed', '-1'],
  ['emulate', '--speed', 'super'],
  ['attach', '--usbip', '127.0.0.1'],
  ['attach', '1-1', '1-2'],
  ['detach', 'x'],
])('a wrong command line exits with 2: %s %s %s', (...words) => {
  const { status, stdout, stderr } = latchkey(...words);
  expect(stderr).toMatch(/^error: .*\n.*--help/);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test.each(['emulate', 'attach', 'detach'])('help for %s has examples', (verb) => {
  const { status, stdout } = latchkey(verb, '--help');
  expect(stdout).toMatch(new RegExp(`Examples:\n.*latchkey ${verb}`));
  expect(status).toBe(0);
});

test.skipIf(existsSync('/sys/devices/platform/vhci_hcd.0'))(
  'without the kernel module, attach and detach say what to load',
  () => {
    for (const verb of ['attach', 'detach']) {
      const { status, stderr } = latchkey(verb);
      expect(stderr).toBe(
        'latchkey: The kernel module vhci_hcd is not loaded; load it with: sudo modprobe vhci-hcd\n',
      );
      expect(status).toBe(1);
      const json = latchkey(verb, '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED' } });
      expect(json.status).toBe(1);
    }
  },
);
