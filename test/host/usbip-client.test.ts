import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { UsbIpServer } from '../../src/emulator/index.ts';
import { importExported, listExported } from '../../src/host/usbip-client.ts';
import { tcpTimer, tellsTcpTimers } from '../support/tcp-timer.ts';
import { newDongle } from '../support/usbip-server.ts';

const running: ChildProcess[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** A port on which connections are neither taken nor refused, as behind many a firewall. */
async function silentPort(): Promise<number> {
  const program = `
    const server = require('node:net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, server.address().port + '\\n');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const lines = createInterface(child.stdout);
  return new Promise((resolve) => lines.once('line', (line) => resolve(Number(line))));
}

const sockets = () => process.getActiveResourcesInfo().filter((name) => /^TCP/.test(name)).length;

test('a server that says nothing is given up, and nothing stays open', async () => {
  const address = { host: '127.0.0.1', port: await silentPort() };
  const before = sockets();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  // The first two wait to be accepted, and the next ones not even for that.
  const lists = Array.from({ length: 4 }, () =>
    expect(listExported(address)).rejects.toMatchObject({ code: 'LINK_FAILED' }),
  );
  await delay(100);
  expect(sockets()).toBeGreaterThanOrEqual(before + 4);
  vi.advanceTimersByTime(10_000);
  await Promise.all(lists);
  vi.useRealTimers();
  await delay(20);
  expect(sockets()).toBe(before);
});

test.skipIf(!tellsTcpTimers)(
  'a connection for the kernel notices that the server is gone',
  async () => {
    await using server = new UsbIpServer([{ dongle: await newDongle() }]);
    const address = (await server.listen({ host: '127.0.0.1', port: 0 })) as {
      host: string;
      port: number;
    };
    const { socket } = await importExported(address, '1-1');
    expect(tcpTimer(socket.localPort as number, address.port)).toBe('keepalive');
    socket.destroy();
  },
);
