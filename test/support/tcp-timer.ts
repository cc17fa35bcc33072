import { existsSync, readFileSync } from 'node:fs';

const table = '/proc/net/tcp';

/** Whether this system tells the timers of its connections, as Linux does. */
export const tellsTcpTimers = existsSync(table);

/** Which timer runs for the connection from that local port to another (IPv4). */
export function tcpTimer(localPort: number, remotePort: number): 'keepalive' | 'other' | undefined {
  const [local, remote] = [localPort, remotePort].map(
    (port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  ) as [string, string];
  // Columns: number, local and remote address, state, queues, timer and when it fires.
  const row = readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, from, to]) => from?.endsWith(local) && to?.endsWith(remote));
  const timer = row?.[5]?.slice(0, 2);
  if (timer === undefined || timer === '00') return undefined;
  return timer === '02' ? 'keepalive' : 'other';
}
