import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { importExported } from '../../../src/host/usbip-client.ts';
import { attachments, detach } from '../../../src/host/vhci.ts';
import type { VhciPort } from '../../../src/host/vhci-status.ts';
import type { FaceName } from '../../../src/link.ts';
import {
  connect,
  type Dongle,
  DongleError,
  type ErrorCode,
  listDongles,
} from '../../../src/node.ts';
import { dongleChecks, errorChecks, machineChecks } from '../checks.ts';
import { emulate, latchkey, programPath, run } from './emulator.ts';
import { found, hidraws, outsideAddress, plug, unplugAll, until } from './plugs.ts';
import { check, report } from './report.ts';
import type { CaseMessage } from './suite.ts';
import { trustEmulated } from './trust.ts';

// The whole program of the guest: from a machine without dongles to the cases on each face.

const path = '/run/latchkey.sock';
const unixWords = ['--usbip', `unix:${path}`];
/** Debian's user without rights. */
const nobody = 65_534;
const [first, second] = ['LK-1', 'LK-2'] as const;

const trust = await trustEmulated();

/** Another program of this machine; see neighbour.ts. */
function neighbour(deed: string, what: string, uid = 0): ChildProcess {
  return fork(programPath('kernel-neighbour'), [deed, what], { uid });
}

async function message<Message>(child: ChildProcess): Promise<Message> {
  const [answer] = await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  return answer as Message;
}

async function failsWith(
  code: ErrorCode | readonly ErrorCode[],
  act: Promise<unknown>,
): Promise<string> {
  const error = await act.then(
    () => assert.fail(`${code} expected, but it worked`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DongleError, String(error));
  assert.ok([code].flat().includes(error.code), `${error.code}: ${error.message}`);
  return error.message;
}

async function echoes(dongle: Dongle, byteCount = 40): Promise<void> {
  const data = new Uint8Array(byteCount).fill(0x5a);
  assert.deepEqual(await dongle.echo(data, { deadlineMs: 15_000 }), data);
}

/** The hidraw device of an attached dongle. */
async function hidrawOf(serial: string): Promise<string> {
  const faces = (await listDongles()).flatMap((dongle) =>
    dongle.serial === serial ? dongle.faces : [],
  );
  const { path } = faces.find(({ face }) => face === 'hid') ?? {};
  assert.ok(path !== undefined);
  return path;
}

/** Connects to a dongle that was plugged in just now, again where the error says so. */
function connectSoon(serial: string, face: FaceName): Promise<Dongle> {
  let refusal = '';
  return until(
    () => `${serial} by ${face} (${refusal})`,
    async () => {
      try {
        return await connect({ trust, serial, face });
      } catch (error) {
        if (!(error instanceof DongleError) || error.retry === 'never') throw error;
        refusal = error.message;
        return undefined;
      }
    },
  );
}

// The machine.

await check(machineChecks.kernel, () => assert.equal(release(), process.env['LATCHKEY_KERNEL']));
await check(machineChecks.controller, () => {
  assert.ok(existsSync('/sys/devices/platform/vhci_hcd.0/attach'));
});
await check(errorChecks.noDongle, async () => {
  assert.match(await failsWith('NOT_FOUND', connect({ trust })), /plug it in/);
});

// Emulators: one on a socket, for all the rest, and one on USB/IP's own port.

const startEmulator = () => emulate(...unixWords, '--serial', 'LK', '--count', '4');
let [emulator, tcpEmulator] = await Promise.all([startEmulator(), emulate('--count', '2')]);
// A command takes an emulated processor seconds, and there are two.
await Promise.all([
  check(errorChecks.portTaken, async () => {
    const { status, stderr } = await latchkey(['emulate']);
    assert.equal(status, 1);
    assert.match(stderr, /Port 3240 .* is taken/);
  }),
  check(dongleChecks.usbipList, async () => {
    const { status, stdout } = await run('usbip', ['list', '-r', '127.0.0.1']);
    assert.equal(status, 0);
    for (const busId of ['1-1', '1-2']) assert.match(stdout, new RegExp(`${busId}: .*1209:0001`));
  }),
  check(errorChecks.noRoot, async () => {
    const { status, stderr } = await latchkey(['attach', '1-1', ...unixWords], { uid: nobody });
    assert.equal(status, 1);
    assert.match(stderr, /needs root/);
  }),
]);
tcpEmulator.kill();

// Attached.

await check(dongleChecks.attach, async () => {
  const attachOne = (busId: string) => latchkey(['attach', busId, ...unixWords]);
  for (const { status, stderr } of await Promise.all(['1-1', '1-2'].map(attachOne))) {
    assert.equal(status, 0, stderr);
  }
  await until('two hidraw devices', () => (hidraws().length === 2 ? true : undefined));
  assert.ok(existsSync('/dev/hidraw0') && existsSync('/dev/hidraw1'));
});
await check(dongleChecks.lsusb, async () => {
  const { status, stdout, stderr } = await run('lsusb', ['-v', '-d', '1209:0001']);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  for (const serial of [first, second]) assert.match(stdout, new RegExp(`iSerial .*${serial}`));
  assert.doesNotMatch(stdout, /error|cannot|can't|invalid|unrecognized|unexpected|warning/i);
});
await check(dongleChecks.toldApart, async () => {
  const serials = await until('both dongles with both faces', async () => {
    const dongles = await listDongles();
    const whole = dongles.filter(({ faces }) => faces.length === 2);
    return whole.length === 2 ? whole.map(({ serial }) => serial) : undefined;
  });
  assert.deepEqual(serials, [first, second]);
  for (const serial of [first, second]) {
    for (const face of ['hid', 'vendor'] as const) {
      await using dongle = await connect({ trust, serial, face });
      assert.equal(dongle.identity.serial, serial);
      await echoes(dongle);
    }
  }
  await failsWith('AMBIGUOUS_DONGLE', connect({ trust }));
});

await Promise.all(
  (
    [
      [errorChecks.noHidPermission, 'hid'],
      [errorChecks.noVendorPermission, 'vendor'],
    ] as const
  ).map(([name, face]) =>
    check(name, async () => {
      const { code, message: words } = await message<{ code?: string; message?: string }>(
        neighbour('connect', face, nobody),
      );
      assert.equal(code, 'PERMISSION_DENIED', words);
      assert.match(words ?? '', /udev/);
    }),
  ),
);
await check(errorChecks.claimed, async () => {
  const other = neighbour('claim', '');
  await message(other);
  const words = await failsWith('LINK_FAILED', connect({ trust, serial: first, face: 'vendor' }));
  assert.match(words, /Another program/);
  other.send('end');
  await once(other, 'exit');
  await using dongle = await connect({ trust, serial: first, face: 'vendor' });
  await echoes(dongle);
});
await check(dongleChecks.secondProcess, async () => {
  await using dongle = await connect({ trust, serial: first, face: 'hid' });
  const other = neighbour('disturb', await hidrawOf(first));
  await message(other);
  const answered = message<{ heard: string[] }>(other);
  let done = false;
  const finish = () => {
    done = true;
  };
  answered.then(finish, finish);
  const secret = new Uint8Array(40).fill(0x5a);
  do assert.deepEqual(await dongle.echo(secret), secret);
  while (!done);
  await echoes(dongle);
  const { heard } = await answered;
  assert.ok(!heard.join('').includes('5a5a5a5a'), 'what was echoed can be read');
  // ERROR on the channel of the session: RECORD_REFUSED.
  assert.ok(
    heard.some((packet) => /^.{8}bf0001f1/.test(packet)),
    heard.join('\n'),
  );
});
await check(dongleChecks.programs, async () => {
  const dongle = await connect({ trust, serial: first, face: 'hid' });
  const others = [neighbour('sit', 'hid'), neighbour('sit', 'vendor')] as const;
  const sat = await Promise.all(others.map((other) => message<{ epoch: number }>(other)));
  for (const { epoch } of sat) assert.equal(epoch, dongle.epoch);
  await using seat = await dongle.licenses.take({ application: 200 });
  const { evidence, verdict } = await dongle.sharing();
  assert.notEqual(verdict, 'shared');
  assert.ok(evidence.some(({ kind }) => kind === 'openers'));
  await echoes(dongle);
  // The one that came first goes; the others still have the dongle, and invite the next.
  others[0].kill('SIGKILL');
  await once(others[0], 'exit');
  assert.ok(seat.held);
  await dongle.close();
  await using next = await connect({ trust, serial: first, face: 'hid' });
  assert.equal(next.epoch, dongle.epoch);
  await echoes(next);
  others[1].send('stand up');
  assert.deepEqual(await message(others[1]), { held: true });
});
await check(dongleChecks.hostKilled, async () => {
  let epoch = 0;
  for (let round = 0; round < 6; round++) {
    const user = neighbour('use', 'hid');
    // At first in the middle of its handshake, then in the middle of its work.
    if (round < 3) await delay(1_000 + 300 * round);
    else await message(user);
    user.kill('SIGKILL');
    await once(user, 'exit');
    await using dongle = await connect({ trust, serial: first, face: 'hid' });
    assert.ok(dongle.licensed && dongle.epoch > epoch, `epoch ${dongle.epoch} after ${epoch}`);
    epoch = dongle.epoch;
    await echoes(dongle);
  }
});
await check(dongleChecks.unlink, async () => {
  for (let i = 0; i < 5; i++) {
    for (const face of ['hid', 'vendor'] as const) {
      const [source] = (await listDongles()).flatMap(({ serial, faces }) =>
        serial === first ? faces.filter((each) => each.face === face) : [],
      );
      assert.ok(source !== undefined);
      const link = await source.open({ packets() {}, detached() {} });
      await link.close();
    }
  }
  for (const face of ['hid', 'vendor'] as const) {
    await using dongle = await connect({ trust, serial: first, face });
    await echoes(dongle);
  }
});

/** Echoes until the dongle goes, which `pull` sees to in mid-call. */
async function pulledInMidCall(
  face: FaceName,
  pull: () => unknown,
  codes: readonly ErrorCode[] = ['DETACHED'],
): Promise<void> {
  const dongle = await connectSoon(second, face);
  const calls = (async () => {
    for (;;) await echoes(dongle, 6_000);
  })();
  const failed = failsWith(codes, calls);
  await delay(700);
  await pull();
  await failed;
  await dongle.close();
}

/** USBIP_CMD_SUBMIT, written down a second time. */
function submit(urb: {
  readonly deviceId: number;
  readonly sequence: number;
  readonly direction: 0 | 1;
  readonly endpoint: number;
  readonly setup?: readonly number[];
}): Uint8Array {
  const bytes = new Uint8Array(48);
  const view = new DataView(bytes.buffer);
  const { deviceId, sequence, direction, endpoint, setup = [] } = urb;
  const fields = [1, sequence, deviceId, direction, endpoint, 0, direction === 1 ? 64 : 0];
  fields.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  bytes.set(setup, 40);
  return bytes;
}

function portOf(deviceNumber: number): VhciPort {
  const port = attachments().find(({ deviceId }) => (deviceId & 0xffff) === deviceNumber);
  assert.ok(port !== undefined);
  return port;
}

for (const [name, face] of [
  [dongleChecks.unplugHid, 'hid'],
  [dongleChecks.unplugVendor, 'vendor'],
] as const) {
  await check(name, async () => {
    await pulledInMidCall(face, () => detach(portOf(2).port));
    await found(await plug({ path }, '1-2'));
  });
}
await check(dongleChecks.vanish, async () => {
  const { socket, record } = await importExported({ path }, '1-3');
  const deviceId = (record.busNumber << 16) | record.deviceNumber;
  const setConfiguration = [0, 9, 1, 0, 0, 0, 0, 0];
  socket.write(
    submit({ deviceId, sequence: 1, direction: 0, endpoint: 0, setup: setConfiguration }),
  );
  // A read that stays pending, and the beginning of something more.
  const read = submit({ deviceId, sequence: 2, direction: 1, endpoint: 1 });
  socket.write(read);
  socket.write(read.subarray(0, 20));
  await delay(200);
  socket.destroy();
  await found(await plug({ path }, '1-3'));
  for (const face of ['hid', 'vendor'] as const) {
    await using dongle = await connectSoon('LK-3', face);
    await echoes(dongle);
  }
  await detach(portOf(3).port);
});
await check(dongleChecks.killed, async () => {
  const gone = once(emulator, 'exit');
  // Not by hid: the kernel would wait 5 s for a report that was on its way, whosever it is.
  await pulledInMidCall('vendor', () => emulator.kill('SIGKILL'), ['DETACHED', 'LINK_FAILED']);
  await gone;
  await until('free ports', () => (attachments().length === 0 ? true : undefined));
  emulator = await startEmulator();
  await found(await plug({ path }, '1-1'));
  await using dongle = await connectSoon(first, 'hid');
  await echoes(dongle);
});
await unplugAll();
emulator.kill();
await once(emulator, 'exit');

// The cases, with dongles that are plugged in again and again.

let replugs = 0;
await Promise.all(
  (
    [
      ['hid', '1-1', '1-2'],
      // libusb is slow to hear of a new dongle.
      ['vendor', '1-3', '1-4', '1-5', '1-6'],
    ] as const
  ).map(async ([face, ...busIds]) => {
    const suite = fork(programPath('kernel-suite'), [face, ...busIds]);
    suite.on('message', (message) => {
      const { check: result, replugged } = message as CaseMessage;
      if (replugged) replugs++;
      report(result);
    });
    await once(suite, 'exit');
  }),
);
await check(dongleChecks.replugs, async () => {
  await until('free ports', () => (attachments().length === 0 ? true : undefined));
  assert.deepEqual(hidraws(), []);
  const busIds = ['1-1', '1-2', '1-3', '1-4'];
  for (const [i, busId] of busIds.entries()) {
    await found(await plug(outsideAddress(), busId));
    await using dongle = await connectSoon(`LK-${i + 1}`, i % 2 === 0 ? 'hid' : 'vendor');
    await echoes(dongle);
  }
  assert.equal(hidraws().length, busIds.length);
  await unplugAll();
  replugs += busIds.length;
  assert.ok(replugs >= 50, `${replugs} replugs`);
});
process.exit();
