import { chmodSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { UsbIpServer } from '../../src/emulator/index.ts';
import { importExported } from '../../src/host/usbip-client.ts';
import { attach, attachments, detach } from '../../src/host/vhci.ts';
import { parseVhciStatus } from '../../src/host/vhci-status.ts';
import { newDongle, temporaryFolder } from '../support/usbip-server.ts';

// The kernel itself is in test/kernel; here its files are plain ones.

const title = 'hub port sta spd dev      sockfd local_busid\n';
const freeRow = (hub: string, port: number) =>
  `${hub}  ${String(port).padStart(4, '0')} 004 000 00000000 000000 0-0\n`;
const usedRow = (port: number, device = '00010001', local = '3-1') =>
  `hs  ${String(port).padStart(4, '0')} 006 003 ${device} 000011 ${local}\n`;

describe('status files', () => {
  test('are read line by line', () => {
    const text = `${title}${freeRow('hs', 0)}${usedRow(1, '0001000a', '3-2')}hs  0002 005 003 00010002 000012 0-0
hs  0003 007 000 00000000 000000 0-0
${freeRow('ss', 8)}`;
    expect(parseVhciStatus(text)).toEqual([
      { port: 0, hub: 'hs', state: 'free', deviceId: 0, localBusId: '0-0' },
      { port: 1, hub: 'hs', state: 'attached', deviceId: 0x1000a, localBusId: '3-2' },
      { port: 2, hub: 'hs', state: 'enumerating', deviceId: 0x10002, localBusId: '0-0' },
      { port: 3, hub: 'hs', state: 'failed', deviceId: 0, localBusId: '0-0' },
      { port: 8, hub: 'ss', state: 'free', deviceId: 0, localBusId: '0-0' },
    ]);
  });

  test('what is no line of a port is left out', () => {
    expect(
      parseVhciStatus(
        `${title}\nhs 1\nxs  0000 004 000 00000000 000000 0-0\nhs  0000 000 000 00000000 000000 0-0\n`,
      ),
    ).toEqual([]);
  });

  test('of several controllers count together', () => {
    const folder = fakeKernel(usedRow(1) + freeRow('hs', 0), usedRow(16));
    expect(attachments({ folder }).map(({ port }) => port)).toEqual([1, 16]);
  });
});

/** A folder as vhci_hcd has it, with these rows in its status files. */
function fakeKernel(...rows: string[]): string {
  const folder = temporaryFolder();
  for (const [i, text] of rows.entries()) {
    writeFileSync(join(folder, i === 0 ? 'status' : `status.${i}`), title + text);
  }
  for (const name of ['attach', 'detach', 'nports']) writeFileSync(join(folder, name), '');
  return folder;
}

/** A folder as /sys/bus/usb/devices, with a configured device in it. */
function fakeDevices(localBusId: string): string {
  const devices = temporaryFolder();
  mkdirSync(join(devices, localBusId));
  writeFileSync(join(devices, localBusId, 'bConfigurationValue'), '1\n');
  return devices;
}

async function serve(count: number) {
  const path = join(temporaryFolder(), 'usbip.sock');
  const events: string[] = [];
  const dongles = await Promise.all(Array.from({ length: count }, () => newDongle()));
  const server = new UsbIpServer(
    dongles.map((dongle) => ({ dongle })),
    {
      attached: (busId) => events.push(`${busId} attached`),
      detached: (busId) => events.push(`${busId} detached`),
    },
  );
  await server.listen({ path });
  return { address: { path }, server, events };
}

/** Does what the kernel does once something has been written to `attach`. */
async function enumerate(folder: string, rows: string): Promise<string> {
  for (;;) {
    const written = readFileSync(join(folder, 'attach'), 'utf8');
    if (written !== '') {
      writeFileSync(join(folder, 'status'), title + rows);
      return written;
    }
    await delay(5);
  }
}

describe('attach', () => {
  test('hands the connection over on a free port of the right hub', async () => {
    const { address, server, events } = await serve(1);
    await using _ = server;
    const folder = fakeKernel(freeRow('ss', 0) + usedRow(1) + freeRow('hs', 2) + freeRow('hs', 3));
    const [attachment, written] = await Promise.all([
      attach(address, undefined, { folder, devices: fakeDevices('3-7') }),
      enumerate(folder, usedRow(1) + usedRow(2, '00010001', '3-7')),
    ]);
    expect(attachment).toEqual({ port: 2, busId: '1-1', localBusId: '3-7' });
    expect(written).toMatch(/^2 \d+ 65537 3$/);
    // These files hold no connection, so it ends when this process lets go of it.
    await expect.poll(() => events).toEqual(['1-1 attached', '1-1 detached']);
  });

  test('takes the bus id that it is told', async () => {
    const { address, server } = await serve(2);
    await using _ = server;
    const folder = fakeKernel('', freeRow('hs', 16));
    const [attachment, written] = await Promise.all([
      attach(address, '1-2', { folder, devices: fakeDevices('3-1') }),
      enumerate(folder, usedRow(16, '00010002')),
    ]);
    expect(attachment).toMatchObject({ port: 16, busId: '1-2' });
    expect(written).toMatch(/^16 \d+ 65538 3$/);
  });

  test('waits until the kernel has chosen a configuration', async () => {
    const { address, server } = await serve(1);
    await using _ = server;
    const folder = fakeKernel(freeRow('hs', 0));
    const devices = fakeDevices('3-1');
    const configuration = join(devices, '3-1', 'bConfigurationValue');
    writeFileSync(configuration, '\n');
    let done = false;
    const attached = attach(address, undefined, { folder, devices }).then(() => {
      done = true;
    });
    await enumerate(folder, usedRow(0));
    await delay(60);
    expect(done).toBe(false);
    writeFileSync(configuration, '1\n');
    await attached;
  });

  async function refusal(
    options: { count?: number; rows?: string; busId?: string } = {},
  ): Promise<unknown> {
    const { count = 1, rows = freeRow('hs', 0), busId } = options;
    const { address, server } = await serve(count);
    await using _ = server;
    const folder = fakeKernel(rows);
    return await attach(address, busId, { folder }).catch((error: unknown) => error);
  }

  test('says which dongles there are when there are several', async () => {
    expect(await refusal({ count: 2 })).toMatchObject({
      code: 'AMBIGUOUS_DONGLE',
      message: 'The server exports several dongles; say which: 1-1, 1-2.',
    });
    expect(await refusal({ count: 0 })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('says which bus ids there are instead', async () => {
    expect(await refusal({ count: 2, busId: '2-1' })).toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/^There is no 2-1 at unix:.*; it exports 1-1, 1-2\.$/),
    });
  });

  test('says that a dongle is attached elsewhere', async () => {
    const { address, server } = await serve(1);
    await using _ = server;
    const folder = fakeKernel(freeRow('hs', 0));
    const { socket } = await importExported(address, '1-1');
    const error = await attach(address, '1-1', { folder }).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'LINK_FAILED',
      message: expect.stringMatching(/^1-1 at unix:.* is attached already, here or elsewhere/),
    });
    socket.destroy();
  });

  test('says that no port is free', async () => {
    expect(await refusal({ rows: usedRow(0) + freeRow('ss', 8) })).toMatchObject({
      code: 'LINK_FAILED',
      message: 'All ports of the virtual hub are in use; detach something first.',
    });
  });

  test('says that nobody listens', async () => {
    const folder = fakeKernel(freeRow('hs', 0));
    const path = join(folder, 'none.sock');
    await expect(attach({ path }, '1-1', { folder })).rejects.toMatchObject({
      code: 'LINK_FAILED',
      message: `No USB/IP server answers at unix:${path}; start one with: latchkey emulate --usbip unix:${path}`,
    });
    await expect(attach({ host: '127.0.0.1', port: 1 }, '1-1', { folder })).rejects.toMatchObject({
      code: 'LINK_FAILED',
    });
  });

  test.each([
    ['something else', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'PROTOCOL'],
    ['another version', '\x01\x00\x00\x05\x00\x00\x00\x00', 'PROTOCOL'],
    ['a list too long', '\x01\x11\x00\x05\x00\x00\x00\x00\x7f\x00\x00\x00', 'PROTOCOL'],
    ['half an answer', '\x01\x11\x00\x05', 'LINK_FAILED'],
  ])('says that %s answers', async (_, answer, code) => {
    const folder = fakeKernel(freeRow('hs', 0));
    const path = join(folder, 'other.sock');
    const server = createServer((socket) => socket.end(answer, 'latin1')).listen(path);
    await expect(attach({ path }, undefined, { folder })).rejects.toMatchObject({ code });
    server.close();
  });

  test('says that the module is not loaded', async () => {
    const folder = join(temporaryFolder(), 'none');
    const path = join(folder, 'none.sock');
    const missing = {
      code: 'UNSUPPORTED',
      message: 'The kernel module vhci_hcd is not loaded; load it with: sudo modprobe vhci-hcd',
    };
    await expect(attach({ path }, '1-1', { folder })).rejects.toMatchObject(missing);
    await expect(detach(0, { folder })).rejects.toMatchObject(missing);
  });

  test('says that root is needed, before anything else', async () => {
    const folder = fakeKernel(usedRow(0));
    chmodSync(folder, 0o755);
    for (const name of ['attach', 'detach']) chmodSync(join(folder, name), 0o200);
    await asNobody(async () => {
      await expect(attach({ path: '/none' }, '1-1', { folder })).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        message: 'Attaching needs root; run it with sudo.',
      });
      await expect(detach(0, { folder })).rejects.toThrow(
        'Detaching needs root; run it with sudo.',
      );
    }, folder);
  });
});

/** Runs it as a user who may do nothing. */
async function asNobody(run: () => Promise<void>, folder: string): Promise<void> {
  if (process.geteuid?.() !== 0) {
    // The files are this user's own, so they have to be closed to the owner too.
    for (const name of ['attach', 'detach']) chmodSync(join(folder, name), 0);
    return run();
  }
  process.seteuid?.(65_534);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
  }
}

describe('detach', () => {
  test.each([
    ['the only port in use', usedRow(3) + freeRow('hs', 4), undefined, '3'],
    ['the port it is told', usedRow(3) + usedRow(4, '00010002', '3-2'), 4, '4'],
    ['a port whose device never came up', 'hs  0005 005 003 00010002 000012 0-0\n', 5, '5'],
  ])('detaches %s', async (_, rows, port, written) => {
    const folder = fakeKernel(rows);
    expect(await detach(port, { folder })).toBe(Number(written));
    expect(readFileSync(join(folder, 'detach'), 'utf8')).toBe(written);
  });

  test.each([
    ['NOT_FOUND', 'Nothing is attached.', freeRow('hs', 0), undefined],
    [
      'AMBIGUOUS_DONGLE',
      'Several ports are in use; say which: 3 (3-1), 4 (3-2).',
      usedRow(3) + usedRow(4, '00010002', '3-2'),
      undefined,
    ],
    ['NOT_FOUND', 'Nothing is attached to port 1; in use: 3.', usedRow(3), 1],
    ['NOT_FOUND', 'Nothing is attached to port 1; no port is in use.', freeRow('hs', 1), 1],
  ])('refuses with %s: %s', async (code, message, rows, port) => {
    const folder = fakeKernel(rows);
    await expect(detach(port, { folder })).rejects.toMatchObject({ code, message });
    expect(readFileSync(join(folder, 'detach'), 'utf8')).toBe('');
  });

  test('waits until the kernel has let go of the device', async () => {
    const folder = fakeKernel(usedRow(3));
    const devices = temporaryFolder();
    mkdirSync(join(devices, '3-1'));
    let done = false;
    const detached = detach(3, { folder, devices }).then(() => {
      done = true;
    });
    await delay(60);
    expect(done).toBe(false);
    rmdirSync(join(devices, '3-1'));
    await detached;
  });
});
