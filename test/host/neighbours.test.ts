import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judgeSharing } from '../../src/client/sharing.ts';
import { inspectDevice } from '../../src/host/neighbours.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-neighbours-'));
  link('proc/self/ns/pid', 'pid:[4026531836]');
  plug('devices/pci0000:00/0000:00:14.0/usb1/1-2');
  program(process.pid, ['/dev/hidraw3', '/dev/bus/usb/001/004']);
  program(1, []);
  program(77, ['/dev/null', 'socket:[1234]']);
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** A dongle with both faces on the first bus. */
function plug(device: string): void {
  rmSync(join(root, 'sys'), { recursive: true, force: true });
  put(`sys/${device}/busnum`, '1\n');
  put(`sys/${device}/devnum`, '4\n');
  put(`sys/${device}/1-2:1.0/0003:1209:0001.0001/hidraw/hidraw3/dev`, '243:3\n');
  mkdirSync(join(root, `sys/${device}/1-2:1.1`));
  const hid = join(root, `sys/${device}/1-2:1.0/0003:1209:0001.0001`);
  link('sys/class/hidraw/hidraw3/device', hid);
  link('sys/bus/usb/devices/1-2', join(root, `sys/${device}`));
  put('sys/bus/usb/devices/usb1/busnum', '1\n');
}

function program(pid: number, open: readonly string[]): void {
  put(`proc/${pid}/comm`, 'service\n');
  mkdirSync(join(root, `proc/${pid}/fd`), { recursive: true });
  for (const [i, path] of open.entries()) link(`proc/${pid}/fd/${i}`, path);
}

const inspect = (path?: string) =>
  inspectDevice(path, { proc: join(root, 'proc'), sys: join(root, 'sys') });

test.each(['/dev/hidraw3', '/dev/bus/usb/001/004'])(
  'nobody else has %s: exclusive',
  async (path) => {
    const evidence = await inspect(path);
    expect(evidence).toEqual([]);
    expect(judgeSharing(evidence).verdict).toBe('exclusive');
  },
);

test.each([
  ['/dev/hidraw3', '/dev/hidraw3'],
  ['/dev/hidraw3', '/dev/bus/usb/001/004'],
  ['/dev/bus/usb/001/004', '/dev/hidraw3'],
])('%s is open in another program by %s, which is no sharing', async (ours, theirs) => {
  program(4242, ['/dev/tty', theirs]);
  const evidence = await inspect(ours);
  expect(evidence).toMatchObject([
    { kind: 'openers', weight: 'weak', detail: expect.stringContaining('(process 4242, service)') },
  ]);
  expect(judgeSharing(evidence).verdict).toBe('exclusive');
});

test('another dongle’s openers are nothing', async () => {
  program(4242, ['/dev/hidraw4', '/dev/bus/usb/001/005']);
  expect(await inspect('/dev/hidraw3')).toEqual([]);
});

test('programs in another namespace cannot be seen', async () => {
  rmSync(join(root, 'proc/self/ns/pid'));
  link('proc/self/ns/pid', 'pid:[4026532222]');
  const evidence = await inspect('/dev/hidraw3');
  expect(evidence).toMatchObject([{ kind: 'unseen', weight: 'weak' }]);
  expect(judgeSharing(evidence).verdict).toBe('unknown');
});

test('programs whose files this one may not see cannot be seen', async () => {
  rmSync(join(root, 'proc/77/fd'), { recursive: true });
  // A file in its place cannot be listed either; root may list all folders.
  put('proc/77/fd', '');
  expect(await inspect('/dev/hidraw3')).toMatchObject([{ kind: 'unseen' }]);
});

test('programs that /proc hides cannot be seen', async () => {
  rmSync(join(root, 'proc/1'), { recursive: true });
  expect(await inspect('/dev/hidraw3')).toMatchObject([{ kind: 'unseen' }]);
});

test('programs that end meanwhile have nothing open', async () => {
  rmSync(join(root, 'proc/77/fd'), { recursive: true });
  expect(await inspect('/dev/hidraw3')).toEqual([]);
});

test('a dongle on a virtual hub of USB/IP is perhaps shared', async () => {
  plug('devices/platform/vhci_hcd.0/usb1/1-2');
  const evidence = await inspect('/dev/hidraw3');
  expect(evidence).toMatchObject([{ kind: 'usbip', weight: 'weak' }]);
  expect(judgeSharing(evidence).verdict).toBe('unknown');
});

test('a vendor interface that is claimed is another program of this machine', async () => {
  const at = 'sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2:1.1/driver';
  link(at, '../../../../../../bus/usb/drivers/usbfs');
  for (const path of ['/dev/hidraw3', '/dev/bus/usb/001/004']) {
    // By ourselves, as we have the device open.
    expect(await inspect(path)).toEqual([]);
  }
  rmSync(join(root, `proc/${process.pid}`), { recursive: true });
  program(process.pid, ['/dev/hidraw3']);
  for (const path of ['/dev/hidraw3', '/dev/bus/usb/001/004']) {
    const evidence = await inspect(path);
    expect(evidence).toMatchObject([{ kind: 'claim', weight: 'weak' }]);
    expect(judgeSharing(evidence).verdict).toBe('exclusive');
  }
});

test.each([undefined, '/dev/hidraw9', '/dev/bus/usb/009/001', 'IOService:/x', '\\\\?\\hid#1'])(
  'of %s nothing is known',
  async (path) => {
    expect(await inspect(path)).toMatchObject([{ kind: 'unseen', weight: 'weak' }]);
  },
);
