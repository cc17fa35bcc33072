import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EmulatedDongle, UsbIpServer } from '../../../src/emulator/index.ts';
import type { UsbIpAddress } from '../../../src/protocol/usbip/index.ts';
import { tcpTimer, tellsTcpTimers } from '../../support/tcp-timer.ts';
import { Importer } from '../../support/usbip-importer.ts';
import { newDongle, temporaryFolder } from '../../support/usbip-server.ts';

async function refusal(address: UsbIpAddress) {
  const server = new UsbIpServer([]);
  try {
    await server.listen(address);
  } catch (error) {
    return error;
  } finally {
    await server.close();
  }
  return undefined;
}

test('a unix socket is this user’s alone, and gone afterwards', async () => {
  const path = join(temporaryFolder(), 'a.sock');
  const umask = process.umask();
  const server = new UsbIpServer([]);
  await server.listen({ path });
  expect(lstatSync(path).mode & 0o777).toBe(0o600);
  expect(process.umask()).toBe(umask);
  await server.close();
  expect(existsSync(path)).toBe(false);
});

test('a TCP port, and the real one where any will do', async () => {
  await using server = new UsbIpServer([]);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  expect(address).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
  expect('port' in address && address.port).toBeGreaterThan(0);
});

test.skipIf(!tellsTcpTimers)(
  'an importer whose machine is gone is noticed, however long nothing is to be said',
  async () => {
    await using server = new UsbIpServer([{ dongle: await newDongle() }]);
    const address = await server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = address as { port: number };
    const socket = connect(port);
    await new Importer(socket).import('1-1');
    expect(tcpTimer(port, socket.localPort as number)).toBe('keepalive');
    socket.destroy();
  },
);

test('a unix socket that nobody listens on is replaced', async () => {
  const path = join(temporaryFolder(), 'a.sock');
  // A process that is killed leaves its socket file behind.
  const program = join(temporaryFolder(), 'killed.mjs');
  writeFileSync(
    program,
    `import { createServer } from 'node:net';
     createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'));`,
  );
  spawnSync(process.execPath, [program]);
  expect(lstatSync(path).isSocket()).toBe(true);
  await using server = new UsbIpServer([]);
  await server.listen({ path });
  expect(await (await Importer.connect(path)).list()).toEqual([]);
});

test('a unix socket that somebody listens on is not', async () => {
  const path = join(temporaryFolder(), 'a.sock');
  await using server = new UsbIpServer([]);
  await server.listen({ path });
  expect(await refusal({ path })).toMatchObject({
    code: 'ADDRESS_IN_USE',
    layer: 'link',
    retry: 'again',
    message: `Another program listens on ${path}; stop it or choose another with --usbip unix:PATH.`,
  });
  expect(await (await Importer.connect(path)).list()).toEqual([]);
});

test('a file that is no socket is left alone', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'notes');
  const link = join(folder, 'link');
  symlinkSync(path, link);
  for (const each of [path, link]) {
    expect(await refusal({ path: each })).toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: `${each} exists and is not a socket; choose another with --usbip unix:PATH.`,
    });
  }
  expect(lstatSync(path).size).toBe(5);
});

test('a port that is taken', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  expect(await refusal({ host: '127.0.0.1', port })).toMatchObject({
    code: 'ADDRESS_IN_USE',
    message: `Port ${port} on 127.0.0.1 is taken by another program; stop it or choose another with --usbip 127.0.0.1:PORT.`,
  });
  other.close();
});

test('an address that cannot be listened on', async () => {
  expect(await refusal({ host: '127.0.0.1', port: 70_000 })).toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
  expect(await refusal({ path: join(temporaryFolder(), 'none', 'a.sock') })).toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: expect.stringMatching(
      /^Cannot listen on .*a\.sock: there is no such folder; choose another/,
    ),
  });
  expect(await refusal({ path: `/tmp/${'x'.repeat(200)}` })).toMatchObject({
    code: 'INVALID_ARGUMENT',
  });
});

test.each([
  ['an address', '192.0.2.1'],
  ['a name', 'nobody.invalid'],
])('%s that is not of this machine', async (_, host) => {
  await using server = new UsbIpServer([]);
  await expect(server.listen({ host, port: 1, anyone: true })).rejects.toMatchObject({
    code: 'INVALID_ARGUMENT',
    message: `${host} is no address of this machine; listen on one of its own, such as 127.0.0.1.`,
  });
});

test.each(['0.0.0.0', '::', '192.168.1.2', 'example.org', '127.0.0.1.example.org', '128.0.0.1'])(
  '%s needs to be allowed',
  async (host) => {
    expect(await refusal({ host, port: 0 })).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('no authentication'),
    });
  },
);

test('an address that others reach, allowed', async () => {
  await using server = new UsbIpServer([]);
  expect(await server.listen({ host: '0.0.0.0', port: 0, anyone: true })).toMatchObject({
    host: '0.0.0.0',
  });
});

test('a dongle that does not boot is told at once', async () => {
  const server = new UsbIpServer([{ dongle: new EmulatedDongle() }]);
  const path = join(temporaryFolder(), 'a.sock');
  await expect(server.listen({ path })).rejects.toMatchObject({ code: 'FLASH_INVALID' });
  expect(existsSync(path)).toBe(false);
});

test('more dongles than fit on a bus', async () => {
  const dongle = await newDongle();
  const dongles = Array.from({ length: 128 }, () => ({ dongle }));
  expect(() => new UsbIpServer(dongles)).toThrow(/At most 127/);
  expect(new UsbIpServer(dongles.slice(1)).busIds.at(-1)).toBe('1-127');
});
