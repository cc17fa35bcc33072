import type { InEndpoint, OutEndpoint } from '../../src/emulator/board/endpoints.ts';
import type { UsbController } from '../../src/emulator/board/usb-controller.ts';
import type { Pacing } from './emulated-usb.ts';

/** How a transfer ended; `gone` when the device was unplugged. */
export interface Ending {
  readonly status: 'ok' | 'stall' | 'babble' | 'cancelled' | 'gone';
  readonly byteCount: number;
}

interface Transfer {
  readonly owner: object;
  readonly bytes: Uint8Array;
  readonly reached: Promise<void> | undefined;
  readonly finish: (ending: Ending) => void;
  byteCount: number;
  over: boolean;
}

/** An endpoint's transfers, one after the other, as a host's controller does them. */
export class EndpointPipe {
  readonly #address: number;
  readonly #endpoint: InEndpoint | OutEndpoint;
  readonly #pacing: Pacing | undefined;
  readonly #queue: Transfer[] = [];
  #running = false;
  #wake: () => void = () => {};

  constructor(usb: UsbController, address: number, pacing: Pacing | undefined) {
    const endpoint = usb.inEndpoint(address) ?? usb.outEndpoint(address);
    if (endpoint === undefined) throw new Error(`there is no endpoint ${address}`);
    this.#address = address;
    this.#endpoint = endpoint;
    this.#pacing = pacing;
    if ('watch' in endpoint) endpoint.watch(() => this.#wake());
  }

  /** @param reached - when the controller has the transfer, if not at once */
  submit(owner: object, bytes: Uint8Array, reached: Promise<void> | undefined): Promise<Ending> {
    return new Promise((finish) => {
      this.#queue.push({ owner, bytes, reached, finish, byteCount: 0, over: false });
      if (!this.#running) void this.#run();
    });
  }

  /** Ends the transfers of an owner, or all. */
  end(status: 'cancelled' | 'gone', owner?: object): void {
    for (const transfer of this.#queue.splice(0)) {
      if (owner === undefined || transfer.owner === owner) finish(transfer, status);
      else this.#queue.push(transfer);
    }
    this.#wake();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let transfer = this.#queue[0]; transfer !== undefined; transfer = this.#queue[0]) {
      if (transfer.reached !== undefined) await transfer.reached;
      const endpoint = this.#endpoint;
      const status = await ('watch' in endpoint
        ? this.#receive(endpoint, transfer)
        : this.#send(endpoint, transfer));
      // It may have been ended from outside at the last moment.
      if (status === undefined || transfer.over) continue;
      this.#queue.shift();
      finish(transfer, status);
    }
    this.#running = false;
  }

  /** Gives undefined when the transfer was ended from outside. */
  async #receive(endpoint: InEndpoint, transfer: Transfer): Promise<Ending['status'] | undefined> {
    const { bytes } = transfer;
    while (!transfer.over) {
      const woken = this.#woken();
      const before = transfer.byteCount;
      let ended = false;
      const handshake = endpoint.read(bytes.length - before, (from, start, end, isLast) => {
        const room = bytes.length - transfer.byteCount;
        bytes.set(from.subarray(start, Math.min(end, start + room)), transfer.byteCount);
        transfer.byteCount += end - start;
        ended = isLast;
      });
      if (handshake === 'stall') return 'stall';
      if (handshake === 'nak') {
        await woken;
        continue;
      }
      if (this.#pacing) await this.#pacing.carry(this.#address, transfer.byteCount - before);
      if (transfer.over) return undefined;
      if (transfer.byteCount > bytes.length) return 'babble';
      if (ended || transfer.byteCount === bytes.length) return 'ok';
    }
    return undefined;
  }

  async #send(endpoint: OutEndpoint, transfer: Transfer): Promise<Ending['status'] | undefined> {
    const { bytes } = transfer;
    do {
      const part = Math.min(endpoint.packetBytes, bytes.length - transfer.byteCount);
      if (this.#pacing) await this.#pacing.carry(this.#address, part);
      for (;;) {
        if (transfer.over) return undefined;
        const handshake = endpoint.offer(bytes, transfer.byteCount, part);
        if (handshake === 'ack') break;
        if (handshake === 'stall') return 'stall';
        const woken = this.#woken();
        endpoint.whenReady(() => this.#wake());
        await woken;
      }
      transfer.byteCount += part;
    } while (transfer.byteCount < bytes.length);
    return 'ok';
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

function finish(transfer: Transfer, status: Ending['status']): void {
  transfer.over = true;
  transfer.finish({ status, byteCount: Math.min(transfer.byteCount, transfer.bytes.length) });
}
