import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Order, OrderAnswer } from '../duel-orders.ts';
import { type BootResult, bootGuest } from './boot.ts';
import { hostInGuest } from './exported.ts';

/** A machine that does what it is told. */
export interface Contestant {
  /** Rejects with the guest's words where it could not do it. */
  order(order: Order): Promise<unknown>;
  /** The code of the error that an order ends with. */
  refusal(order: Order): Promise<string>;
  /** Lets the guest come to its end. */
  finish(): Promise<BootResult>;
}

/**
 * Boots a machine of its own, with its own machine id, for orders.
 *
 * @param exported - where it finds the exported dongles
 */
export async function bootContestant(
  name: string,
  machineId: string,
  exported: string,
  timeoutMs: number,
): Promise<Contestant> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const running = bootGuest({
    name: `duel-${name}`,
    program: 'test/kernel/guest/contestant.ts',
    args: [machineId, `${hostInGuest}:${port}`],
    env: { LATCHKEY_USBIP: exported },
    network: true,
    timeoutMs,
  });
  // A guest that does not come up ends the waiting.
  const socket = await Promise.race([
    once(server, 'connection').then(([socket]) => socket as Socket),
    running.then(({ folder }) => Promise.reject(new Error(`${name} has ended; see ${folder}`))),
  ]);
  server.close();
  const lines = createInterface(socket)[Symbol.asyncIterator]();

  async function ask(order: Order): Promise<OrderAnswer> {
    socket.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${name} has ended in ${order.do}`);
    return JSON.parse(value) as OrderAnswer;
  }

  return {
    async order(order) {
      const said = await ask(order);
      if (said.ok) return said.value;
      throw new Error(`${name}, ${order.do}: ${said.code}: ${said.message}`);
    },
    async refusal(order) {
      const said = await ask(order);
      if (said.ok)
        throw new Error(`${name}, ${order.do}: it worked (${JSON.stringify(said.value)})`);
      return said.code;
    },
    async finish() {
      await ask({ do: 'finish' });
      return running;
    },
  };
}
